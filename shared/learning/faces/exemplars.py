"""Faces that stand for a person: typical ones, spread over how the person can look; never one centroid."""

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array

EXEMPLARS = 20
CANDIDATES = 1_000
TYPICAL = 0.9


def choose(units: Array, preferred: NDArray[np.bool_], limit: int = EXEMPLARS) -> NDArray[np.int64]:
    """Rows of at most `limit` exemplars among the faces of one person, the most typical first.

    The face most like the mean comes first; then, again and again, the one least like those chosen
    (farthest-first traversal), among the nine tenths most like the mean, so that a stray face does not stand
    for anybody.

    Parameters
    ----------
    units : (n, d) float32
        Unit encodings, in an order that does not depend on chance.
    preferred : (n,) bool
        Faces the owner confirmed: never counted as stray.

    References
    ----------
    Gonzalez, T. (1985). Clustering to minimize the maximum intercluster distance. Theoretical Computer
    Science 38.
    """
    fit = units @ units.sum(axis=0)
    order = np.lexsort((np.arange(len(units)), -fit))
    kept = order[: max(limit, int(np.ceil(TYPICAL * len(order))))]
    kept = np.concatenate([kept, order[len(kept) :][preferred[order[len(kept) :]]]])
    if len(kept) > CANDIDATES:
        kept = kept[np.linspace(0, len(kept) - 1, CANDIDATES).astype(np.int64)]
    if len(kept) <= limit:
        return kept
    chosen = [0]
    nearest = units[kept] @ units[kept[0]]
    while len(chosen) < limit:
        nearest[chosen[-1]] = np.inf
        chosen.append(int(np.argmin(nearest)))
        nearest = np.maximum(nearest, units[kept] @ units[kept[chosen[-1]]])
    return kept[chosen]


def allowance(sizes: NDArray[np.int64], budget: int, limit: int = EXEMPLARS) -> int:
    """Exemplars a person may have, so that all people together stay within a budget of exemplars."""
    while limit > 1 and int(np.minimum(sizes, limit).sum()) > budget:
        limit -= 1
    return limit
