"""One photo through all models to its observation."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, Protocol, Self

import numpy as np

from shared.domain.errors import InvalidInput
from shared.domain.observation import Exif, Label, Observation, SeenObject
from shared.domain.vectors import Array
from shared.vision import faces as face_engines
from shared.vision.animal_faces import of_people
from shared.vision.captions import Captioner
from shared.vision.clip import Clip
from shared.vision.coco import PERSON
from shared.vision.face_detection import FaceDetector
from shared.vision.features import box_bins, crop_embedding, mean_view
from shared.vision.images import Pixels, views
from shared.vision.labels import Classifier, read_names
from shared.vision.manifest import Manifest, ModelEntry, Task
from shared.vision.objects import ObjectDetector
from shared.vision.readable import labels
from shared.vision.session import OrtSession, Session
from shared.vision.zero_shot import LabelVectors

FaceEngineName = Literal["onnx", "dlib", "off"]

REVISION = "4"
"""Counts up when the same models would see something else in the same photo."""
LITE2, LITE3 = "efficientnet_lite2", "efficientnet_lite3"
DETECTOR = "ssd_mobilenet_v2_coco"
FACE_DETECTOR, FACE_ENCODER = "centerface", "dlib_face_resnet_128"
LABEL_VECTORS = "label_vectors"
_VIEWS = (1, 7)
_EMBEDDING = 1280
_LABELS, _LABEL_FLOOR = 10, 0.05


class PhotoLike(Protocol):
    """What is observed of a decoded photo; `shared.photos.Photo` is one."""

    @property
    def pixels(self) -> Pixels:
        """(h, w, 3) uint8, upright sRGB."""
        ...

    @property
    def width(self) -> int: ...  # noqa: D102
    @property
    def height(self) -> int: ...  # noqa: D102
    @property
    def format(self) -> str: ...  # noqa: D102
    @property
    def exif(self) -> Exif: ...  # noqa: D102
    @property
    def content_sha256(self) -> str: ...  # noqa: D102
    @property
    def dhash(self) -> str: ...  # noqa: D102
    @property
    def notes(self) -> tuple[str, ...]: ...  # noqa: D102


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What the models see in pixels: the part of an observation that is the same wherever they stand."""

    labels: tuple[Label, ...]
    objects: tuple[SeenObject, ...]
    faces: tuple[face_engines.EncodedFace, ...]
    features: dict[str, Array]
    text_vector: Array
    caption: str | None

    def of(self, photo: PhotoLike, photo_id: str, models: tuple[str, ...], space: str) -> Observation:
        """The observation of a photo that shows this."""
        return Observation(
            content_sha256=photo.content_sha256,
            width=photo.width,
            height=photo.height,
            format=photo.format,
            labels=self.labels,
            objects=self.objects,
            faces=tuple(face.of(photo_id, photo.content_sha256) for face in self.faces),
            features=dict(self.features),
            text_vector=self.text_vector,
            dhash=photo.dhash,
            exif=photo.exif,
            models=models,
            encoding_space=space,
            caption=self.caption,
            notes=photo.notes,
        )


