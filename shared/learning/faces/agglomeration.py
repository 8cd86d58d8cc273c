"""Graph-restricted average linkage: merge the two groups most alike, along edges of a neighbour graph."""

import heapq
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shared.domain.vectors import Array


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """The merges of an agglomeration, in the order they were made.

    Attributes
    ----------
    nodes : int
        Number of nodes it started from, numbered from 0.
    pairs : (k, 2) int64
        One node of each of the two groups merged.
    similarity : (k,) float64
        Mean cosine of all pairs between the two groups.
    sizes : (k, 2) int64
        Number of vectors in the two groups.
    """

    nodes: int
    pairs: NDArray[np.int64]
    similarity: NDArray[np.float64]
    sizes: NDArray[np.int64]

    def cut(self, kept: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Group of each node, 0 to g - 1, when only some of the merges are made."""
        a, b = self.pairs[kept].T
        graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(self.nodes, self.nodes))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def agglomerate(
    sums: Array,
    sizes: NDArray[np.int64],
    edges: NDArray[np.int64],
    floor: float,
    *,
    distinct: NDArray[np.int64],
    apart: NDArray[np.int64],
) -> Tree:
    """Merge groups of nodes by exact mean cosine of all their pairs, down to a floor.

    Parameters
    ----------
    sums : (m, d) float32
        Sum of the unit vectors of each node.
    sizes : (m,) int64
        How many vectors each node sums.
    edges : (e, 2) int64
        Pairs of nodes that may merge directly.
    distinct : (m,) int64
        Groups with different numbers (-1: none) never merge.
    apart : (c, 2) int64
        Nodes whose groups never merge, whichever path leads there.
    """
    total, size, mark = sums.astype(np.float64), sizes.astype(np.int64), distinct.copy()
    near: list[set[int]] = [set() for _ in range(len(sums))]
    foes: dict[int, set[int]] = {}
    for a, b in edges.tolist():
        near[a].add(b)
        near[b].add(a)
    for a, b in apart.tolist():
        foes.setdefault(a, set()).add(b)
        foes.setdefault(b, set()).add(a)
    version = [0] * len(sums)
    first, second = edges.T
    cosine = (total[first] * total[second]).sum(axis=1) / (size[first] * size[second])
    heap = [
        (-mean, min(a, b), max(a, b), 0, 0)
        for (a, b), mean in zip(edges.tolist(), cosine.tolist(), strict=True)
        if mean >= floor
    ]
    heapq.heapify(heap)
    merges: list[tuple[int, int, float, int, int]] = []
    while heap:
        negative, a, b, version_a, version_b = heapq.heappop(heap)
        if version[a] != version_a or version[b] != version_b or b in foes.get(a, ()):
            continue
        if mark[a] != mark[b] and mark[a] >= 0 and mark[b] >= 0:
            continue
        merges.append((a, b, -negative, int(size[a]), int(size[b])))
        total[a] += total[b]
        size[a] += size[b]
        mark[a] = max(mark[a], mark[b])
        version[a] += 1
        version[b] = -1
        for foe in foes.pop(b, set()):
            foes[foe].discard(b)
            foes[foe].add(a)
            foes.setdefault(a, set()).add(foe)
        for other in near[b]:
            near[other].discard(b)
            if other != a:
                near[other].add(a)
                near[a].add(other)
        near[b] = set()
        others = np.array(sorted(near[a]), dtype=np.int64)
        means = total[others] @ total[a] / (size[others] * size[a])
        for other, mean in zip(others.tolist(), means.tolist(), strict=True):
            if mean >= floor:
                low, high = (a, other) if a < other else (other, a)
                heapq.heappush(heap, (-mean, low, high, version[low], version[high]))
    table = np.array(merges, dtype=np.float64).reshape(-1, 5)
    return Tree(len(sums), table[:, :2].astype(np.int64), table[:, 2], table[:, 3:].astype(np.int64))
