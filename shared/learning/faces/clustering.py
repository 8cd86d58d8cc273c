"""Faces to groups: smoothing, agglomeration under constraints, and a cut that follows the library.

1. Each face is moved towards its nearest ones, which makes people denser.
2. Groups grow along the neighbour graph by mean cosine.
3. The tree is cut where this library asks for it: the more people there are, the more alike the most alike
   strangers get, so the cut rises with how alike faces of different groups are.
4. People with thousands of faces fall into parts whose neighbour lists never meet. Parts of some size are
   told apart surely by the mean cosine of their faces as they are, so they get a graph of their own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from shared.domain.vectors import Array
from shared.learning.faces.agglomeration import Tree, agglomerate
from shared.learning.faces.constraints import Constraints
from shared.learning.faces.neighbours import Neighbours, nearest, unit


@dataclass(frozen=True, slots=True)
class ClusteringOptions:
    """Chosen on faces of half the identities of the evaluation data and on synthetic libraries.

    Attributes
    ----------
    neighbours : int
        Neighbours of a face in the graph.
    reach : float
        Cosine down to which neighbours are joined by an edge.
    smoothing : int
        Nearest faces that take part in smoothing a face.
    centre, width : float
        Angle in radians at which a neighbour weighs half in smoothing, and how fast its weight falls.
    cut, strangers : float
        Mean cosine of smoothed faces above which groups are one person, in a library where the median face's
        most alike stranger has the cosine `strangers`; elsewhere the cut moves along with that cosine.
    highest : float
        The cut goes no higher: faces of one person do not get more alike as a library grows. Beyond it, what
        is lost of people outweighs what is gained (300,000 made-up faces: best at .981 to .983).
    floor : float
        Merges are looked at down to here: those below the cut are questions for the owner.
    part : int
        Faces that make a group large enough to be told apart by its mean alone.
    part_cut : float
        Mean cosine of faces, not smoothed, above which two such groups are one person.
    """

    neighbours: int = 16
    reach: float = 0.9
    smoothing: int = 7
    centre: float = 0.30
    width: float = 0.03
    cut: float = 0.967
    strangers: float = 0.929
    highest: float = 0.983
    floor: float = 0.94
    part: int = 5
    part_cut: float = 0.94


DEFAULTS = ClusteringOptions()

STEP = 0.005
BLOCK = 65_536
ROUNDS = 5


@dataclass(frozen=True, slots=True, eq=False)
class Clustering:
    """Groups of faces, and the merges that made them.

    Attributes
    ----------
    label : (n,) int64
        Group of each face, 0 to g - 1.
    tree : Tree
        Every merge looked at, over the nodes of the constraints.
    margin : (k,) float32
        Mean cosine above the cut: where it is not negative the merge was made.
    """

    label: NDArray[np.int64]
    tree: Tree
    margin: Array

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which merges were made."""
        return self.margin >= 0


def smooth(units: Array, neighbours: Neighbours, options: ClusteringOptions = DEFAULTS) -> Array:
    """Each face moved towards its nearest ones: a step of query expansion.

    References
    ----------
    Chum, O. et al. (2007). Total recall: automatic query expansion with a generative feature model for object
    retrieval. ICCV.
    """
    moved = units.copy()
    for start in range(0, len(units), BLOCK):
        block = slice(start, start + BLOCK)
        for column in range(min(options.smoothing, neighbours.index.shape[1])):
            angle = np.arccos(np.clip(neighbours.cosine[block, column], -1.0, 1.0))
            weight = expit((options.centre - angle) / options.width).astype(np.float32)
            moved[block] += weight[:, None] * units[neighbours.index[block, column]]
        moved[block] = unit(moved[block])
    return moved


def cluster(
    units: Array, neighbours: Neighbours, constraints: Constraints, options: ClusteringOptions = DEFAULTS
) -> Clustering:
    """Group faces by person.

    Parameters
    ----------
    units : (n, 128) float32
        Unit encodings.
    neighbours : Neighbours
        Of the same faces.
    """
    node = constraints.node
    tree = agglomerate(
        _sums(smooth(units, neighbours, options), node, constraints.nodes),
        np.bincount(node, minlength=constraints.nodes),
        _edges(neighbours, node, options.reach),
        np.arange(0.99, options.floor - STEP / 2, -STEP).tolist(),
        distinct=constraints.distinct,
        apart=constraints.apart,
    )
    margin = tree.similarity - np.float32(_library_cut(tree, node, neighbours, options))
    parts = _merge_parts(tree.cut(margin >= 0), units, constraints, options)
    whole = tree.joined(parts)
    margin = np.concatenate([margin, parts.similarity - np.float32(options.part_cut)])
    return Clustering(whole.cut(margin >= 0)[node], whole, margin)


def _library_cut(
    tree: Tree, node: NDArray[np.int64], neighbours: Neighbours, options: ClusteringOptions
) -> float:
    """The cut this library asks for, where cutting there and measuring strangers agree."""
    cut = options.cut
    for _ in range(ROUNDS):
        label = tree.cut(tree.similarity >= cut)[node]
        strangers = np.where(label[neighbours.index] != label[:, None], neighbours.cosine, -1.0)
        closest = strangers.max(axis=1, initial=-1.0)
        closest = closest[closest > 0]
        if not len(closest):
            break
        cut = min(options.highest, options.cut + float(np.median(closest)) - options.strangers)
    return cut


def _merge_parts(
    group: NDArray[np.int64], units: Array, constraints: Constraints, options: ClusteringOptions
) -> Tree:
    """Merges among the large groups, as a tree over the nodes."""
    node = constraints.node
    label = group[node]
    sizes = np.bincount(label)
    large = np.flatnonzero(sizes >= options.part)
    first_node = np.full(len(sizes), constraints.nodes, dtype=np.int64)
    np.minimum.at(first_node, group, np.arange(constraints.nodes))
    place = np.full(len(sizes), -1, dtype=np.int64)
    place[large] = np.arange(len(large))
    member = place[label] >= 0
    sums = _sums(units[member], place[label[member]], len(large))
    distinct = np.full(len(sizes), -1, dtype=np.int64)
    np.maximum.at(distinct, group, constraints.distinct)
    apart = place[group[constraints.apart]]
    graph = nearest(unit(sums), options.neighbours)
    tree = agglomerate(
        sums,
        sizes[large],
        _edges(graph, np.arange(len(large)), options.reach),
        [options.part_cut + STEP, options.part_cut],
        distinct=distinct[large],
        apart=apart[(apart >= 0).all(axis=1)],
    )
    return Tree(constraints.nodes, first_node[large][tree.pairs], tree.similarity, tree.sizes)


def _sums(vectors: Array, group: NDArray[np.int64], groups: int) -> Array:
    sums = np.zeros((groups, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, group, vectors)
    return sums


def _edges(neighbours: Neighbours, node: NDArray[np.int64], cosine: float) -> NDArray[np.int64]:
    near = neighbours.cosine >= cosine
    first, second = np.repeat(node, near.sum(axis=1)), node[neighbours.index[near]]
    low, high = np.minimum(first, second), np.maximum(first, second)
    code = np.sort((low * len(node) + high)[low != high])
    code = code[np.diff(code, prepend=-1) > 0]
    return np.stack([code // len(node), code % len(node)], axis=1)
