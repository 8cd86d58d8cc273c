"""Groups to people: their faces, how sure each is, and the exemplars that stand for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.faces import exemplars
from shared.learning.faces.assignment import STRANGER, VOTES, Assigner
from shared.learning.faces.calibration import Calibration
from shared.learning.faces.formers import alone
from shared.learning.faces.identity import Group
from shared.learning.faces.neighbours import Neighbours
from shared.learning.faces.owner import Known, OwnerView
from shared.learning.faces.person import Person, earliest_photo
from shared.learning.faces.sums import FaceSums

EXEMPLAR_BUDGET = 100_000
SMALLEST = 2
PEOPLE_AT_ONCE = 4_096
FACES_AT_ONCE = 8_192


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """Where a person's faces stand among those clustered.

    Attributes
    ----------
    rows : (k,) int64
        Of all its faces, in their order.
    exemplars : (e,) int64
        Of its exemplars, in theirs.
    """

    rows: NDArray[np.int64]
    exemplars: NDArray[np.int64]


def gather(
    groups: Sequence[Group], ids: Sequence[str], units: Array, view: OwnerView, previous: Sequence[Person]
) -> tuple[list[Person], list[Members]]:
    """People of the groups that have two faces or the owner's word; scores are still 1."""
    sizes = np.array([len(group.faces) for group in groups], dtype=np.int64)
    limit = exemplars.allowance(sizes[sizes >= SMALLEST], EXEMPLAR_BUDGET)
    aliases = _aliases(view)
    present = chain.from_iterable(group.faces for group in groups)
    stood = alone(previous, frozenset(present)) if aliases else {}
    people, members = [], []
    for group, person_id in zip(groups, ids, strict=True):
        if len(group.faces) < SMALLEST and group.owner is None:
            continue
        confirmed = np.array([face in view.confirmed for face in group.faces], dtype=bool)
        chosen = exemplars.choose(units[group.rows], confirmed, limit)
        members.append(Members(group.rows, group.rows[chosen]))
        known = view.known.get(person_id, Known())
        merged = sorted(aliases.get(person_id, ()))
        people.append(
            Person(
                id=person_id,
                name=known.name,
                hidden=known.hidden,
                birth_date=known.birth_date,
                faces=group.faces,
                scores=np.ones(len(group.faces), dtype=np.float32),
                confirmed=tuple(face for face, sure in zip(group.faces, confirmed, strict=True) if sure),
                exemplars=tuple(group.faces[row] for row in chosen.tolist()),
                vectors=units[group.rows[chosen]],
                aliases=tuple(merged),
                parts={one: stood[one] for one in (person_id, *merged) if one in stood} if merged else {},
            )
        )
    return people, members


def score(
    people: Sequence[Person],
    members: Sequence[Members],
    units: Array,
    label: NDArray[np.int64],
    neighbours: Neighbours,
    calibration: Calibration,
) -> list[Person]:
    """The people with a calibrated score a face: how like its own exemplars, how unlike other people's."""
    foreign = np.where(label[neighbours.index] != label[:, None], neighbours.cosine, -1.0)
    rival = foreign.max(axis=1, initial=STRANGER)
    scored = list(people)
    by_exemplars: dict[int, list[int]] = {}
    for position, member in enumerate(members):
        by_exemplars.setdefault(len(member.exemplars), []).append(position)
    for positions in by_exemplars.values():
        for start in range(0, len(positions), PEOPLE_AT_ONCE):
            some = positions[start : start + PEOPLE_AT_ONCE]
            rows = np.concatenate([members[position].rows for position in some])
            sizes = [len(members[position].rows) for position in some]
            own = np.repeat(np.stack([members[position].exemplars for position in some]), sizes, axis=0)
            evidence = _evidence(units, rows, own)
            evidence[:, 1] -= rival[rows]
            scores = np.split(calibration.score(evidence).astype(np.float32), np.cumsum(sizes)[:-1])
            for position, of_person in zip(some, scores, strict=True):
                of_person[np.isin(people[position].faces, people[position].confirmed)] = 1.0
                scored[position] = replace(people[position], scores=of_person)
    return scored


def _evidence(units: Array, rows: NDArray[np.int64], own: NDArray[np.int64]) -> NDArray[np.float64]:
    """Similarity to a face's own exemplars but itself, the same again, and cosine with their mean.

    Parameters
    ----------
    rows : (f,) int64
        Of the faces.
    own : (f, e) int64
        Rows of the exemplars of each face's person.
    """
    evidence = np.empty((len(rows), 3))
    votes = min(VOTES, max(1, own.shape[1] - 1))
    for start in range(0, len(rows), FACES_AT_ONCE):
        block = slice(start, start + FACES_AT_ONCE)
        faces, vectors = units[rows[block]], units[own[block]]
        cosine = np.einsum("fd,fed->fe", faces, vectors)
        if own.shape[1] > 1:
            cosine[own[block] == rows[block, None]] = -1.0
        mean = vectors.sum(axis=1)
        length = np.maximum(np.linalg.norm(mean, axis=1), 1e-12)
        evidence[block, :2] = np.sort(cosine, axis=1)[:, -votes:].mean(axis=1)[:, None]
        evidence[block, 2] = np.einsum("fd,fd->f", faces, mean) / length
    return evidence


def join(
    people: Sequence[Person], founding: FaceSums, faces: FaceSums, view: OwnerView, assigner: Assigner
) -> list[Person]:
    """The people with the faces too poor to found one, where the exemplars' vote is sure enough.

    Parameters
    ----------
    founding, faces : FaceSums
        The faces that the people have, and those that may join.
    """
    in_photo = _in_photos(people, founding, set(faces.photos.tolist()))
    born = [(earliest_photo(person.birth_date), person.id) for person in people if person.birth_date]
    joined: dict[str, list[tuple[str, float]]] = {}
    for row, face in enumerate(faces.ids.tolist()):
        present = in_photo.setdefault(str(faces.photos[row]), [])
        unborn = [person_id for earliest, person_id in born if faces.taken_at[row] < earliest]
        barred = [*present, *view.rejected.get(face, ()), *unborn]
        given = assigner.assign(faces.encodings[row : row + 1], barred)[0]
        if given.person_id is not None:
            joined.setdefault(given.person_id, []).append((face, given.score))
            present.append(given.person_id)
    return [_grown(person, joined.get(person.id, [])) for person in people]


def _in_photos(people: Sequence[Person], faces: FaceSums, photos: set[str]) -> dict[str, list[str]]:
    """The people already found in some photos."""
    person_of = {face: person.id for person in people for face in person.faces} if photos else {}
    found: dict[str, list[str]] = {}
    for face, photo in zip(faces.ids.tolist(), faces.photos.tolist(), strict=True):
        if photo in photos and face in person_of:
            found.setdefault(photo, []).append(person_of[face])
    return found


def _grown(person: Person, joined: list[tuple[str, float]]) -> Person:
    if not joined:
        return person
    both = sorted([*zip(person.faces, person.scores.tolist(), strict=True), *joined])
    return replace(
        person,
        faces=tuple(face for face, _ in both),
        scores=np.array([score for _, score in both], dtype=np.float32),
    )


def _aliases(view: OwnerView) -> dict[str, list[str]]:
    """Ids merged away, by the id that stayed."""
    aliases: dict[str, list[str]] = {}
    for former in view.merged:
        aliases.setdefault(view.canonical(former), []).append(former)
    return aliases
