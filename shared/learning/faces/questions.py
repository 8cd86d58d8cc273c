"""What to ask the owner: "same person?", the most useful question first."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from shared.domain.people import ConfirmFace, MergePeople, PartPeople, PeopleWord, RejectFace, SplitPerson
from shared.domain.vectors import Array
from shared.learning.faces.clustering import DEFAULTS, Clustering
from shared.learning.faces.constraints import Constraints

WIDTH = 0.008
LIMIT = 200


@dataclass(frozen=True, slots=True)
class Question:
    """Whether these faces and those faces are the same person.

    Attributes
    ----------
    person_id, other_id : str
        People of the two sides; the same where a person may be two. A side that is a lone face has the id a
        person made of it would have.
    faces, others : tuple of str
        Faces of the two sides, the most typical first; `others` is all of them where a person may be two.
    lone : bool
        Whether `others` is one face that belongs to nobody yet.
    probability : float
        Of a yes, as far as the library knows.
    gain : float
        How many faces an answer is expected to set right, the order of the questions.
    """

    person_id: str
    other_id: str
    faces: tuple[str, ...]
    others: tuple[str, ...]
    lone: bool
    probability: float
    gain: float

    def words(self, same: bool) -> tuple[PeopleWord, ...]:
        """What an answer says, as words to record."""
        if self.person_id == self.other_id:
            if not same:
                return (SplitPerson(self.person_id, self.others),)
            return (ConfirmFace(self.faces[0], self.person_id), ConfirmFace(self.others[0], self.person_id))
        if self.lone:
            if not same and len(self.faces) == 1:
                founder = ConfirmFace(self.faces[0], self.person_id)
                return (founder, RejectFace(self.others[0], self.person_id))
            if not same:
                return (RejectFace(self.others[0], self.person_id),)
            return (ConfirmFace(self.faces[0], self.person_id), ConfirmFace(self.others[0], self.person_id))
        if same:
            return (MergePeople(self.person_id, self.other_id),)
        return (PartPeople(self.person_id, self.other_id),)

    def plain(self) -> dict[str, Any]:
        """The question as plain builtins."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Question":
        """Read back what `plain` gave."""
        values: dict[str, Any] = {n: tuple(v) if isinstance(v, list) else v for n, v in plain.items()}
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A merge near the cut: two sets of faces (rows) that may or may not be one person."""

    rows: NDArray[np.int64]
    others: NDArray[np.int64]
    merged: bool
    probability: float
    gain: float


def doubts(clustering: Clustering, node: NDArray[np.int64], limit: int = LIMIT) -> list[Doubt]:
    """The merges most worth asking about: the last one of each group, and the best between groups.

    A wrong merge of groups of a and b faces spoils 2ab / (a + b) of them (B-cubed); times the probability
    that what was done is wrong, that is what an answer is worth.
    """
    tree, kept = clustering.tree, clustering.kept
    group = tree.cut(kept)
    last = {int(group[tree.pairs[i, 0]]): i for i in np.flatnonzero(kept).tolist()}
    without_last = kept.copy()
    without_last[list(last.values())] = False
    halves = tree.cut(without_last)
    candidates = [(i, True, halves) for i in last.values()]
    candidates += [(i, False, group) for i in _between(clustering, group)]
    sizes = {id(labels): np.bincount(labels[node]) for labels in (group, halves)}
    ranked = []
    for i, merged, labels in candidates:
        a, b = sizes[id(labels)][labels[tree.pairs[i]]].tolist()
        same = float(expit(clustering.margin[i] / WIDTH))
        gain = 2.0 * a * b / (a + b) * (1.0 - same if merged else same)
        ranked.append((-gain, i, merged, labels, same))
    found = []
    for negative, i, merged, labels, same in sorted(ranked, key=lambda entry: entry[:2])[:limit]:
        first, second = (np.flatnonzero(labels[node] == labels[side]) for side in tree.pairs[i])
        larger, smaller = (first, second) if len(first) >= len(second) else (second, first)
        found.append(Doubt(larger, smaller, merged, same, -negative))
    return found


def _between(clustering: Clustering, group: NDArray[np.int64]) -> list[int]:
    """The merge nearest to being made of each pair of groups that are two."""
    sides = np.sort(group[clustering.tree.pairs], axis=1)
    order = np.lexsort((np.arange(len(sides)), -clustering.margin))
    order = order[(sides[order, 0] != sides[order, 1]) & ~clustering.kept[order]]
    _, first = np.unique(sides[order], axis=0, return_index=True)
    return [int(i) for i in order[np.sort(first)]]


def doubles(
    label: NDArray[np.int64], units: Array, constraints: Constraints, ask: Callable[[str, str], bool]
) -> list[Doubt]:
    """Two people the owner spoke of who look like one: only the owner can merge them.

    Parameters
    ----------
    label : (n,) int64
        Group of each face.
    units : (n, 128) float32
        Unit encodings.
    ask : callable
        Whether two people may be asked about.
    """
    owners = constraints.owners
    group = np.full(constraints.nodes, -1, dtype=np.int64)
    group[constraints.node] = label
    place = {int(group[node]): node for node in range(len(owners))}
    rows = [np.flatnonzero(label == group[node]) for node in range(len(owners))]
    if len(owners) < 2:
        return []
    means = np.stack([units[r].mean(axis=0) for r in rows])
    banned = {
        (place[a], place[b])
        for a, b in np.sort(group[constraints.apart], axis=1).tolist()
        if a in place and b in place
    }
    alike = np.triu(means @ means.T, 1)
    found = []
    for one, other in np.argwhere(alike > DEFAULTS.part_cut - 4 * WIDTH).tolist():
        if (one, other) in banned or (other, one) in banned or not ask(owners[one], owners[other]):
            continue
        same = float(expit((alike[one, other] - DEFAULTS.part_cut) / WIDTH))
        a, b = len(rows[one]), len(rows[other])
        larger, smaller = (rows[one], rows[other]) if a >= b else (rows[other], rows[one])
        found.append(Doubt(larger, smaller, False, same, 2.0 * a * b / (a + b) * same))
    return found
