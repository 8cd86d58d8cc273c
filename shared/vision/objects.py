"""Objects in a photo: SSD's anchors decoded to boxes, suppressed to one box a thing.

References
----------
.. [1] W. Liu et al., "SSD: Single Shot MultiBox Detector", ECCV 2016, section 2.2.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from shared.domain.errors import ModelUnavailable
from shared.domain.observation import Box, SeenObject
from shared.domain.vectors import Array
from shared.vision.coco import CLASS_NAMES, IDS
from shared.vision.images import Pixels, model_input
from shared.vision.manifest import ModelEntry
from shared.vision.session import Session

_GRIDS = (19, 10, 5, 3, 2, 1)
_SCALES = (0.2, 0.35, 0.5, 0.65, 0.8, 0.95, 1.0)
_ASPECTS = (1.0, 2.0, 0.5, 3.0, 0.3333)
_FIRST = ((0.1, 1.0), (0.2, 2.0), (0.2, 0.5))
"""Scale and aspect of the finest grid's anchors, which are fewer."""
_CENTRE_VARIANCE, _SIZE_VARIANCE = 10.0, 5.0
_OVERLAP = 0.5
_MAX_OBJECTS = 50


@dataclass(frozen=True, slots=True, eq=False)
class Detected:
    """What the detector makes of a photo.

    Attributes
    ----------
    objects : tuple of SeenObject
        Best first, after suppression.
    class_scores : (80,) float32
        Best score of each class over all anchors, before suppression.
    fine, coarse : (1280,) and (1024,) float32
        Inner maps, pooled.
    """

    objects: tuple[SeenObject, ...]
    class_scores: Array
    fine: Array
    coarse: Array


class ObjectDetector:
    """SSD-MobileNetV2 on COCO's classes."""

    def __init__(self, session: Session, entry: ModelEntry) -> None:
        if entry.preprocessing is None:
            raise ModelUnavailable(f"Model {entry.name} needs preprocessing in its manifest entry")
        self._session = session
        self._preprocessing = entry.preprocessing
        self._floor = float(entry.options.get("floor", 0.3))

    def detect(self, pixels: Pixels) -> Detected:
        """Find objects in a photo.

        Parameters
        ----------
        pixels : (h, w, 3) uint8
        """
        feeds = {self._session.inputs[0]: model_input(pixels, self._preprocessing)}
        offsets, scores, fine, coarse = self._session.run(feeds, ("boxes", "scores", "fine", "coarse"))
        known = np.asarray(scores[0][:, list(IDS)], np.float32)
        objects = suppress(decode(offsets[0]), known, floor=self._floor)
        return Detected(objects, known.max(axis=0), fine[0].astype(np.float32), coarse[0].astype(np.float32))


@cache
def anchors() -> NDArray[np.float64]:
    """Centre y, centre x, height, width of every anchor as fractions, in the network's order; (1917, 4)."""
    rows = []
    for level, side in enumerate(_GRIDS):
        between = float(np.sqrt(_SCALES[level] * _SCALES[level + 1]))
        shapes = _FIRST if level == 0 else (*((_SCALES[level], a) for a in _ASPECTS), (between, 1.0))
        for y in range(side):
            for x in range(side):
                for scale, aspect in shapes:
                    root = np.sqrt(aspect)
                    rows.append(((y + 0.5) / side, (x + 0.5) / side, scale / root, scale * root))
    return np.array(rows)


def decode(offsets: Array) -> NDArray[np.float64]:
    """Boxes from offsets to their anchors.

    Parameters
    ----------
    offsets : (1917, 4)
        Centre y, centre x, height, width, as Faster R-CNN encodes them.

    Returns
    -------
    (1917, 4) float64
        Left, top, right, bottom as fractions, clipped to the photo.
    """
    base = anchors()
    centres = offsets[:, :2] / _CENTRE_VARIANCE * base[:, 2:] + base[:, :2]
    halves = np.exp(offsets[:, 2:] / _SIZE_VARIANCE) * base[:, 2:] / 2
    top_left, bottom_right = centres - halves, centres + halves
    corners = np.hstack([top_left[:, ::-1], bottom_right[:, ::-1]])
    return np.asarray(np.clip(corners, 0.0, 1.0), np.float64)


def suppress(boxes: NDArray[np.float64], scores: Array, *, floor: float) -> tuple[SeenObject, ...]:
    """Keep the best box of each thing: class by class, overlapping boxes of lower score go.

    Parameters
    ----------
    boxes : (n, 4) left, top, right, bottom
    scores : (n, 80)
    floor : float
        Least score.
    """
    found = []
    for index in np.flatnonzero(scores.max(axis=0) >= floor):
        rows = np.flatnonzero(scores[:, index] >= floor)
        for row in keep(boxes[rows], scores[rows, index], _OVERLAP):
            box = Box(*(round(float(value), 4) for value in boxes[rows[row]]))
            score = round(float(scores[rows[row], index]), 4)
            found.append(SeenObject(CLASS_NAMES[index], score, box))
    found.sort(key=lambda seen: (-seen.score, seen.name, seen.box.left, seen.box.top))
    return tuple(found[:_MAX_OBJECTS])


def keep(boxes: NDArray[np.float64], scores: Array, overlap: float) -> list[int]:
    """Greedy non-maximum suppression: rows that stay, best first.

    Parameters
    ----------
    boxes : (n, 4) left, top, right, bottom
    scores : (n,)
    overlap : float
        Intersection over union above which the lower score goes.
    """
    areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
    left = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while left.size:
        first, rest = left[0], left[1:]
        kept.append(int(first))
        corner = np.maximum(boxes[rest, :2], boxes[first, :2])
        opposite = np.minimum(boxes[rest, 2:], boxes[first, 2:])
        shared = np.prod(np.clip(opposite - corner, 0, None), axis=1)
        union = areas[rest] + areas[first] - shared
        left = rest[shared <= overlap * np.maximum(union, 1e-12)]
    return kept
