"""Faces to groups: neighbours, smoothing, agglomeration under constraints, and a cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from shared.domain.vectors import Array
from shared.learning.faces.agglomeration import Tree, agglomerate
from shared.learning.faces.constraints import Constraints
from shared.learning.faces.neighbours import Neighbours, unit


@dataclass(frozen=True, slots=True)
class ClusteringOptions:
    """Chosen on faces of half the identities of the evaluation data (`eye evaluate --task people`).

    Attributes
    ----------
    neighbours : int
        Neighbours of a face in the graph.
    smoothing : int
        Nearest faces that take part in smoothing a face.
    reach : float
        Angle in radians up to which neighbours are joined by an edge.
    centre, width : float
        Angle at which a neighbour weighs half in smoothing, and how fast its weight falls.
    cut : float
        Mean cosine of smoothed faces above which two groups are one person.
    margin : float
        How far below the cut merges are still looked at, as questions.
    """

    neighbours: int = 16
    smoothing: int = 7
    reach: float = 0.45
    centre: float = 0.30
    width: float = 0.03
    cut: float = 0.963
    margin: float = 0.04


DEFAULTS = ClusteringOptions()


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """Groups of faces, and the tree they were cut from.

    Attributes
    ----------
    label : (n,) int64
        Group of each face, 0 to g - 1.
    tree : Tree
        Over the nodes of the constraints.
    kept : (k,) bool
        Merges of the tree that were made.
    """

    label: NDArray[np.int64]
    tree: Tree
    kept: NDArray[np.bool_]


def smooth(units: Array, neighbours: Neighbours, options: ClusteringOptions = DEFAULTS) -> Array:
    """Each face moved towards its nearest ones: a step of query expansion, which makes people denser.

    References
    ----------
    Chum, O. et al. (2007). Total recall: automatic query expansion with a generative feature model for object
    retrieval. ICCV.
    """
    moved = units.copy()
    for column in range(min(options.smoothing, neighbours.index.shape[1])):
        angle = np.arccos(np.clip(neighbours.cosine[:, column], -1.0, 1.0))
        weight = expit((options.centre - angle) / options.width).astype(np.float32)
        moved += weight[:, None] * units[neighbours.index[:, column]]
    return unit(moved)


def cluster(
    units: Array, neighbours: Neighbours, constraints: Constraints, options: ClusteringOptions = DEFAULTS
) -> Clustering:
    """Group faces by person.

    Parameters
    ----------
    units : (n, 128) float32
    neighbours : Neighbours
        Of the same faces.
    """
    smoothed = smooth(units, neighbours, options)
    node, nodes = constraints.node, constraints.nodes
    sums = np.zeros((nodes, units.shape[1]), dtype=np.float32)
    np.add.at(sums, node, smoothed)
    tree = agglomerate(
        sums,
        np.bincount(node, minlength=nodes),
        _edges(neighbours, node, float(np.cos(options.reach))),
        options.cut - options.margin,
        distinct=constraints.distinct,
        apart=constraints.apart,
    )
    kept = tree.similarity >= options.cut
    return Clustering(tree.cut(kept)[node], tree, kept)


def _edges(neighbours: Neighbours, node: NDArray[np.int64], cosine: float) -> NDArray[np.int64]:
    row, column = np.nonzero(neighbours.cosine >= cosine)
    first, second = node[row], node[neighbours.index[row, column]]
    low, high = np.minimum(first, second), np.maximum(first, second)
    code = np.unique((low * len(node) + high)[low != high])
    return np.stack([code // len(node), code % len(node)], axis=1)
