"""Task `people`: faces grouped by the product's own phase 3, against who they really are.

What was chosen was chosen on the identities of one half, by a hash of their names. Figures are of the other
half, clustered on its own; the figures of the whole set are information.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.domain.errors import InvalidInput
from shared.domain.people import PeopleEvent
from shared.domain.vectors import Array
from shared.learning.faces import FacePatterns, FaceSums, Question, group
from shared.services.evaluation import worst_people as worst
from shared.services.evaluation.base import LEARNED, Figure, TaskResult, bootstrap, bootstrap_ratio
from shared.services.evaluation.clusters import Agreement
from shared.services.evaluation.face_baselines import BASELINES, Groups, Method

MANIFEST = Path("faces") / "manifest.jsonl"
ENCODING = "encoding_dlib_resnet_128"
PRECISION = 0.98
STEP = 0.01
ASKED = (1, 2, 3, 5, 7, 10)
"""Questions answered, in per cent of the faces, at which the curve is read."""


@dataclass(frozen=True, slots=True, eq=False)
class LabelledFaces:
    """Faces of the evaluation data.

    Attributes
    ----------
    files, identities : (n,) str
    encodings : (n, 128) float32
    """

    files: NDArray[np.str_]
    identities: NDArray[np.str_]
    encodings: Array

    def take(self, kept: NDArray[np.bool_]) -> "LabelledFaces":
        """Some of the faces."""
        return LabelledFaces(self.files[kept], self.identities[kept], self.encodings[kept])

    def sums(self) -> FaceSums:
        """The faces as the phase sums them: each in a photo of its own, all of one quality."""
        n = len(self.files)
        return FaceSums(
            ids=self.files,
            photos=self.files,
            encodings=self.encodings,
            quality=np.ones(n, dtype=np.float32),
            area=np.full(n, 0.1, dtype=np.float32),
            names=np.full(n, "", dtype=np.str_),
            taken_at=np.full(n, np.nan),
        )

    def groups(self, people: FacePatterns) -> Groups:
        """The person of each face as a number; faces without one are alone."""
        place = {face: number for number, person in enumerate(people.people) for face in person.faces}
        return np.array([place.get(f, len(place) + i) for i, f in enumerate(self.files.tolist())])


def load(data: Path) -> LabelledFaces:
    """Read the faces with their identities.

    Raises
    ------
    InvalidInput
        If the folder has no `faces/manifest.jsonl`.
    """
    path = data / MANIFEST
    if not path.is_file():
        raise InvalidInput(f"There is no {MANIFEST} in {data}: give the folder of the evaluation data.")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get(ENCODING) and row.get("identity")]
    return LabelledFaces(
        np.array([row["file"] for row in rows], dtype=np.str_),
        np.array([row["identity"] for row in rows], dtype=np.str_),
        np.array([row[ENCODING] for row in rows], dtype=np.float32),
    )


def chosen_on(identities: NDArray[np.str_]) -> NDArray[np.bool_]:
    """Which faces belong to the half that choices are made on. Shape (n,), bool."""
    return np.array([_digest(name) % 2 == 0 for name in identities.tolist()], dtype=bool)


def run(data: Path) -> TaskResult:
    """Measure grouping, questions and assignment of new faces.

    Raises
    ------
    InvalidInput
        If the folder has no labelled faces.
    """
    faces = load(data)
    choosing = chosen_on(faces.identities)
    dev, reported = faces.take(choosing), faces.take(~choosing)
    learned = Agreement.of(reported.identities, reported.groups(group(reported.sums(), PRECISION)))
    everyone = group(faces.sums(), PRECISION)
    methods = {LEARNED: _figures(learned)}
    methods[LEARNED] |= _whole(faces, faces.groups(everyone))
    methods[LEARNED] |= curve(reported)
    methods[LEARNED] |= open_set(reported, named=True) | open_set(reported, named=False)
    notes = [f"{len(reported.files)} faces of {learned.identities} identities; chosen on the other half"]
    for name, candidates in BASELINES.items():
        method = _best(candidates, dev)
        baseline = Agreement.of(reported.identities, method(reported.encodings))
        methods[name] = _figures(baseline) | _whole(faces, method(faces.encodings))
        notes.append(_comparison(name, learned, baseline))
    dump = _dump(faces, everyone)
    sheets = {"worst": worst.sheet(data / MANIFEST, dump)}
    return TaskResult("people", len(reported.files), methods, dump, tuple(notes), sheets)


def curve(faces: LabelledFaces) -> dict[str, Figure]:
    """B-cubed F after answering the questions the library asks, a batch of one per cent at a time."""
    truth = dict(zip(faces.files.tolist(), faces.identities.tolist(), strict=True))
    people = group(faces.sums(), PRECISION)
    events: list[PeopleEvent] = []
    answered = 0
    figures = {}
    for percent in range(1, max(ASKED) + 1):
        wanted = round(percent * STEP * len(truth)) - answered
        for question in people.questions[:wanted]:
            at = datetime.fromtimestamp(len(events), tz=UTC)
            for word in question.words(_same(question, truth)):
                events.append(PeopleEvent(f"{len(events):026d}", at, word))
            answered += 1
        people = group(faces.sums(), PRECISION, events, people)
        if percent in ASKED:
            agreement = Agreement.of(faces.identities, faces.groups(people))
            figures[f"bcubed_f_{percent}pct_asked"] = _bcubed_figure(agreement)
    return figures


def open_set(faces: LabelledFaces, *, named: bool) -> dict[str, Figure]:
    """How new faces are given to the people of a library, and strangers left unknown.

    Three tenths of the identities are strangers: none of their faces is in the library. Of the others, a
    third of the faces of those with four or more is new.

    Parameters
    ----------
    named : bool
        Whether the owner named the people of the library; else they are as the phase grouped them, and a
        person counts as whoever most of its faces are.
    """
    sizes = Counter(faces.identities.tolist())
    stranger = np.array([_digest(f"stranger/{name}") % 10 < 3 for name in faces.identities.tolist()])
    held = np.array(
        [
            sizes[name] >= 4 and _digest(f"new/{file}") % 3 == 0
            for name, file in zip(faces.identities.tolist(), faces.files.tolist(), strict=True)
        ]
    )
    library = faces.take(~stranger & ~held)
    sums = library.sums()
    people = group(replace(sums, names=library.identities) if named else sums, PRECISION)
    truth = dict(zip(library.files.tolist(), library.identities.tolist(), strict=True))
    means = {p.id: Counter(truth[face] for face in p.faces).most_common(1)[0][0] for p in people.people}
    known = set(means.values())
    new = faces.take(stranger | held)
    given = [people.assigner.assign(encoding[None])[0].person_id for encoding in new.encodings]
    right = np.array([p is not None and means[p] == i for p, i in zip(given, new.identities, strict=True)])
    is_given = np.array([p is not None for p in given])
    is_known = np.array([identity in known for identity in new.identities.tolist()])
    _, identity = np.unique(new.identities, return_inverse=True)
    kind = "named" if named else "grouped"
    return {
        f"{kind}_precision": _ratio(right, is_given, identity),
        f"{kind}_recall": _ratio(right & is_known, is_known, identity),
        f"{kind}_strangers_left_unknown": _ratio(~is_given & ~is_known, ~is_known, identity),
    }


def _ratio(part: NDArray[np.bool_], whole: NDArray[np.bool_], identity: NDArray[np.int64]) -> Figure:
    """A ratio of faces with its interval over identities."""
    return bootstrap_ratio(
        np.bincount(identity, part).astype(np.float64), np.bincount(identity, whole).astype(np.float64)
    )


def _same(question: Question, truth: dict[str, str]) -> bool:
    """What an owner would answer who goes by most of the faces shown on each side."""
    sides = (Counter(truth[face] for face in side) for side in (question.faces, question.others))
    one, other = (side.most_common(1)[0][0] for side in sides)
    return one == other


def _digest(text: str) -> int:
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)


def _figures(agreement: Agreement) -> dict[str, Figure]:
    n = agreement.identities
    return {
        "bcubed_f": _bcubed_figure(agreement),
        "pairwise_f": bootstrap(n, agreement.pairwise),
        "bcubed_precision": bootstrap(n, lambda drawn: agreement.bcubed(drawn)[0]),
        "bcubed_recall": bootstrap(n, lambda drawn: agreement.bcubed(drawn)[1]),
    }


def _bcubed_figure(agreement: Agreement) -> Figure:
    return bootstrap(agreement.identities, lambda drawn: agreement.bcubed(drawn)[2])


def _whole(faces: LabelledFaces, groups: Groups) -> dict[str, Figure]:
    agreement = Agreement.of(faces.identities, groups)
    return {
        "bcubed_f_whole_set": Figure(agreement.bcubed()[2]),
        "pairwise_f_whole_set": Figure(agreement.pairwise()),
    }


def _best(candidates: Sequence[Method], faces: LabelledFaces) -> Method:
    """The candidate with the best B-cubed F on the half that choices are made on."""
    if len(candidates) == 1:
        return candidates[0]
    return max(
        candidates, key=lambda method: Agreement.of(faces.identities, method(faces.encodings)).bcubed()[2]
    )


def _comparison(name: str, learned: Agreement, baseline: Agreement) -> str:
    bcubed = bootstrap(learned.identities, lambda drawn: learned.bcubed(drawn)[2] - baseline.bcubed(drawn)[2])
    pairwise = bootstrap(learned.identities, lambda drawn: learned.pairwise(drawn) - baseline.pairwise(drawn))
    return (
        f"over {name}: B-cubed F {bcubed.value:+.4f} [{bcubed.low:+.4f}, {bcubed.high:+.4f}], "
        f"pairwise F {pairwise.value:+.4f} [{pairwise.low:+.4f}, {pairwise.high:+.4f}] (paired bootstrap)"
    )


def _dump(faces: LabelledFaces, people: FacePatterns) -> tuple[dict[str, str], ...]:
    person = {face: p.id for p in people.people for face in p.faces}
    return tuple({"face": file, "person": person.get(file, f"alone:{file}")} for file in faces.files.tolist())
