"""The owner's word as constraints on clustering: faces that are one node, and nodes that must stay apart."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.people import new_person_id
from shared.learning.faces.formers import Former
from shared.learning.faces.neighbours import Neighbours
from shared.learning.faces.owner import OwnerView
from shared.learning.faces.person import earliest_photo
from shared.learning.faces.sums import FaceSums

NEAR_DUPLICATE = 0.985
"""Cosine of the encodings of one face in two shots of a burst; hardly ever reached by two people."""


@dataclass(frozen=True, slots=True, eq=False)
class Constraints:
    """What clustering of n faces must respect.

    Attributes
    ----------
    node : (n,) int64
        Node of each face, 0 to m - 1: the faces of one node are one person, the owner says.
    owners : tuple of str
        People the owner spoke of who have faces here, sorted: node i is `owners[i]`. Only the owner makes one
        person of two of them.
    nodes : int
        How many nodes there are.
    apart : (c, 2) int64
        Pairs of nodes that are never one person.
    """

    node: NDArray[np.int64]
    owners: tuple[str, ...]
    nodes: int
    apart: NDArray[np.int64]

    @property
    def distinct(self) -> NDArray[np.int64]:
        """Number of each node's known person, -1 where there is none. Shape (m,)."""
        marks = np.full(self.nodes, -1, dtype=np.int64)
        marks[: len(self.owners)] = np.arange(len(self.owners))
        return marks


def anchors(view: OwnerView, ids: Sequence[str], previous: Iterable[Former]) -> dict[str, list[str]]:
    """Faces that stand for each person the owner spoke of: confirmed ones, exemplars of the last training.

    A person the owner named without confirming a face is held by its exemplars, so that no retraining
    scatters it; where the live bundle does not know it, by the face its id was made of.
    """
    present = set(ids)
    found: dict[str, set[str]] = {person_id: set() for person_id in view.known}
    for face_id, person_id in view.confirmed.items():
        if face_id in present:
            found.setdefault(person_id, set()).add(face_id)
    for person in previous:
        if person.id in found:
            found[person.id].update(
                face
                for face in person.exemplars
                if face in present and face not in view.ignored and not view.is_apart(face, person.id)
            )
    lost = {person_id for person_id, faces in found.items() if not faces}
    if lost:
        for face_id in ids:
            person_id = new_person_id(face_id)
            if person_id in lost and face_id not in view.ignored and not view.is_apart(face_id, person_id):
                found[person_id].add(face_id)
    return _one_person_each(found, view)


def spread_rejections(view: OwnerView, ids: Sequence[str], neighbours: Neighbours) -> None:
    """Keep the near-duplicates of a rejected face away from the person too, unless confirmed."""
    row = {face_id: position for position, face_id in enumerate(ids)}
    for face_id in sorted(view.rejected.keys() & row.keys()):
        at = row[face_id]
        for near in neighbours.index[at][neighbours.cosine[at] >= NEAR_DUPLICATE].tolist():
            if ids[near] not in view.confirmed:
                view.rejected.setdefault(ids[near], set()).update(view.rejected[face_id])


def constrain(faces: FaceSums, view: OwnerView, previous: Iterable[Former]) -> Constraints:
    """Turn the owner's word, and what one photo can show, into constraints on distinct faces."""
    ids: list[str] = faces.ids.tolist()
    row = {face_id: position for position, face_id in enumerate(ids)}
    held = anchors(view, ids, previous)
    owners = sorted(person_id for person_id, found in held.items() if found)
    group = np.arange(len(ids)) + len(owners)
    for position, person_id in enumerate(owners):
        group[[row[face_id] for face_id in held[person_id]]] = position
    used, node = np.unique(group, return_inverse=True)
    pairs = _same_photo(faces, node)
    pairs |= _rejections(row, node, view, owners)
    pairs |= _too_early(faces, node, view, owners)
    pairs |= {(owners.index(a), owners.index(b)) for a, b in view.parted if a in owners and b in owners}
    apart = sorted({(min(a, b), max(a, b)) for a, b in pairs if a != b})
    pairs_array = np.array(apart, dtype=np.int64).reshape(-1, 2)
    return Constraints(node.astype(np.int64), tuple(owners), len(used), pairs_array)


def _one_person_each(found: dict[str, set[str]], view: OwnerView) -> dict[str, list[str]]:
    holder: dict[str, str] = {}
    for person_id in sorted(found):
        for face_id in sorted(found[person_id]):
            holder.setdefault(face_id, person_id)
    holder.update({face_id: person_id for face_id, person_id in view.confirmed.items() if face_id in holder})
    faces: dict[str, list[str]] = {person_id: [] for person_id in found}
    for face_id, person_id in sorted(holder.items()):
        faces[person_id].append(face_id)
    return faces


def _same_photo(faces: FaceSums, node: NDArray[np.int64]) -> set[tuple[int, int]]:
    _, photo, count = np.unique(faces.photos, return_inverse=True, return_counts=True)
    shared = np.flatnonzero(count[photo] > 1)
    together: dict[int, list[int]] = defaultdict(list)
    for row in shared.tolist():
        together[int(photo[row])].append(int(node[row]))
    return {(a, b) for nodes in together.values() for i, a in enumerate(nodes) for b in nodes[i + 1 :]}


def _rejections(
    row: dict[str, int], node: NDArray[np.int64], view: OwnerView, owners: list[str]
) -> set[tuple[int, int]]:
    place = {person_id: position for position, person_id in enumerate(owners)}
    return {
        (int(node[row[face_id]]), place[person_id])
        for face_id, people in view.rejected.items()
        if face_id in row
        for person_id in people & place.keys()
    }


def _too_early(
    faces: FaceSums, node: NDArray[np.int64], view: OwnerView, owners: list[str]
) -> set[tuple[int, int]]:
    pairs: set[tuple[int, int]] = set()
    for position, person_id in enumerate(owners):
        early = np.flatnonzero(faces.taken_at < earliest_photo(view.known[person_id].birth_date))
        pairs.update((int(node[face]), position) for face in early.tolist())
    return pairs
