"""What the people phase learned, as `face_clusters.pkl`: people, their faces, questions for the owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import numpy as np

from shared.domain import pickles
from shared.domain.errors import BundleInvalid, InvalidInput
from shared.domain.observation import Face
from shared.domain.people import new_person_id
from shared.domain.record import Appearance, Source
from shared.learning.faces.assignment import Assigner, Gallery
from shared.learning.faces.calibration import Calibration
from shared.learning.faces.person import Person, earliest_photo
from shared.learning.faces.questions import Question

FILE = "face_clusters.pkl"
FORMAT = 1


@dataclass(frozen=True, eq=False)
class FacePatterns:
    """People of the library as one training leaves them.

    Attributes
    ----------
    people : tuple of Person
        Those with most faces first.
    unassigned : tuple of str
        Faces that belong to nobody yet, sorted.
    ignored : tuple of str
        Faces the owner said are nobody's, sorted.
    questions : tuple of Question
        The most useful first.
    calibration : Calibration
        Of the score with which new faces are given to people.
    """

    people: tuple[Person, ...]
    unassigned: tuple[str, ...]
    ignored: tuple[str, ...]
    questions: tuple[Question, ...]
    calibration: Calibration

    @cached_property
    def assigner(self) -> Assigner:
        """Gives new faces to the people, hidden ones included."""
        return Assigner(Gallery.of(self.people), self.calibration)

    @cached_property
    def _known_faces(self) -> dict[str, tuple[int, int]]:
        return {
            face: (position, at)
            for position, person in enumerate(self.people)
            for at, face in enumerate(person.faces)
        }

    @cached_property
    def _nobody(self) -> frozenset[str]:
        return frozenset(self.ignored)

    def person(self, person_id: str) -> Person | None:
        """The person of an id, also of one merged away; None where there is none."""
        return self._by_id.get(person_id)

    @cached_property
    def _by_id(self) -> dict[str, Person]:
        found = {alias: person for person in self.people for alias in person.aliases}
        return found | {person.id: person for person in self.people}

    def appearances(
        self,
        faces: Sequence[Face],
        taken_at: datetime | None = None,
        names: Sequence[str | None] = (),
    ) -> tuple[Appearance, ...]:
        """The people in one photo, by its faces in order; faces of hidden or unknown people are left out.

        Faces that took part in the training keep their person; new ones are who the owner says in the file,
        and the others are given by the exemplars' vote.

        Parameters
        ----------
        taken_at : datetime, optional
            When the photo was taken: it does not show people born later.
        names : sequence of str or None, optional
            What the owner named each face in the file.
        """
        named = dict(enumerate(names))
        found: dict[int, Appearance] = {}
        unseen = []
        shown: list[str] = []
        hidden = {person.id for person in self.people if person.hidden}
        for row, face in enumerate(faces):
            if face.face_id in self._known_faces:
                found[row] = self._member(face.face_id)
                shown.append(found[row].person_id)
            elif name := named.get(row):
                found[row] = self._called(name, face.face_id)
                shown.append(found[row].person_id)
            elif face.face_id not in self._nobody:
                unseen.append(row)
        if unseen:
            encodings = np.stack([faces[row].encoding for row in unseen])
            shown += self._unborn(taken_at)
            for row, given in zip(unseen, self.assigner.assign(encodings, shown), strict=True):
                if given.person_id is not None:
                    found[row] = Appearance(
                        faces[row].face_id, given.person_id, given.name, given.score, Source.LEARNED
                    )
        return tuple(found[row] for row in sorted(found) if found[row].person_id not in hidden)

    def applied(self, people: Sequence[Appearance]) -> tuple[Appearance, ...]:
        """Those sure enough to be spoken of: the owner's word, and scores from the threshold up."""
        return tuple(
            one for one in people if one.source is Source.OWNER or one.score >= self.calibration.threshold
        )

    def _called(self, name: str, face_id: str) -> Appearance:
        """The person of a name; the one a training would make of the face where nobody is called so."""
        known = self._by_name.get(name.casefold())
        person_id = known.id if known else new_person_id(face_id)
        return Appearance(face_id, person_id, known.name if known else name, 1.0, Source.OWNER)

    @cached_property
    def _by_name(self) -> dict[str, Person]:
        return {person.name.casefold(): person for person in reversed(self.people) if person.name}

    def _unborn(self, taken_at: datetime | None) -> list[str]:
        if taken_at is None:
            return []
        moment = (taken_at if taken_at.tzinfo else taken_at.replace(tzinfo=UTC)).timestamp()
        return [person.id for person in self.people if moment < earliest_photo(person.birth_date)]

    def _member(self, face_id: str) -> Appearance:
        position, at = self._known_faces[face_id]
        person = self.people[position]
        source = Source.OWNER if face_id in person.confirmed else Source.LEARNED
        return Appearance(face_id, person.id, person.name, float(person.scores[at]), source)

    def files(self) -> dict[str, bytes]:
        """The one file of the phase, the same bytes for the same people."""
        content: dict[str, Any] = {
            "format": FORMAT,
            "people": [person.plain() for person in self.people],
            "unassigned": list(self.unassigned),
            "ignored": list(self.ignored),
            "questions": [question.plain() for question in self.questions],
            "calibration": {
                "weights": list(self.calibration.weights),
                "threshold": self.calibration.threshold,
                "samples": self.calibration.samples,
            },
        }
        return {FILE: pickles.dumps(content)}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> "FacePatterns":
        """Read back what `files` gave.

        Raises
        ------
        BundleInvalid
            Where the file is missing or of another shape.
        """
        try:
            content = pickles.loads(files[FILE])
            weights = content["calibration"]["weights"]
            return cls(
                people=tuple(Person.from_plain(person) for person in content["people"]),
                unassigned=tuple(content["unassigned"]),
                ignored=tuple(content["ignored"]),
                questions=tuple(Question.from_plain(question) for question in content["questions"]),
                calibration=Calibration(
                    (weights[0], weights[1], weights[2], weights[3]),
                    content["calibration"]["threshold"],
                    content["calibration"]["samples"],
                ),
            )
        except (InvalidInput, KeyError, TypeError, ValueError, IndexError) as error:
            raise BundleInvalid(
                f"{FILE} of the bundle is missing or not of format {FORMAT}: train again."
            ) from error


NOBODY = FacePatterns((), (), (), (), Calibration())
"""Before the first training."""
