"""A photo's place among sentence vectors from label names alone: search by words before anything was learned.

References
----------
.. [1] M. Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings" (ConSE), ICLR
   2014.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from shared.domain.vectors import Array
from shared.vision.text import unit

_TEMPERATURE = 1.5
_OBJECT_WEIGHT = 0.1
"""Of a COCO class seen for sure, against 1 for all of ImageNet's probabilities together."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelVectors:
    """Sentence vectors of the classes' names and of what the classes are kinds of, centred on their mean.

    Attributes
    ----------
    imagenet : (1000, 384) float32
    coco : (80, 384) float32
    """

    imagenet: Array
    coco: Array

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what the models' build wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            return cls(arrays["imagenet"].astype(np.float32), arrays["coco"].astype(np.float32))

    def place(self, probabilities: Array, class_scores: Array) -> Array:
        """The mean of the classes' vectors, weighted by how much the models see of each.

        Parameters
        ----------
        probabilities : (1000,)
            Of ImageNet's classes; flattened by a temperature of 1.5, since sure models hide second thoughts.
        class_scores : (80,)
            Best score of each COCO class.

        Returns
        -------
        (384,) float32
            Unit vector.
        """
        flattened = probabilities.astype(np.float64) ** (1 / _TEMPERATURE)
        weights = (flattened / flattened.sum()).astype(np.float32)
        return unit(weights @ self.imagenet + _OBJECT_WEIGHT * (class_scores @ self.coco))
