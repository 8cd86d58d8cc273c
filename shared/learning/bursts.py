"""Near-duplicates: photos that a camera took in one burst, or one picture stored twice, get one number."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shared.domain.likeness import SAME_PICTURE_BITS, alike

NEIGHBOURS = 8
BANDS = 4
FOLDS = 10


def bursts(
    ids: Sequence[str],
    dhash: NDArray[np.uint64],
    taken_at: NDArray[np.float64],
    told: NDArray[np.integer[Any]] | None = None,
) -> NDArray[np.int64]:
    """Number the groups of near-duplicate photos.

    Two photos are linked when their difference hashes differ in at most 4 of 64 bits, or in at most 16
    while they were taken within two seconds. Candidates are the next neighbours in the order of each 16-bit
    band of the hash (two hashes 3 bits apart share a band) and in the order of time, so the cost is that
    of sorting.

    Parameters
    ----------
    ids : sequence of str, length n
        Hexadecimal photo ids.
    dhash : (n,) uint64
    taken_at : (n,) float64
        Seconds, NaN where unknown.
    told : (n,) int, optional
        How much the owner said of each photo: a burst is named after one of those with most.

    Returns
    -------
    (n,) int64
        The burst of each photo, `burst_name` of the smallest photo id among those: independent of the order
        of photos.
    """
    n = len(ids)
    if n == 0:
        return np.empty(0, dtype=np.int64)
    order = np.argsort(np.asarray(ids))
    hashes, times = dhash[order], taken_at[order]
    links = [_close_in_band(hashes, band) for band in range(BANDS)]
    links.append(_close_in_time(hashes, times))
    rows, columns = np.concatenate(links, axis=1)
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(n, n))
    _, component = connected_components(graph, directed=False)
    leading = np.arange(n) if told is None else np.argsort(-told[order], kind="stable")
    _, first = np.unique(component[leading], return_index=True)
    names = np.array([burst_name(ids[order[row]]) for row in leading[first]], dtype=np.int64)
    result = np.empty(n, dtype=np.int64)
    result[order] = names[component]
    return result


def burst_name(photo_id: str) -> int:
    """The number of the burst that is named after a photo."""
    return int(photo_id[:15], 16)


def fold(burst: int) -> int:
    """The fold, 0 to 9, of a burst."""
    return int(hashlib.sha256(str(burst).encode()).hexdigest(), 16) % FOLDS


def _pairs(order: NDArray[np.intp]) -> NDArray[np.intp]:
    """Rows that stand at most `NEIGHBOURS` apart in an order, as a (2, k) array."""
    steps = [
        np.stack([order[:-step], order[step:]]) for step in range(1, min(NEIGHBOURS, len(order) - 1) + 1)
    ]
    return np.concatenate(steps, axis=1) if steps else np.empty((2, 0), dtype=np.intp)


def _distance(hashes: NDArray[np.uint64], pairs: NDArray[np.intp]) -> NDArray[np.uint8]:
    bits: NDArray[np.uint8] = np.bitwise_count(hashes[pairs[0]] ^ hashes[pairs[1]])
    return bits


def _close_in_band(hashes: NDArray[np.uint64], band: int) -> NDArray[np.intp]:
    rolled = (hashes << np.uint64(16 * band)) | (hashes >> np.uint64((64 - 16 * band) % 64))
    pairs = _pairs(np.argsort(rolled, kind="stable"))
    return pairs[:, _distance(hashes, pairs) <= SAME_PICTURE_BITS]


def _close_in_time(hashes: NDArray[np.uint64], times: NDArray[np.float64]) -> NDArray[np.intp]:
    known = np.flatnonzero(np.isfinite(times))
    pairs = _pairs(known[np.argsort(times[known], kind="stable")])
    return pairs[:, alike(_distance(hashes, pairs), times[pairs[0]] - times[pairs[1]])]
