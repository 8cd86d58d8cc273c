"""Faces of a photo with encodings that tell people apart: two engines, one encoding space.

The default engine finds faces with CenterFace and encodes them with dlib's network on onnxruntime; the
other is `face_recognition` with dlib itself. Both give encodings of the space `dlib_resnet_128`, which they
may share only because `tests/unit/test_vision_face_engines.py` shows that they agree on real faces.
"""

import hashlib
import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.domain.observation import Box, Face
from shared.domain.vectors import Array
from shared.vision.alignment import CHIP_SIZE, Points, chip
from shared.vision.face_detection import FaceDetector
from shared.vision.images import Pixels, crop
from shared.vision.session import Session

ENCODING_SPACE = "dlib_resnet_128"
_FULL_SIZE = 100.0
"""Pixels between the sides of a face from which on a larger one is no better."""
_FULL_SHARPNESS = 12.0
_TURNED = 0.25
"""How far the nose of a turned face stands off, in distances between the eyes."""


@dataclass(frozen=True, slots=True, eq=False)
class EncodedFace:
    """A face before it belongs to a photo of the library; see `Face`."""

    box: Box
    score: float
    encoding: Array
    quality: float

    def of(self, photo_id: str, content_sha256: str) -> Face:
        """The same face as part of a photo."""
        identity = face_id(photo_id, content_sha256, self.box)
        return Face(identity, self.box, self.score, self.encoding, self.quality)


class FaceEngine(Protocol):
    """Finds and encodes the faces of a photo."""

    def faces(self, pixels: Pixels) -> tuple[EncodedFace, ...]:
        """Faces, left to right."""
        ...


def face_id(photo_id: str, content_sha256: str, box: Box) -> str:
    """A face's id: the same for the same photo, content and place, different for any other.

    Returns
    -------
    str
        16 hex digits; the box counts to a thousandth of the photo.
    """
    corners = ",".join(str(round(1000 * side)) for side in (box.left, box.top, box.right, box.bottom))
    return hashlib.sha256(f"{photo_id}/{content_sha256}/{corners}".encode()).hexdigest()[:16]


class OnnxFaceEngine:
    """CenterFace and dlib's 128-d network, both on onnxruntime."""

    def __init__(self, detector: FaceDetector, encoder: Session) -> None:
        self.detector = detector
        self._encoder = encoder

    def faces(self, pixels: Pixels) -> tuple[EncodedFace, ...]:
        """Faces, left to right.

        Parameters
        ----------
        pixels : (h, w, 3) uint8
        """
        height, width = pixels.shape[:2]
        found = []
        for detected in self.detector.detect(pixels):
            box = fractions(detected.box, width, height)
            cut = chip(pixels, detected.landmarks)
            side = float(min(detected.box[2:] - detected.box[:2]))
            quality = face_quality(cut, side, frontality(detected.landmarks))
            found.append(EncodedFace(box, round(detected.score, 4), self.encode(cut), quality))
        return _left_to_right(found)

    def encode(self, aligned: Pixels) -> Array:
        """The encoding of one aligned chip, (150, 150, 3) uint8 to (128,) float32."""
        values = np.ascontiguousarray(aligned.astype(np.float32).transpose(2, 0, 1)[None])
        (encoding,) = self._encoder.run({self._encoder.inputs[0]: values})
        return np.asarray(encoding[0], dtype=np.float32)


class DlibFaceEngine:
    """`face_recognition`: dlib's HOG detector, landmarks and network. Slower and finds frontal faces only."""

    def faces(self, pixels: Pixels) -> tuple[EncodedFace, ...]:
        """Faces, left to right.

        Parameters
        ----------
        pixels : (h, w, 3) uint8
        """
        import face_recognition  # seconds and 130 MB: only where this engine was chosen

        height, width = pixels.shape[:2]
        upright = np.ascontiguousarray(pixels)
        places = face_recognition.face_locations(upright)
        encodings = face_recognition.face_encodings(upright, places, model="small")
        landmarks = face_recognition.face_landmarks(upright, places, model="small")
        found = []
        for (top, right, bottom, left), encoding, marks in zip(places, encodings, landmarks, strict=True):
            box = fractions(np.array([left, top, right, bottom], np.float64), width, height)
            part = crop(pixels, box)
            if part is None:
                continue
            cut = np.asarray(Image.fromarray(part).resize((CHIP_SIZE, CHIP_SIZE)), np.uint8)
            quality = face_quality(
                cut, float(min(right - left, bottom - top)), frontality(eyes_and_nose(marks))
            )
            found.append(EncodedFace(box, 1.0, np.asarray(encoding, np.float32), quality))
        return _left_to_right(found)


class NoFaceEngine:
    """Looks for no faces."""

    def faces(self, pixels: Pixels) -> tuple[EncodedFace, ...]:  # noqa: ARG002
        """No faces."""
        return ()


def fractions(corners: NDArray[np.float64], width: int, height: int) -> Box:
    """A box in pixels as fractions of the photo, clipped to it."""
    left, top, right, bottom = np.clip(corners / [width, height, width, height], 0, 1)
    return Box(round(float(left), 4), round(float(top), 4), round(float(right), 4), round(float(bottom), 4))


def frontality(landmarks: Points) -> float:
    """How much a face looks at the camera, from how far its nose stands off the middle of its eyes; 0 to 1.

    Parameters
    ----------
    landmarks : (3 or more, 2)
        Eyes and nose come first.
    """
    eyes = landmarks[1] - landmarks[0]
    distance = float(np.hypot(*eyes))
    if distance < 1:
        return 0.0
    along = float((landmarks[2] - landmarks[:2].mean(axis=0)) @ eyes) / distance**2
    return math.exp(-0.5 * (along / _TURNED) ** 2)


def face_quality(aligned: Pixels, side: float, frontal: float) -> float:
    """How far an encoding is to be trusted: the geometric mean of size, sharpness and frontality, 0 to 1.

    Parameters
    ----------
    aligned : (150, 150, 3) uint8
    side : float
        Shorter side of the face in the photo's pixels.
    frontal : float
    """
    grey = aligned.astype(np.float32).mean(axis=2)
    laplacian = 4 * grey[1:-1, 1:-1] - grey[:-2, 1:-1] - grey[2:, 1:-1] - grey[1:-1, :-2] - grey[1:-1, 2:]
    sharpness = min(1.0, float(laplacian.std()) / _FULL_SHARPNESS)
    size = min(1.0, side / _FULL_SIZE)
    return round(float(np.cbrt(size * sharpness * frontal)), 4)


def eyes_and_nose(marks: dict[str, list[tuple[int, int]]]) -> Points:
    """Eyes, left to right in the photo, and nose, (3, 2), from the landmarks of `face_recognition`."""
    eyes = sorted(np.mean(marks[part], axis=0).tolist() for part in ("left_eye", "right_eye"))
    return np.array([*eyes, np.mean(marks["nose_tip"], axis=0)], dtype=np.float64)


def _left_to_right(faces: list[EncodedFace]) -> tuple[EncodedFace, ...]:
    return tuple(sorted(faces, key=lambda face: (face.box.left, face.box.top)))
