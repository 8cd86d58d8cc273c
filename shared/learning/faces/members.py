"""Groups to people: their faces, how sure each is, and the exemplars that stand for them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.faces import exemplars
from shared.learning.faces.assignment import STRANGER, VOTES, Assigner
from shared.learning.faces.calibration import Calibration
from shared.learning.faces.identity import Group
from shared.learning.faces.neighbours import Neighbours
from shared.learning.faces.owner import Known, OwnerView
from shared.learning.faces.person import Person, earliest_photo
from shared.learning.faces.sums import FaceSums

EXEMPLAR_BUDGET = 100_000
SMALLEST = 2


def gather(
    groups: Sequence[Group], ids: Sequence[str], units: Array, view: OwnerView
) -> tuple[list[Person], list[NDArray[np.int64]]]:
    """People of the groups that have two faces or the owner's word, and the rows of their faces.

    Their scores are still 1.
    """
    sizes = np.array([len(group.faces) for group in groups], dtype=np.int64)
    limit = exemplars.allowance(sizes[sizes >= SMALLEST], EXEMPLAR_BUDGET)
    people, members = [], []
    for group, person_id in zip(groups, ids, strict=True):
        if len(group.faces) < SMALLEST and group.owner is None:
            continue
        rows = group.rows
        members.append(rows)
        confirmed = np.array([face in view.confirmed for face in group.faces], dtype=bool)
        chosen = exemplars.choose(units[rows], confirmed, limit)
        known = view.known.get(person_id, Known())
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
                vectors=units[rows[chosen]],
                aliases=_aliases(person_id, view),
            )
        )
    return people, members


def score(
    people: Sequence[Person],
    members: Sequence[NDArray[np.int64]],
    units: Array,
    label: NDArray[np.int64],
    neighbours: Neighbours,
    calibration: Calibration,
) -> list[Person]:
    """The people with a calibrated score a face: how like its own exemplars, how unlike other people's."""
    foreign = np.where(label[neighbours.index] != label[:, None], neighbours.cosine, -1.0)
    rival = foreign.max(axis=1, initial=STRANGER)
    scored = []
    for person, rows in zip(people, members, strict=True):
        own = units[rows] @ person.vectors.T
        place = {face: column for column, face in enumerate(person.exemplars)}
        for row, face in enumerate(person.faces):
            if face in place and len(person.exemplars) > 1:
                own[row, place[face]] = -1.0
        votes = min(VOTES, max(1, len(person.exemplars) - 1))
        similarity = np.sort(own, axis=1)[:, -votes:].mean(axis=1)
        mean = person.vectors.sum(axis=0)
        centre = units[rows] @ mean / max(float(np.linalg.norm(mean)), 1e-12)
        evidence = np.stack([similarity, similarity - rival[rows], centre], axis=1).astype(np.float64)
        scores = calibration.score(evidence).astype(np.float32)
        scores[np.isin(person.faces, person.confirmed)] = 1.0
        scored.append(replace(person, scores=scores))
    return scored


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
    joined: dict[str, list[tuple[str, float]]] = {}
    for row, face in enumerate(faces.ids.tolist()):
        present = in_photo.setdefault(str(faces.photos[row]), [])
        barred = [*present, *view.rejected.get(face, ()), *_unborn(people, float(faces.taken_at[row]))]
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


def _unborn(people: Sequence[Person], taken_at: float) -> list[str]:
    return [person.id for person in people if taken_at < earliest_photo(person.birth_date)]


def _grown(person: Person, joined: list[tuple[str, float]]) -> Person:
    if not joined:
        return person
    both = sorted([*zip(person.faces, person.scores.tolist(), strict=True), *joined])
    return replace(
        person,
        faces=tuple(face for face, _ in both),
        scores=np.array([score for _, score in both], dtype=np.float32),
    )


def _aliases(person_id: str, view: OwnerView) -> tuple[str, ...]:
    return tuple(sorted(former for former in view.merged if view.canonical(former) == person_id))
