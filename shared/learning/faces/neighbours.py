"""The nearest faces of every face: exact while a library is small, an HNSW graph beyond."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array

EXACT_UP_TO = 20_000
BLOCK = 1_024
LINKS = 12
BUILD_EFFORT = 40
SEARCH_EFFORT = 32
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
    Malkov, Y. & Yashunin, D. (2020). Efficient and robust approximate nearest neighbor search using
    Hierarchical Navigable Small World graphs. IEEE TPAMI 42(4). Built on one thread from a fixed seed, the
    graph is the same for the same rows.
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
    graph = faiss.IndexHNSWFlat(points.shape[1], LINKS)
    graph.hnsw.efConstruction = BUILD_EFFORT
    graph.hnsw.efSearch = max(SEARCH_EFFORT, k + 1)
    graph.add(points)
    distance, found = graph.search(points, k + 1)
    cosine = 1.0 - distance / 2.0
    strange = (found == np.arange(len(points))[:, None]) | (found < 0)
    cosine[strange] = -1.0
    found = np.where(strange, -1, order[found])
    nearest_first = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
    index = np.empty((len(points), k), dtype=np.int32)
    likeness = np.empty((len(points), k), dtype=np.float32)
    index[order] = np.take_along_axis(found, nearest_first, axis=1)
    likeness[order] = np.take_along_axis(cosine, nearest_first, axis=1)
    return Neighbours(index, likeness)


def _principal(units: Array) -> Array:
    """The rows along the axes that hold nearly all of their variance: as far apart, in fewer dimensions.

    The axis with most variance comes first.
    """
    centred = units - units.mean(axis=0)
    variance, axes = np.linalg.eigh(centred.T @ centred)
    missing = np.cumsum(variance) / max(float(variance.sum()), 1e-12)
    kept = axes[:, missing > 1 - VARIANCE][:, ::-1]
    return np.ascontiguousarray(centred @ kept)


def _places(points: Array) -> NDArray[np.int64]:
    """An order in which rows next to each other are near each other, by halving along one axis after another.

    The graph is built and searched a sixth faster so: what is needed next is in the processor's cache.
    """
    parts = [np.arange(len(points))]
    for axis in range(min(HALVINGS, points.shape[1])):
        halves = []
        for part in parts:
            by_axis = part[np.argsort(points[part, axis], kind="stable")]
            halves += [by_axis[: len(part) // 2], by_axis[len(part) // 2 :]]
        parts = halves
    return np.concatenate(parts)
