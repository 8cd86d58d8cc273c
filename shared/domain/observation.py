"""What models and the file say of one photo: depends on pixels and models only, never on a bundle."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.vectors import HalfVector, Vector


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle as fractions of the upright image, 0 at the top left."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Share of the image it covers, 0 to 1."""
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    def shared(self, other: "Box") -> float:
        """Share of the image that both cover, 0 to 1."""
        width = min(self.right, other.right) - max(self.left, other.left)
        height = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0.0, width) * max(0.0, height)

    def iou(self, other: "Box") -> float:
        """Intersection over union with another box, 0 to 1."""
        shared = self.shared(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def holds_centre(self, other: "Box") -> bool:
        """Whether the centre of another box lies in this one."""
        x, y = (other.left + other.right) / 2, (other.top + other.bottom) / 2
        return self.left <= x <= self.right and self.top <= y <= self.bottom


@dataclass(frozen=True, slots=True)
class Label:
    """One class of an image classifier with its probability."""

    name: str
    score: float


@dataclass(frozen=True, slots=True)
class SeenObject:
    """One thing an object detector found."""

    name: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face with its encoding in the observation's encoding space.

    Attributes
    ----------
    face_id : str
        Stable for the same content: see `shared.vision.faces.face_id`.
    encoding : (128,) float32
    quality : float
        0 to 1 from size, sharpness and frontality; low faces may join a person, never found one.
    """

    face_id: str
    box: Box
    score: float
    encoding: Vector
    quality: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a photo was taken, from the nearest city of an offline gazetteer."""

    city: str
    region: str
    country: str

    @property
    def text(self) -> str:
        """City and country as a person would write them."""
        return ", ".join(part for part in (self.city, self.country) if part)


@dataclass(frozen=True, slots=True)
class Exif:
    """What the camera wrote. `taken_at` is local time, without a zone unless the file gives one."""

    taken_at: datetime | None = None
    camera: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A face the owner named in the file (MWG or Microsoft regions), in upright fractions."""

    name: str
    box: Box


@dataclass(frozen=True, slots=True)
class FileWords:
    """What a person wrote into the file: IPTC or XMP caption, keywords and named face regions."""

    description: str | None = None
    tags: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """Everything seen in one photo, computed once for its content and the models named.

    Attributes
    ----------
    content_sha256 : str
        Of the file's bytes.
    features : dict of str to (d,) float32, or float16 as read
        One vector a feature block, named as `shared.learning.features` lists them.
    text_vector : (384,) float32
        The photo's zero-shot place in the space of sentence vectors, from label names alone.
    dhash : str
        16 hex digits of a difference hash, for near-duplicates.
    models : tuple of str
        Identities (name@sha256 prefix) of every model that took part, sorted.
    encoding_space : str
        What the face encodings are comparable with; empty where no face engine ran.
    """

    content_sha256: str
    width: int
    height: int
    format: str
    labels: tuple[Label, ...]
    objects: tuple[SeenObject, ...]
    faces: tuple[Face, ...]
    features: dict[str, HalfVector]
    text_vector: Vector
    dhash: str
    exif: Exif
    models: tuple[str, ...]
    encoding_space: str
    caption: str | None = None
    notes: tuple[str, ...] = field(default=())
