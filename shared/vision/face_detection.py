"""Faces and their five landmarks by CenterFace.

References
----------
.. [1] Y. Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.vision.images import Pixels
from shared.vision.manifest import ModelEntry
from shared.vision.objects import keep
from shared.vision.session import Session

_STRIDE, _MULTIPLE = 4, 32
_OVERLAP = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class DetectedFace:
    """A face in pixels of the photo.

    Attributes
    ----------
    box : (4,) float64
        Left, top, right, bottom; may reach outside the photo.
    score : float
    landmarks : (5, 2) float64
        x, y of the eyes, the nose and the corners of the mouth, left to right.
    """

    box: NDArray[np.float64]
    score: float
    landmarks: NDArray[np.float64]


class FaceDetector:
    """CenterFace on photos of any size, brought to at most `max_side` pixels."""

    def __init__(self, session: Session, entry: ModelEntry) -> None:
        self._session = session
        self._floor = float(entry.options.get("floor", 0.5))
        self._max_side = int(entry.options.get("max_side", 960))

    def detect(self, pixels: Pixels) -> list[DetectedFace]:
        """Find faces, best first.

        Parameters
        ----------
        pixels : (h, w, 3) uint8
        """
        height, width = pixels.shape[:2]
        shrink = min(1.0, self._max_side / max(height, width))
        grid_h, grid_w = (
            max(1, math.ceil(side * shrink / _MULTIPLE)) * _MULTIPLE for side in (height, width)
        )
        resized = Image.fromarray(pixels).resize((grid_w, grid_h), Image.Resampling.BILINEAR)
        values = np.asarray(resized, np.float32).transpose(2, 0, 1)[None]
        outputs = self._session.run({self._session.inputs[0]: np.ascontiguousarray(values)})
        heat, sizes, shifts, points = (output[0].astype(np.float64) for output in outputs)
        rows, columns = np.nonzero(heat[0] > self._floor)
        if rows.size == 0:
            return []
        extent = np.exp(sizes[:, rows, columns]) * _STRIDE
        centre_y = (rows + shifts[0, rows, columns] + 0.5) * _STRIDE
        centre_x = (columns + shifts[1, rows, columns] + 0.5) * _STRIDE
        left, top = centre_x - extent[1] / 2, centre_y - extent[0] / 2
        boxes = np.stack([left, top, left + extent[1], top + extent[0]], axis=1)
        marks = points[:, rows, columns].reshape(5, 2, -1)
        landmarks = np.stack([marks[:, 1] * extent[1] + left, marks[:, 0] * extent[0] + top], axis=2)
        scores = heat[0, rows, columns]
        back = np.array([width / grid_w, height / grid_h])
        return [
            DetectedFace(boxes[row] * np.tile(back, 2), float(scores[row]), landmarks[:, row] * back)
            for row in keep(boxes, scores.astype(np.float32), _OVERLAP)
        ]
