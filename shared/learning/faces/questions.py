"""What to ask the owner: "same person?", the most useful question first."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from shared.domain.people import ConfirmFace, MergePeople, PartPeople, PeopleWord, RejectFace, SplitPerson
from shared.learning.faces.clustering import Clustering

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


def doubts(clustering: Clustering, node: NDArray[np.int64], cut: float, limit: int = LIMIT) -> list[Doubt]:
    """The merges most worth asking about: the last one of each group, and those next in line.

    A wrong merge of groups of a and b faces spoils 2ab / (a + b) of them (B-cubed); times the probability
    that what was done is wrong, that is what an answer is worth.
    """
    tree, kept = clustering.tree, clustering.kept
    group = tree.cut(kept)
    made = np.flatnonzero(kept)
    last = np.array(sorted({int(group[tree.pairs[i, 0]]): int(i) for i in made}.values()), dtype=np.int64)
    halves_kept = kept.copy()
    halves_kept[last] = False
    halves = tree.cut(halves_kept)
    found = [(int(i), True, halves) for i in last] + [(i, False, group) for i in _frontier(clustering, group)]
    harm = 2.0 * tree.sizes.prod(axis=1) / tree.sizes.sum(axis=1)
    same = expit((tree.similarity - cut) / WIDTH)
    ranked = sorted(
        ((harm[i] * (1 - same[i] if merged else same[i]), i, merged, labels) for i, merged, labels in found),
        key=lambda entry: (-entry[0], entry[1]),
    )
    found_doubts = []
    for gain, i, merged, labels in ranked[:limit]:
        first, second = (np.flatnonzero(labels[node] == labels[side]) for side in tree.pairs[i])
        larger, smaller = (first, second) if len(first) >= len(second) else (second, first)
        found_doubts.append(Doubt(larger, smaller, merged, float(same[i]), float(gain)))
    return found_doubts


def _frontier(clustering: Clustering, group: NDArray[np.int64]) -> list[int]:
    """Merges not made between two groups as they are now; each pair once."""
    tree, kept = clustering.tree, clustering.kept
    seen: set[int] = set()
    frontier = []
    for i in np.flatnonzero(~kept).tolist():
        a, b = (int(group[side]) for side in tree.pairs[i])
        if a not in seen and b not in seen:
            frontier.append(i)
        seen.update((a, b))
    return frontier
