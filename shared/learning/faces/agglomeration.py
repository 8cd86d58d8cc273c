"""Graph-restricted average linkage: merge the groups most alike, along edges of a neighbour graph.

Mean cosine is reducible (a union is never more like a third group than the more like of its two parts), so
groups that are each other's best can merge at once, in any order, and give the same tree as one merge at a
time. That is what lets a round merge thousands of pairs with a few array operations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from shared.domain.vectors import Array

Indices = NDArray[np.int64]

GROWTH = 0.2
"""Share by which a group may grow in one round through groups it is the best for, but not they for it."""

BLOCK = 2_048
"""Pairs whose vectors fit the processor's cache together."""


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """The merges of an agglomeration, in the order they were made.

    Attributes
    ----------
    nodes : int
        Number of nodes it started from, numbered from 0.
    pairs : (k, 2) int64
        One node of each of the two groups merged.
    similarity : (k,) float32
        Mean cosine of all pairs between the two groups.
    sizes : (k, 2) int64
        Number of vectors in the two groups.
    """

    nodes: int
    pairs: Indices
    similarity: Array
    sizes: Indices

    def cut(self, kept: NDArray[np.bool_]) -> Indices:
        """Group of each node, 0 to g - 1, when only some of the merges are made."""
        a, b = self.pairs[kept].T
        graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(self.nodes, self.nodes))
        return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)

    def joined(self, later: "Tree") -> "Tree":
        """Both trees' merges over the same nodes."""
        return Tree(
            self.nodes,
            np.concatenate([self.pairs, later.pairs]),
            np.concatenate([self.similarity, later.similarity]),
            np.concatenate([self.sizes, later.sizes]),
        )


def agglomerate(
    sums: Array,
    sizes: Indices,
    edges: Indices,
    levels: Sequence[float],
    *,
    distinct: Indices,
    apart: Indices,
) -> Tree:
    """Merge groups of nodes by exact mean cosine of all their pairs, level by level.

    Parameters
    ----------
    sums : (m, d) float32
        Sum of the unit vectors of each node; overwritten.
    sizes : (m,) int64
        How many vectors each node sums.
    edges : (e, 2) int64
        Pairs of nodes that may merge directly, each once.
    levels : sequence of float
        Falling mean cosines: every merge above one is made before any below it.
    distinct : (m,) int64
        Groups with different numbers (-1: none) never merge.
    apart : (c, 2) int64
        Nodes whose groups never merge, whichever path leads there.

    References
    ----------
    Murtagh, F. (1983). A survey of recent advances in hierarchical clustering algorithms. The Computer
    Journal 26(4).
    Monath, N. et al. (2021). Scalable hierarchical agglomerative clustering. KDD.
    """
    forest = _Forest(sums, sizes.copy(), distinct.copy(), apart, edges, min(levels))
    for level in levels:
        while forest.merge(level):
            pass
    return forest.tree()


