"""From what is seen to names (tags, or words of descriptions): five witnesses, weighed by one logistic curve.

For a photo and a name they are: the ridge head of the name on the kernel features; the vote of the remembered
photos nearest in the learned text space; how close the learned and the zero-shot place of the photo are to
the mean place of photos with that name; and the object detector, where it knows the name. The curve is
fitted on photos none of the witnesses has learned from, so what comes out is a probability.

References
----------
Wolpert, D. (1992). Stacked Generalization. Neural Networks 5(2).
Verma, Y. & Jawahar, C. (2012). Image Annotation Using Metric Learning in Semantic Neighbourhoods. ECCV.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from shared.domain.vectors import Array
from shared.learning.blocks import each
from shared.learning.calibration import Logistic, sigmoid
from shared.learning.memory import Near
from shared.learning.sketch import pack_texts, unpack_texts

PAIRS_A_PHOTO = 40
DETECTOR_SHARE = 0.3
BLOCK_PHOTOS = 256


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """n photos as the pixel models place them.

    Attributes
    ----------
    phi : (n, r) float32
        Kernel features.
    learned, zero_shot : (n, 384) float32
        Unit places among centred sentence vectors: predicted, and from label names alone.
    near : Near
        The remembered photos nearest to the learned places.
    detected : (n, 80) float32
        Best score of each of the detector's classes.
    """

    phi: Array
    learned: Array
    zero_shot: Array
    near: Near
    detected: Array

    def __len__(self) -> int:
        return len(self.phi)

    def take(self, rows: slice | NDArray[np.intp]) -> "View":
        """Some of the photos."""
        near = Near(self.near.rows[rows], self.near.cosine[rows], self.near.share[rows])
        return View(self.phi[rows], self.learned[rows], self.zero_shot[rows], near, self.detected[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Witnesses:
    """What each name was learned as.

    Attributes
    ----------
    weights : (r, V) float32
        Ridge heads.
    centroids : (V, 384) float32
        Unit mean places of photos with the name.
    votes : (m, V) sparse float32
        What each remembered photo votes for.
    classes : (V,) int32
        The detector's class of each name, -1 where it has none.
    """

    weights: Array
    centroids: Array
    votes: csr_array
    classes: NDArray[np.int32]

    def of(self, names: slice) -> "Witnesses":
        """The witnesses for some of the names."""
        return Witnesses(
            self.weights[:, names], self.centroids[names], self.votes[:, names], self.classes[names]
        )

    def testify(self, view: View) -> Array:
        """The five witnesses for every name. Shape (n, V, 5), float32."""
        parts = [
            view.phi @ self.weights,
            self._vote(view).toarray(),
            view.learned @ self.centroids.T,
            view.zero_shot @ self.centroids.T,
            np.where(self.classes >= 0, view.detected[:, self.classes], 0.0),
        ]
        return np.stack(parts, axis=2).astype(np.float32)

    def weigh(self, view: View, weights: Array) -> Array:
        """The witnesses for every name, each times its weight (5,), in one sum. Shape (n, V), float32."""
        head, vote, learned, zero_shot, detector = weights
        place = learned * view.learned + zero_shot * view.zero_shot
        total = (head * view.phi) @ self.weights + place @ self.centroids.T
        voted = self._vote(view).tocoo()
        total[voted.coords] += vote * voted.data
        seen = np.flatnonzero(self.classes >= 0)
        total[:, seen] += detector * view.detected[:, self.classes[seen]]
        return np.asarray(total, dtype=np.float32)

    def _vote(self, view: View) -> csr_array:
        """The share of the nearest remembered photos that have each name. Shape (n, V)."""
        photos = np.repeat(np.arange(len(view)), view.near.rows.shape[1])
        shape = (len(view), self.votes.shape[0])
        share = csr_array((view.near.share.ravel(), (photos, view.near.rows.ravel())), shape=shape)
        return share @ self.votes


@dataclass(frozen=True, slots=True, eq=False)
class Namer:
    """Names with their witnesses and the curve that weighs them.

    Attributes
    ----------
    names : tuple of str
        Sorted.
    support : (V,) int64
        Photos each was learned from.
    witnesses : Witnesses
    curve : Logistic
    """

    names: tuple[str, ...]
    support: NDArray[np.int64]
    witnesses: Witnesses
    curve: Logistic

    def probabilities(self, view: View) -> Array:
        """Chance that the owner would use each name. Shape (n, V), float32."""
        base, weights = np.split(self.curve.coefficients.astype(np.float32), [1])
        chances = np.empty((len(view), len(self.names)), dtype=np.float32)

        def fill(start: int) -> None:
            rows = slice(start, start + BLOCK_PHOTOS)
            chances[rows] = sigmoid(base + self.witnesses.weigh(view.take(rows), weights))

        each(fill, range(0, len(view), BLOCK_PHOTOS))
        return chances

    def relearned(self, weights: Array, centroids: Array, remembered: NDArray[np.intp]) -> "Namer":
        """The same names as another solution learned them, with some of the remembered photos' votes."""
        votes = self.witnesses.votes[remembered]
        witnesses = replace(self.witnesses, weights=weights, centroids=centroids, votes=votes)
        return replace(self, witnesses=witnesses)

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back under the same prefix."""
        seen = self.witnesses
        own = {
            "names": pack_texts(self.names),
            "support": self.support,
            "weights": seen.weights,
            "centroids": seen.centroids.astype(np.float16),
            "votes.data": seen.votes.data.astype(np.float16),
            "votes.indices": seen.votes.indices.astype(np.int32),
            "votes.indptr": seen.votes.indptr.astype(np.int32),
            "classes": seen.classes,
            "curve": self.curve.coefficients,
        }
        return {f"{prefix}.{name}": array for name, array in own.items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> "Namer":
        """Read back what `arrays` gave."""
        names = unpack_texts(arrays[f"{prefix}.names"])
        indptr = arrays[f"{prefix}.votes.indptr"]
        parts = (
            arrays[f"{prefix}.votes.data"].astype(np.float32),
            arrays[f"{prefix}.votes.indices"],
            indptr,
        )
        return cls(
            names,
            arrays[f"{prefix}.support"].astype(np.int64),
            Witnesses(
                arrays[f"{prefix}.weights"].astype(np.float32),
                arrays[f"{prefix}.centroids"].astype(np.float32),
                csr_array(parts, shape=(len(indptr) - 1, len(names))),
                arrays[f"{prefix}.classes"].astype(np.int32),
            ),
            Logistic(arrays[f"{prefix}.curve"].astype(np.float64)),
        )


def leading_pairs(testimony: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Photo and name of the pairs worth weighing: the 40 names a photo that the witnesses favour."""
    favoured = testimony[:, :, 0] + testimony[:, :, 1] + DETECTOR_SHARE * testimony[:, :, 4]
    count = min(PAIRS_A_PHOTO, favoured.shape[1])
    top = np.argsort(-favoured, axis=1, kind="stable")[:, :count]
    return np.repeat(np.arange(len(favoured)), count), top.ravel().astype(np.int64)
