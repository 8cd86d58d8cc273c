"""The nearest faces of every face: exact while a library is small, inverted lists beyond.

Of the 16 nearest of 100,000 and 300,000 made-up faces .91 and .88 are found. An HNSW graph (12 links, efforts
40 and 32) found .86 and .79, taking as long and half as long again.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array

EXACT_UP_TO = 20_000
BLOCK = 1_024
QUERIES = 16_384
"""Faces searched for at once: many of them look into the same lists."""

LISTS = 4.0
"""Inverted lists, times the square root of the faces."""

PROBES = 64
TRAINED = 64
STEPS = 8
"""Faces a list and steps of k-means: the lists need not be good, since many are looked into."""

CODED = 2
BITS = 4
"""Dimensions of one code, and its bits: what the processor's registers compare 32 at a time."""

RANKED = 8
"""Candidates by code that are compared exactly, times the neighbours wanted."""

HALVINGS = 11
VARIANCE = 0.9999
"""Share of the variance that neighbours are searched in: dlib's encodings keep it in 80 of 128 dimensions."""


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The k nearest other faces of each of n faces, nearest first.

    Attributes
    ----------
    index : (n, k) int32
        Row of the neighbour; -1 where a face has fewer.
    cosine : (n, k) float32
        Cosine similarity; -1 where there is no neighbour.
    """

    index: NDArray[np.int32]
    cosine: Array


def unit(vectors: Array) -> Array:
    """Rows scaled to length 1; a row of zeros stays one.

    dlib trains for Euclidean distance, but the length of its encodings (1.2 to 1.7) says more of the picture
    than of the person: angles group better than distances.
    """
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-12), dtype=np.float32)


def nearest(units: Array, k: int) -> Neighbours:
    """The k nearest rows of every row by cosine, itself left out.

    Parameters
    ----------
    units : (n, d) float32
        Rows of length 1.

    References
    ----------
    Jégou, H., Douze, M. & Schmid, C. (2011). Product quantization for nearest neighbor search. IEEE TPAMI
    33(1).
    André, F., Kermarrec, A.-M. & Le Scouarnec, N. (2015). Cache locality is not enough: high-performance
    nearest neighbor search with product quantization fast scan. PVLDB 9(4).

    Trained on one thread from a fixed seed, the lists are the same for the same rows.
    """
    k = min(k, len(units) - 1)
    if k < 1:
        return Neighbours(np.zeros((len(units), 0), np.int32), np.zeros((len(units), 0), np.float32))
    return _exact(units, k) if len(units) <= EXACT_UP_TO else _approximate(units, k)


def _exact(units: Array, k: int) -> Neighbours:
    index = np.empty((len(units), k), dtype=np.int32)
    cosine = np.empty((len(units), k), dtype=np.float32)
    for start in range(0, len(units), BLOCK):
        rows = np.arange(start, min(start + BLOCK, len(units)))
        scores = units[rows] @ units.T
        scores[np.arange(len(rows)), rows] = -2.0
        top = np.sort(np.argpartition(-scores, k - 1, axis=1)[:, :k], axis=1)
        values = np.take_along_axis(scores, top, axis=1)
        order = np.argsort(-values, axis=1, kind="stable")
        index[rows] = np.take_along_axis(top, order, axis=1)
        cosine[rows] = np.take_along_axis(values, order, axis=1)
    return Neighbours(index, cosine)


def _approximate(units: Array, k: int) -> Neighbours:
    import faiss  # a second at import, and only large libraries need it

    faiss.omp_set_num_threads(1)
    points = _principal(units)
    order = _places(points)
    points = points[order]
    ranked = faiss.IndexRefineFlat(_lists(points), faiss.swig_ptr(points))
    ranked.k_factor = RANKED
    index = np.full((len(points), k), -1, dtype=np.int32)
    likeness = np.full((len(points), k), -1.0, dtype=np.float32)
    for start in range(0, len(points), QUERIES):
        rows = np.arange(start, min(start + QUERIES, len(points)))
        distance, found = ranked.search(points[rows], k + 1)
        cosine = 1.0 - distance / 2.0
        strange = (found == rows[:, None]) | (found < 0)
        cosine[strange] = -1.0
        found = np.where(strange, -1, order[found])
        nearest_first = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
        index[order[rows]] = np.take_along_axis(found, nearest_first, axis=1)
        likeness[order[rows]] = np.take_along_axis(cosine, nearest_first, axis=1)
    return Neighbours(index, likeness)


def _lists(points: Array) -> Any:
    """Inverted lists of the rows, by short codes. faiss has no types."""
    import faiss

    count, dimensions = points.shape
    lists = int(LISTS * np.sqrt(count))
    index = faiss.IndexIVFPQFastScan(
        faiss.IndexFlatL2(dimensions), dimensions, lists, dimensions // CODED, BITS
    )
    index.cp.niter = STEPS
    index.train(points[:: max(1, count // (lists * TRAINED))])
    index.add(points)
    index.nprobe = PROBES
    return index


def _principal(units: Array) -> Array:
    """The rows along the axes that hold nearly all of their variance: as far apart, in fewer dimensions.

    The axis with most variance comes first. Axes of zeros make their number a multiple of `CODED`.
    """
    centred = units - units.mean(axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred)
    missing = np.cumsum(variance) / max(float(variance.sum()), 1e-12)
    kept = axes[:, missing > 1 - VARIANCE][:, ::-1]
    kept = np.pad(kept, ((0, 0), (0, -kept.shape[1] % CODED)))
    return np.ascontiguousarray(centred @ kept)


def _places(points: Array) -> NDArray[np.int64]:
    """An order in which rows next to each other are near each other, by halving along one axis after another.

    Searching is a sixth faster so: what is needed next is in the processor's cache.
    """
    parts = [np.arange(len(points))]
    for axis in range(min(HALVINGS, points.shape[1])):
        halves = []
        for part in parts:
            by_axis = part[np.argsort(points[part, axis], kind="stable")]
            halves += [by_axis[: len(part) // 2], by_axis[len(part) // 2 :]]
        parts = halves
    return np.concatenate(parts)