class _Forest:
    """Groups while they grow: a group goes by its largest first node, the others point to it."""

    def __init__(
        self, sums: Array, sizes: Indices, mark: Indices, apart: Indices, edges: Indices, floor: float
    ) -> None:
        self.sums, self.sizes, self.mark, self.apart, self.floor = sums, sizes, mark, apart, floor
        self.first, self.second = edges.T.copy()
        self.cosine = self._means(self.first, self.second)
        self._drop_useless()
        self.merges: list[tuple[Indices, Array, Indices]] = []

    def merge(self, level: float) -> bool:
        """Merge what is mutually best above a level, and small groups into their best; whether any did."""
        live = self.cosine >= level
        best = self._best(live)
        child, root = self._choose(best)
        if not len(child):
            return False
        pairs = np.stack([root, child], axis=1)
        self.merges.append((pairs, self._means(root, child), self.sizes[pairs]))
        self._absorb(child, root)
        return True

    def tree(self) -> Tree:
        """All merges made."""
        if not self.merges:
            none = np.zeros((0, 2), dtype=np.int64)
            return Tree(len(self.sums), none, np.zeros(0, dtype=np.float32), none)
        pairs, similarity, sizes = (np.concatenate(column) for column in zip(*self.merges, strict=True))
        return Tree(len(self.sums), pairs, similarity, sizes)

    def _means(self, first: Indices, second: Indices) -> Array:
        means = np.empty(len(first), dtype=np.float32)
        for start in range(0, len(first), BLOCK):
            a, b = first[start : start + BLOCK], second[start : start + BLOCK]
            dots = np.einsum("ij,ij->i", self.sums[a], self.sums[b])
            means[start : start + BLOCK] = dots / (self.sizes[a] * self.sizes[b])
        return means

    def _best(self, live: NDArray[np.bool_]) -> tuple[Indices, Array]:
        """The best partner of each group (-1: none), and how like it is; the smallest where several are."""
        nodes = len(self.sums)
        a, b, cosine = self.first[live], self.second[live], self.cosine[live]
        top = np.full(nodes, -2.0, dtype=np.float32)
        np.maximum.at(top, a, cosine)
        np.maximum.at(top, b, cosine)
        partner = np.full(nodes, nodes, dtype=np.int64)
        best_of_a, best_of_b = cosine == top[a], cosine == top[b]
        np.minimum.at(partner, a[best_of_a], b[best_of_a])
        np.minimum.at(partner, b[best_of_b], a[best_of_b])
        partner[partner == nodes] = -1
        return partner, top

    def _choose(self, best: tuple[Indices, Array]) -> tuple[Indices, Indices]:
        """Groups that merge in this round, and what each merges into."""
        partner, top = best
        nodes = np.arange(len(partner))
        has = partner >= 0
        mutual = has & (partner[partner] == nodes)
        smaller = (self.sizes < self.sizes[partner]) | (
            (self.sizes == self.sizes[partner]) & (nodes > partner)
        )
        child = np.flatnonzero(mutual & smaller)
        follows = has & ~mutual & (self.mark < 0)
        follows[follows] = ~(mutual & smaller)[partner[follows]] & ~follows[partner[follows]]
        follower = self._within_growth(np.flatnonzero(follows), partner, top)
        child = np.concatenate([child, follower])
        child = child[self._compatible(child, partner, top)]
        return child, partner[child]

    def _within_growth(self, follower: Indices, partner: Indices, top: Array) -> Indices:
        """Followers of each group, the most alike first, until it has grown enough for one round."""
        order = np.lexsort((follower, -top[follower], partner[follower]))
        follower = follower[order]
        target = partner[follower]
        grown = np.cumsum(self.sizes[follower])
        opens = np.concatenate([[True], target[1:] != target[:-1]]) if len(target) else np.zeros(0, bool)
        before = np.maximum.accumulate(np.where(opens, grown - self.sizes[follower], 0))
        return follower[grown - before <= GROWTH * self.sizes[target]]

    def _compatible(self, child: Indices, partner: Indices, top: Array) -> NDArray[np.bool_]:
        """Which merges go together: of two that must stay apart and have one target, the more alike."""
        target = np.arange(len(partner))
        target[child] = partner[child]
        merging = np.zeros(len(partner), dtype=bool)
        merging[child] = True
        a, b = self.apart.T
        clash = (target[a] == target[b]) & merging[a] & merging[b]
        a, b = a[clash], b[clash]
        loses_a = (top[a] < top[b]) | ((top[a] == top[b]) & (a > b))
        merging[np.where(loses_a, a, b)] = False
        return merging[child]

    def _absorb(self, child: Indices, root: Indices) -> None:
        np.add.at(self.sums, root, self.sums[child])
        np.add.at(self.sizes, root, self.sizes[child])
        np.maximum.at(self.mark, root, self.mark[child])
        moved = np.arange(len(self.sums))
        moved[child] = root
        changed = np.zeros(len(self.sums), dtype=bool)
        changed[root] = True
        changed[child] = True
        self.apart = np.unique(np.sort(moved[self.apart], axis=1), axis=0) if len(self.apart) else self.apart
        touched = changed[self.first] | changed[self.second]
        low = np.minimum(moved[self.first[touched]], moved[self.second[touched]])
        high = np.maximum(moved[self.first[touched]], moved[self.second[touched]])
        code = np.sort((low * len(self.sums) + high)[low != high])
        code = code[np.diff(code, prepend=-1) > 0]
        low, high = code // len(self.sums), code % len(self.sums)
        self.first = np.concatenate([self.first[~touched], low])
        self.second = np.concatenate([self.second[~touched], high])
        self.cosine = np.concatenate([self.cosine[~touched], self._means(low, high)])
        self._drop_useless()

    def _drop_useless(self) -> None:
        """Leave out edges that may not be used, and those below every level: being reducible they stay so."""
        nodes = len(self.sums)
        low, high = np.minimum(self.first, self.second), np.maximum(self.first, self.second)
        banned = np.sort(self.apart, axis=1)
        forbidden = np.isin(low * nodes + high, banned[:, 0] * nodes + banned[:, 1])
        marked = self.mark[low], self.mark[high]
        forbidden |= (marked[0] >= 0) & (marked[1] >= 0) & (marked[0] != marked[1])
        keep = ~forbidden & (self.cosine >= self.floor)
        if not keep.all():
            self.first, self.second, self.cosine = self.first[keep], self.second[keep], self.cosine[keep]
