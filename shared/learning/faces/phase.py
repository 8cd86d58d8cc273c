"""Phase 3, people: all faces of the library to people, under the owner's word, with ids that survive."""

from collections.abc import Callable, Iterable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Plan
from shared.domain.people import PeopleEvent
from shared.domain.vectors import Array
from shared.learning.faces.assignment import Assigner, Gallery
from shared.learning.faces.clustering import DEFAULTS, Clustering, cluster
from shared.learning.faces.constraints import Constraints, constrain, spread_rejections
from shared.learning.faces.formers import formers
from shared.learning.faces.holdout import calibrate
from shared.learning.faces.identity import Group, give_ids
from shared.learning.faces.members import gather, join, score
from shared.learning.faces.neighbours import nearest, unit
from shared.learning.faces.owner import OwnerView, fold
from shared.learning.faces.patterns import FacePatterns
from shared.learning.faces.questions import LIMIT, Question, doubles, doubts
from shared.learning.faces.sums import FaceSums

FOUNDING_QUALITY = 0.4
"""Geometric mean of size, sharpness and frontality: 20 pixels and blurred, or in full profile, is below."""

SHOWN = 6


def solve(
    sums: FaceSums,
    plan: Plan,
    people_events: Iterable[PeopleEvent] = (),
    previous: FacePatterns | None = None,
) -> FacePatterns:
    """Group the faces of the library into people, with the precision the plan asks; see `group`."""
    return group(sums, plan.options.face_threshold, people_events, previous)


def group(
    sums: FaceSums,
    precision: float,
    people_events: Iterable[PeopleEvent] = (),
    previous: FacePatterns | None = None,
) -> FacePatterns:
    """Group the faces of the library into people.

    Parameters
    ----------
    sums : FaceSums
        Of the whole library, added in any order.
    precision : float
        Asked of faces that will be given to people on upload, 0 to 1.
    people_events : iterable of PeopleEvent
        All that the owner ever said, in any order.
    previous : FacePatterns, optional
        Those of the live bundle: people keep their ids, and the owner's people their exemplars.
    """
    before = previous.people if previous else ()
    everyone = sums.distinct()
    all_ids: list[str] = everyone.ids.tolist()
    view = fold(people_events, dict(zip(all_ids, everyone.names.tolist(), strict=True)), before)
    former = list(formers(before, view))
    founding, joining = _by_quality(everyone, view)
    units = unit(founding.encodings)
    neighbours = nearest(units, DEFAULTS.neighbours)
    spread_rejections(view, founding.ids.tolist(), neighbours)
    constraints = constrain(founding, view, former)
    clustering = cluster(units, neighbours, constraints)
    groups = _groups(founding, clustering, constraints)
    ids = give_ids(groups, view, former)
    people, members = gather(groups, ids, units, view, before)
    calibration = calibrate(people, members, units, precision)
    people = score(people, members, units, clustering.label, neighbours, calibration)
    people = join(people, founding, joining, view, Assigner(Gallery.of(people), calibration))
    held = {face for person in people for face in person.faces}
    return FacePatterns(
        people=tuple(sorted(people, key=lambda person: (-len(person.faces), person.id))),
        unassigned=tuple(face for face in all_ids if face not in held and face not in view.ignored),
        ignored=tuple(face for face in all_ids if face in view.ignored),
        questions=_questions(clustering, constraints, founding, units, ids, view),
        calibration=calibration,
    )


def _by_quality(everyone: FaceSums, view: OwnerView) -> tuple[FaceSums, FaceSums]:
    """Faces that may found a person, and those that may only join one."""
    ids = everyone.ids.tolist()
    counted = np.array([face not in view.ignored for face in ids], dtype=bool)
    confirmed = np.array([face in view.confirmed for face in ids], dtype=bool)
    founding = counted & (confirmed | (everyone.quality >= FOUNDING_QUALITY))
    if founding.all():
        return everyone, everyone.take(np.zeros(0, dtype=np.int64))
    return everyone.take(np.flatnonzero(founding)), everyone.take(np.flatnonzero(counted & ~founding))


def _groups(faces: FaceSums, clustering: Clustering, constraints: Constraints) -> list[Group]:
    """The groups in the order of their labels."""
    label = clustering.label
    order = np.argsort(label, kind="stable")
    ids = faces.ids[order].tolist()
    first = np.flatnonzero(np.diff(label[order], prepend=-1))
    owner = {}
    for row in np.flatnonzero(constraints.node < len(constraints.owners)).tolist():
        owner[int(label[row])] = constraints.owners[int(constraints.node[row])]
    return [
        Group(tuple(ids[a:b]), order[a:b], owner.get(number))
        for number, (a, b) in enumerate(pairwise([*first.tolist(), len(ids)] if ids else []))
    ]


def _questions(
    clustering: Clustering,
    constraints: Constraints,
    faces: FaceSums,
    units: Array,
    ids: list[str],
    view: OwnerView,
) -> tuple[Question, ...]:
    asked = []
    near = doubts(clustering, constraints.node)
    near += doubles(clustering.label, units, constraints, _askable(view))
    for doubt in sorted(near, key=lambda doubt: -doubt.gain)[:LIMIT]:
        shown = _typical(doubt.rows, units)[:SHOWN]
        others = _typical(doubt.others, units)
        first, second = (ids[int(clustering.label[rows[0]])] for rows in (doubt.rows, doubt.others))
        if view.known.get(first) and view.known[first].hidden:
            continue
        asked.append(
            Question(
                person_id=first,
                other_id=second,
                faces=tuple(faces.ids[shown].tolist()),
                others=tuple(faces.ids[others if doubt.merged else others[:SHOWN]].tolist()),
                lone=not doubt.merged and len(others) == 1 and second not in view.known,
                probability=doubt.probability,
                gain=doubt.gain,
            )
        )
    return tuple(asked)


def _typical(rows: NDArray[np.int64], units: Array) -> NDArray[np.int64]:
    fit = units[rows] @ units[rows].sum(axis=0)
    return rows[np.lexsort((rows, -fit))]


def _askable(view: OwnerView) -> Callable[[str, str], bool]:
    """Whether two of the owner's people may be asked about: not both named, none hidden."""

    def ask(one: str, other: str) -> bool:
        first, second = view.known[one], view.known[other]
        return not (first.hidden or second.hidden or (first.name and second.name))

    return ask
