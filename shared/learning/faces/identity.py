"""Ids that survive: groups of a new clustering get back the ids that their faces had."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.people import new_person_id
from shared.learning.faces.formers import Former
from shared.learning.faces.owner import OwnerView


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """One group of a clustering.

    Attributes
    ----------
    faces : tuple of str
        Sorted.
    rows : (len(faces),) int64
        Where they stand among the faces clustered.
    owner : str or None
        Person the owner spoke of whose anchors are in the group.
    """

    faces: tuple[str, ...]
    rows: NDArray[np.int64]
    owner: str | None = None


def give_ids(groups: Sequence[Group], view: OwnerView, previous: Iterable[Former]) -> list[str]:
    """An id for each group, all different.

    The owner's people first: their anchors decide. Then the people of the last training, those with most
    faces in a group first; each id goes to one group. A new person's id is made of its first face whose id is
    free.
    """
    given = [group.owner for group in groups]
    taken = set(view.known) | set(view.merged)
    for position, person_id in _overlaps(groups, view, previous):
        if given[position] is None and person_id not in taken:
            given[position] = person_id
            taken.add(person_id)
    ids = []
    for group, known in zip(groups, given, strict=True):
        person_id = known or _new_id(group, view, taken)
        taken.add(person_id)
        ids.append(person_id)
    return ids


def _overlaps(
    groups: Sequence[Group], view: OwnerView, previous: Iterable[Former]
) -> Iterable[tuple[int, str]]:
    place = {face: position for position, group in enumerate(groups) for face in group.faces}
    shared: list[tuple[int, int, str, int]] = []
    for person in previous:
        found = Counter(place[face] for face in person.faces if face in place)
        exemplars = Counter(place[face] for face in person.exemplars if face in place)
        shared.extend((-count, -exemplars[at], person.id, at) for at, count in found.items())
    return [
        (at, person_id)
        for _, _, person_id, at in sorted(shared)
        if not any(view.is_apart(face, person_id) for face in groups[at].faces)
    ]


def _new_id(group: Group, view: OwnerView, taken: set[str]) -> str:
    for face in group.faces:
        person_id = new_person_id(face)
        if person_id not in taken and not view.is_apart(face, person_id):
            return person_id
    person_id = new_person_id("/".join(group.faces))
    while person_id in taken:
        person_id = new_person_id(person_id)
    return person_id
