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
    graph = faiss.IndexHNSWFlat(units.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
    graph.hnsw.efConstruction = BUILD_EFFORT
    graph.hnsw.efSearch = max(SEARCH_EFFORT, k + 1)
    graph.add(np.ascontiguousarray(units, dtype=np.float32))
    cosine, found = graph.search(units, k + 1)
    rows = np.arange(len(units))[:, None]
    cosine = np.where((found == rows) | (found < 0), -1.0, cosine)
    found = np.where(found == rows, -1, found)
    order = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
    return Neighbours(
        np.take_along_axis(found, order, axis=1).astype(np.int32),
        np.take_along_axis(cosine, order, axis=1).astype(np.float32),
    )
