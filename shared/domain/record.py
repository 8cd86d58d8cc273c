"""A record: observation, owner's words and enhancement of one photo, each part with one writer."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.domain.observation import Box, FileWords, Observation
from shared.domain.vectors import Vector


class Source(StrEnum):
    """Who said a tag or a sentence."""

    OWNER = "owner"
    LEARNED = "learned"
    MODEL = "model"


class Status(StrEnum):
    """Where a photo stands."""

    ANALYZED = "analyzed"
    QUARANTINED = "quarantined"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag of a photo: who said it, how sure (calibrated probability, 0 to 1) and why in a few words."""

    tag: str
    source: Source
    score: float
    why: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A description: who said it, how sure (0 to 1) and why."""

    text: str
    source: Source
    score: float = 1.0
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Appearance:
    """A face of the photo given to a person. `source` is owner where a human confirmed it."""

    face_id: str
    person_id: str
    name: str | None
    score: float
    source: Source


@dataclass(frozen=True, slots=True, eq=False)
class Standpoint:
    """Where a photo stands among sentence vectors, by its pixels alone.

    A query of length 1, centred as the bundle says, scores its dot product with `vector` less `offset`.

    Attributes
    ----------
    vector : (384,) float32
    """

    vector: Vector
    offset: float


@dataclass(frozen=True, slots=True)
class Enhancement:
    """What one bundle (or none: `bundle` is None) makes of an observation and the owner's words.

    Attributes
    ----------
    generic : str
        What the models alone say: the "before".
    tags : tuple of Tag
        Applied ones, owner's first, best first.
    suggestions : tuple of Tag
        Below the precision asked for applying; for the owner to accept or dismiss.
    stands : Standpoint or None
        For search; None before anything was learned.
    """

    bundle: str | None
    generic: str
    description: Sentence
    tags: tuple[Tag, ...]
    suggestions: tuple[Tag, ...] = ()
    people: tuple[Appearance, ...] = ()
    stands: Standpoint | None = None


@dataclass(frozen=True, slots=True)
class NamedFace:
    """The owner's word on one face: a name for a box, from a region in the file or a correction."""

    name: str
    box: Box
    face_id: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OwnerWords:
    """The fold of the file's words and all corrections: the only thing ever learned from.

    Attributes
    ----------
    tags, removed_tags : tuple of str
        Disjoint; a removed tag is never applied to this photo again and counts against it in learning.
    dismissed : tuple of str
        Suggestions the owner did not want here; weaker than removed.
    text_vector : (384,) float32 or None
        Unit vector of the words (`shared.vision.text.words_vector`), None where there are no words.
    applied : tuple of str
        Ids of the corrections folded in, sorted.
    """

    description: str | None = None
    tags: tuple[str, ...] = ()
    removed_tags: tuple[str, ...] = ()
    dismissed: tuple[str, ...] = ()
    faces: tuple[NamedFace, ...] = ()
    text_vector: Vector | None = None
    applied: tuple[str, ...] = ()

    @property
    def any(self) -> bool:
        """Whether a person said anything of the photo's content."""
        return bool(self.description or self.tags)


@dataclass(frozen=True, slots=True)
class Origin:
    """Which object the record is of, and which version of it was looked at."""

    bucket: str
    key: str
    etag: str
    size: int
    sequencer: str
    uploaded_at: datetime


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One photo as the library knows it."""

    photo_id: str
    origin: Origin
    status: Status
    observation: Observation | None = None
    file_words: FileWords = field(default_factory=FileWords)
    owner: OwnerWords = field(default_factory=OwnerWords)
    enhancement: Enhancement | None = None
    reason: str | None = None
    updated_at: datetime | None = None