class Observer:
    """All models of a manifest, each loaded when it is first needed.

    Parameters
    ----------
    manifest : Manifest
    face_engine : {"onnx", "dlib", "off"}
    views : {1, 7}
        How many looks the classifiers take: the whole photo, or also its mirror image, centre and corners.
    threads : int
        Threads inside a model.
    open_session : callable
        Opens a verified ONNX file.
    """

    def __init__(
        self,
        manifest: Manifest,
        *,
        face_engine: FaceEngineName = "onnx",
        views: int = 1,
        threads: int = 1,
        open_session: Callable[[Path, int], Session] = OrtSession,
    ) -> None:
        if views not in _VIEWS:
            raise InvalidInput(f"views must be one of {_VIEWS}, not {views}")
        if face_engine not in ("onnx", "dlib", "off"):
            raise InvalidInput(f"face_engine must be onnx, dlib or off, not {face_engine!r}")
        self._manifest = manifest
        self._engine_name: FaceEngineName = face_engine
        self._views = views
        self._threads = threads
        self._open_session = open_session

    @classmethod
    def load(
        cls, models_dir: Path, *, face_engine: FaceEngineName = "onnx", views: int = 1, threads: int = 1
    ) -> Self:
        """The observer of a models folder; files are verified and opened when they are first needed.

        Raises
        ------
        ModelUnavailable
            Where the models have not been built.
        """
        return cls(Manifest.load(models_dir), face_engine=face_engine, views=views, threads=threads)

    @cached_property
    def models(self) -> tuple[str, ...]:
        """Identities of everything that takes part in an observation, sorted."""
        names = [LITE2, LITE3, DETECTOR, LABEL_VECTORS]
        if self._engine_name == "onnx":
            names += [FACE_DETECTOR, FACE_ENCODER]
        identities = [self._manifest.entry(name).identity for name in names]
        optional = (self._manifest.first(task) for task in (Task.CLIP, Task.CAPTION))
        identities += [entry.identity for entry in optional if entry]
        identities.append(f"observer@{REVISION}.{self._views}")
        if self._engine_name == "dlib":
            identities.append("face_recognition@1.3")
        return tuple(sorted(identities))

    @property
    def encoding_space(self) -> str:
        """What the face encodings are comparable with, empty where no faces are looked for."""
        return "" if self._engine_name == "off" else face_engines.ENCODING_SPACE

    def observe(self, photo: PhotoLike, photo_id: str) -> Observation:
        """Look at a photo with all models.

        Parameters
        ----------
        photo : Photo
        photo_id : str

        Raises
        ------
        ModelUnavailable
            Where a model's file is missing or is not the one the manifest names.
        """
        return self.look(photo.pixels).of(photo, photo_id, self.models, self.encoding_space)

    def look(self, pixels: Pixels) -> Sight:
        """What the models see in pixels, (h, w, 3) uint8."""
        looks = views(pixels, self._views)
        lite2 = mean_view([self._lite2.classify(view) for view in looks])
        lite3 = mean_view([self._lite3.classify(view) for view in looks])
        detected = self._detector.detect(pixels)
        probabilities = np.asarray((lite2.probabilities + lite3.probabilities) / 2, np.float32)
        people = [seen for seen in detected.objects if seen.name == PERSON]
        others = [seen for seen in detected.objects if seen.name != PERSON]
        features = {
            "lite2": lite2.embedding,
            "lite3": lite3.embedding,
            "detector_fine": detected.fine,
            "detector_coarse": detected.coarse,
            "imagenet": probabilities,
            "coco": detected.class_scores,
            "person_crop": crop_embedding(pixels, people, self._embed, _EMBEDDING),
            "object_crop": crop_embedding(pixels, others, self._embed, _EMBEDDING),
            "boxes": box_bins(detected.objects),
        }
        if self._clip:
            features["clip"] = self._clip.encode_image(pixels)
        return Sight(
            labels=labels(probabilities, self._label_names, count=_LABELS, floor=_LABEL_FLOOR),
            objects=detected.objects,
            faces=of_people(self.face_engine.faces(pixels), detected.objects),
            features={name: np.asarray(block, np.float32) for name, block in features.items()},
            text_vector=self._label_vectors.place(probabilities, detected.class_scores),
            caption=self._captioner.caption(pixels) if self._captioner else None,
        )

    def _embed(self, pixels: Pixels) -> Array:
        return self._lite2.classify(pixels).embedding

    def _session(self, entry: ModelEntry) -> Session:
        return self._open_session(self._manifest.path(entry), self._threads)

    def _classifier(self, name: str) -> Classifier:
        entry = self._manifest.entry(name)
        return Classifier(self._session(entry), entry)

    @cached_property
    def _lite2(self) -> Classifier:
        return self._classifier(LITE2)

    @cached_property
    def _lite3(self) -> Classifier:
        return self._classifier(LITE3)

    @cached_property
    def _label_names(self) -> tuple[tuple[str, ...], ...]:
        return read_names(self._manifest.companion(self._manifest.entry(LITE3), "labels"))

    @cached_property
    def _detector(self) -> ObjectDetector:
        entry = self._manifest.entry(DETECTOR)
        return ObjectDetector(self._session(entry), entry)

    @cached_property
    def _label_vectors(self) -> LabelVectors:
        return LabelVectors.load(self._manifest.path(self._manifest.entry(LABEL_VECTORS)))

    @cached_property
    def face_engine(self) -> face_engines.FaceEngine:
        """What finds and encodes faces."""
        match self._engine_name:
            case "onnx":
                detector = self._manifest.entry(FACE_DETECTOR)
                encoder = self._session(self._manifest.entry(FACE_ENCODER))
                return face_engines.OnnxFaceEngine(FaceDetector(self._session(detector), detector), encoder)
            case "dlib":
                return face_engines.DlibFaceEngine()
            case "off":
                return face_engines.NoFaceEngine()

    @cached_property
    def _clip(self) -> Clip | None:
        entry = self._manifest.first(Task.CLIP)
        return Clip.open(self._manifest, entry, self._threads) if entry else None

    @cached_property
    def _captioner(self) -> Captioner | None:
        entry = self._manifest.first(Task.CAPTION)
        return Captioner.open(self._manifest, entry, self._threads) if entry else None
