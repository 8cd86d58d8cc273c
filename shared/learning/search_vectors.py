"""Where a photo without words stands among sentence vectors: learned from the photos that have words.

A ridge from the photo's kernel features to the text vector of the owner's words gives d; the text vector of
its model labels, centred over the library, gives z. The photo stands at d + 0.5 z, and photos that are close
to everything ("hubs") give back some of their score to every query.

References
----------
Norouzi, M. et al. (2014). Zero-Shot Learning by Convex Combination of Semantic Embeddings. ICLR.
Dinu, G., Lazaridou, A. & Baroni, M. (2015). Improving zero-shot learning by mitigating the hubness problem.
ICLR workshop.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain import arrays as npz
from shared.domain.dataset import Plan, Shard
from shared.domain.vectors import Array
from shared.learning.ridge import RidgeSums, unit_rows
from shared.learning.worded import worded

MODEL = "search_index.npz"
PENALTY = 0.3
ZERO_SHOT_SHARE = 0.5
HUB_SHARE = 0.4
HUB_NEIGHBOURS = 20


@dataclass(frozen=True, slots=True, eq=False)
class PlaceSums:
    """Second moments from kernel features to centred text vectors, and the mean of the zero-shot ones.

    Attributes
    ----------
    ridge : RidgeSums
    zero_shot : (d,) float64
        Sum over all photos, worded or not.
    photos : int
    """

    ridge: RidgeSums
    zero_shot: NDArray[np.float64]
    photos: int

    @classmethod
    def observe(cls, shard: Shard, plan: Plan) -> "PlaceSums":
        """Sum one shard."""
        seen = worded(shard, plan)
        targets = shard.words[seen.rows] - plan.text_mean
        return cls(
            RidgeSums.observe(seen.phi, [targets], seen.held_out),
            shard.zero_shot.sum(axis=0, dtype=np.float64),
            len(shard),
        )

    def __add__(self, other: "PlaceSums") -> "PlaceSums":
        return PlaceSums(
            self.ridge + other.ridge, self.zero_shot + other.zero_shot, self.photos + other.photos
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        return {
            **{f"place.{name}": array for name, array in self.ridge.arrays().items()},
            "place.zero_shot": self.zero_shot,
            "place.photos": np.asarray(self.photos),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "PlaceSums":
        """Read back what `arrays` gave."""
        ridge = {name: arrays[f"place.{name}"] for name in ("gram", "cross")}
        return cls(
            RidgeSums.from_arrays(ridge),
            arrays["place.zero_shot"].astype(np.float64),
            int(arrays["place.photos"]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class SearchSpace:
    """The learned place of photos among sentence vectors.

    Attributes
    ----------
    weights : (r, 384) float32
        From kernel features to centred text vectors.
    text_mean, zero_shot_mean : (384,) float32
    """

    weights: Array
    text_mean: Array
    zero_shot_mean: Array

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> "SearchSpace":
        """Read a bundle's file."""
        stored = npz.loads(files[MODEL])
        return cls(*(stored[name].astype(np.float32) for name in ("weights", "text_mean", "zero_shot_mean")))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `load` reads back."""
        return {
            "weights": self.weights,
            "text_mean": self.text_mean,
            "zero_shot_mean": self.zero_shot_mean,
        }

    def learned(self, phi: Array) -> Array:
        """Unit predicted places. Shapes (n, r) to (n, 384)."""
        return unit_rows(phi @ self.weights)

    def seen(self, zero_shot: Array) -> Array:
        """Unit places from label names alone, centred over the library. Shape (n, 384)."""
        return unit_rows(zero_shot - self.zero_shot_mean)

    def query(self, vectors: Array) -> Array:
        """Query vectors brought to the same centre. Shape (q, 384)."""
        return unit_rows(vectors - self.text_mean)


def place(learned: Array, seen: Array) -> Array:
    """Where photos stand for search. Shape (n, 384), float32."""
    return np.asarray(learned + ZERO_SHOT_SHARE * seen, dtype=np.float32)


def hubness(places: Array, anchors: Array) -> Array:
    """Mean of each photo's 20 highest scores against the library's text vectors (a, 384). Shape (n,)."""
    if not len(anchors):
        return np.zeros(len(places), dtype=np.float32)
    nearest = min(HUB_NEIGHBOURS, len(anchors))
    top = -np.partition(-(places @ anchors.T), nearest - 1, axis=1)[:, :nearest]
    return np.asarray(top.mean(axis=1), dtype=np.float32)


def scores(queries: Array, places: Array, hubs: Array) -> Array:
    """How well photos answer centred queries. Shapes (q, 384), (n, 384), (n,) to (q, n)."""
    return np.asarray(queries @ places.T - HUB_SHARE * hubs, dtype=np.float32)
