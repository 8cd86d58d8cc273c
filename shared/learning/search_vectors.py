"""Where a photo without words stands among sentence vectors: learned from the photos that have words.

A ridge from the photo's kernel features to the text vector of the owner's words gives d; the text vector of
its model labels, centred over the library, gives z. A query q is answered by its cosines with d and z, and by
the likelihood that words at q were written of a photo predicted at d, under the covariance S of what the
ridge leaves over: q'S^-1 d - d'S^-1 d / 2. Photos close to everything ("hubs") give back some of their score.
All of it is one inner product and an offset a photo. How much d counts beside z is chosen on photos that d
has not learned from: a small library knows less than the labels do. Scores are brought to the scale that
cosines of unrelated words have in the library, so that photos with and without words stand in one list.

References
----------
Norouzi, M. et al. (2014). Zero-Shot Learning by Convex Combination of Semantic Embeddings. ICLR.
Duda, R., Hart, P. & Stork, D. (2001). Pattern Classification, 2.6: Gaussian discriminants.
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
LIKELIHOOD_SHARE = 2.5
COVARIANCE_SHARE = 0.5
HUB_NEIGHBOURS = 20
CUT = 0.2
BLOCK_ROWS = 512


@dataclass(frozen=True, slots=True, eq=False)
class PlaceSums:
    """Second moments of kernel features and centred text vectors, and the mean of the zero-shot ones.

    Attributes
    ----------
    ridge : RidgeSums
    spread : (384, 384) float64
        Sum of the text vectors' outer products.
    zero_shot : (d,) float64
        Sum over all photos, worded or not.
    photos : int
    """

    ridge: RidgeSums
    spread: NDArray[np.float64]
    zero_shot: NDArray[np.float64]
    photos: int

    @classmethod
    def observe(cls, shard: Shard, plan: Plan) -> "PlaceSums":
        """Sum one shard."""
        seen = worded(shard, plan)
        targets = shard.words[seen.rows] - plan.text_mean
        return cls(
            RidgeSums.observe(seen.phi, [targets], seen.held_out),
            np.asarray(targets.T @ targets.astype(np.float64), dtype=np.float64),
            shard.zero_shot.sum(axis=0, dtype=np.float64),
            len(shard),
        )

    def __add__(self, other: "PlaceSums") -> "PlaceSums":
        return PlaceSums(
            self.ridge + other.ridge,
            self.spread + other.spread,
            self.zero_shot + other.zero_shot,
            self.photos + other.photos,
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        return {
            **{f"place.{name}": array for name, array in self.ridge.arrays().items()},
            "place.spread": self.spread,
            "place.zero_shot": self.zero_shot,
            "place.photos": np.asarray(self.photos),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "PlaceSums":
        """Read back what `arrays` gave."""
        ridge = {name: arrays[f"place.{name}"] for name in ("gram", "cross")}
        return cls(
            RidgeSums.from_arrays(ridge),
            arrays["place.spread"].astype(np.float64),
            arrays["place.zero_shot"].astype(np.float64),
            int(arrays["place.photos"]),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Where n photos stand for search: the score of a centred query q is q . vector - offset.

    Attributes
    ----------
    vectors : (n, 384) float32
    offsets : (n,) float32
    """

    vectors: Array
    offsets: Array

    def scores(self, queries: Array) -> Array:
        """How well the photos answer centred queries. Shapes (q, 384) to (q, n)."""
        return np.asarray(queries @ self.vectors.T - self.offsets, dtype=np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class SearchSpace:
    """The learned place of photos among sentence vectors.

    Attributes
    ----------
    weights : (r, 384) float32
        From kernel features to centred text vectors.
    text_mean, zero_shot_mean : (384,) float32
    precision : (384, 384) float32
        Inverse of the shrunk covariance of what the ridge leaves over, at a mean variance of 1.
    share : (1,) float32
        How much the learned place counts, 0 to 1.
    scale : (2,) float32
        What a score is multiplied by, and what is added then.
    cut : (1,) float32
        The score from which on a photo answers a query whose words the library knows.
    """

    weights: Array
    text_mean: Array
    zero_shot_mean: Array
    precision: Array
    share: Array
    scale: Array
    cut: Array

    @classmethod
    def solve(cls, sums: PlaceSums, text_mean: Array) -> "SearchSpace":
        """Solve the ridge from every photo, and invert the covariance of its residuals."""
        weights = sums.ridge.solve_all(PENALTY)
        zero_shot_mean = (sums.zero_shot / max(sums.photos, 1)).astype(np.float32)
        whole, as_is = np.ones(1, dtype=np.float32), np.asarray([1.0, 0.0], dtype=np.float32)
        cut = np.full(1, CUT, dtype=np.float32)
        return cls(weights, text_mean, zero_shot_mean, _precision(sums, weights), whole, as_is, cut)

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> "SearchSpace":
        """Read a bundle's file; one written before scores had a scale is taken as it is."""
        stored = {"scale": np.asarray([1.0, 0.0]), "cut": np.full(1, CUT), **npz.loads(files[MODEL])}
        return cls(*(stored[name].astype(np.float32) for name in _ARRAYS))

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `load` reads back."""
        return {name: getattr(self, name) for name in _ARRAYS}

    def learned(self, phi: Array) -> Array:
        """Unit predicted places. Shapes (n, r) to (n, 384)."""
        return unit_rows(phi @ self.weights)

    def seen(self, zero_shot: Array) -> Array:
        """Unit places from label names alone, centred over the library. Shape (n, 384)."""
        return unit_rows(zero_shot - self.zero_shot_mean)

    def query(self, vectors: Array) -> Array:
        """Query vectors brought to the same centre. Shape (q, 384)."""
        return unit_rows(vectors - self.text_mean)

    def stand(self, phi: Array, seen: Array, anchors: Array) -> Standing:
        """Where photos stand.

        Parameters
        ----------
        phi : (n, r) float32
        seen : (n, 384) float32
            As `seen` gives it.
        anchors : (a, 384) float32
            Centred unit text vectors of the library, against which hubs are told.
        """
        predicted = phi @ self.weights
        place = self.share * unit_rows(predicted) + ZERO_SHOT_SHARE * seen
        likely = self.share * (predicted @ self.precision)
        own = np.einsum("ij,ij->i", likely, predicted)
        offsets = HUB_SHARE * _hubness(place, anchors) + 0.5 * LIKELIHOOD_SHARE * own
        vectors = place + LIKELIHOOD_SHARE * likely
        times, more = self.scale
        return Standing((times * vectors).astype(np.float32), (times * offsets - more).astype(np.float32))


_ARRAYS = ("weights", "text_mean", "zero_shot_mean", "precision", "share", "scale", "cut")


def _precision(sums: PlaceSums, weights: Array) -> Array:
    width = len(sums.spread)
    w = weights.astype(np.float64)
    gram, cross = sums.ridge.gram.sum(axis=0), sums.ridge.cross.sum(axis=0)
    explained = w.T @ cross
    residual = sums.spread - explained - explained.T + w.T @ gram @ w
    mean = float(np.trace(residual)) / width
    if mean <= 0:
        return np.eye(width, dtype=np.float32)
    shrunk = COVARIANCE_SHARE * residual / mean + (1 - COVARIANCE_SHARE) * np.eye(width)
    return np.asarray(np.linalg.inv(shrunk), dtype=np.float32)


def _hubness(places: Array, anchors: Array) -> Array:
    """Mean of each photo's 20 highest scores against the library's text vectors (a, 384). Shape (n,)."""
    if not len(anchors):
        return np.zeros(len(places), dtype=np.float32)
    nearest = min(HUB_NEIGHBOURS, len(anchors))
    blocks = []
    for start in range(0, len(places), BLOCK_ROWS):
        against = places[start : start + BLOCK_ROWS] @ anchors.T
        blocks.append(-np.partition(-against, nearest - 1, axis=1)[:, :nearest].mean(axis=1))
    return np.concatenate(blocks) if blocks else np.zeros(0, dtype=np.float32)
