"""How well groups match identities: B-cubed and pairwise F, with bootstrap intervals over identities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Indices = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Agreement:
    """Counts of faces by identity and group, from which every figure follows.

    Attributes
    ----------
    identity, group : (c,) int64
        Of each non-empty cell.
    count : (c,) float64
        Faces in the cell.
    identities : int
    """

    identity: Indices
    group: Indices
    count: NDArray[np.float64]
    identities: int

    @classmethod
    def of(cls, identity: NDArray[np.str_], group: Indices) -> "Agreement":
        """Agreement of two labellings of the same faces."""
        names, one = np.unique(identity, return_inverse=True)
        groups, other = np.unique(group, return_inverse=True)
        cell, count = np.unique(one * len(groups) + other, return_counts=True)
        return cls(cell // len(groups), cell % len(groups), count.astype(np.float64), len(names))

    def bcubed(self, drawn: Indices | None = None) -> tuple[float, float, float]:
        """B-cubed precision, recall and F.

        Parameters
        ----------
        drawn : (k,) int64, optional
            Identities of a bootstrap sample, with repetitions; a copy of an identity is not another one.

        References
        ----------
        Bagga, A. & Baldwin, B. (1998). Entity-based cross-document coreferencing using the vector space
        model. COLING.
        """
        weight = self._weight(drawn)
        mass = weight * self.count
        in_group = np.bincount(self.group, mass)[self.group]
        in_identity = np.bincount(self.identity, self.count)[self.identity]
        precision = float(
            (mass * self.count / np.maximum(in_group - mass + self.count, 1)).sum() / mass.sum()
        )
        recall = float((mass * self.count / in_identity).sum() / mass.sum())
        return precision, recall, _harmonic(precision, recall)

    def pairwise(self, drawn: Indices | None = None) -> float:
        """F of the pairs of faces put together."""
        weight = self._weight(drawn)
        mass = weight * self.count
        both = float((weight * self.count * (self.count - 1)).sum()) / 2
        in_identity = np.bincount(self.identity, self.count, self.identities)
        of_identity = np.bincount(self.identity, weight, self.identities) / np.maximum(
            np.bincount(self.identity, minlength=self.identities), 1
        )
        real = float((of_identity * in_identity * (in_identity - 1)).sum()) / 2
        mixed = (np.bincount(self.group, mass) ** 2 - np.bincount(self.group, mass**2)).sum() / 2
        return _harmonic(both / max(both + float(mixed), 1.0), both / max(real, 1.0))

    def _weight(self, drawn: Indices | None) -> NDArray[np.float64]:
        if drawn is None:
            return np.ones(len(self.identity))
        return np.bincount(drawn, minlength=self.identities)[self.identity].astype(np.float64)


def _harmonic(one: float, other: float) -> float:
    return 2 * one * other / (one + other) if one + other else 0.0
