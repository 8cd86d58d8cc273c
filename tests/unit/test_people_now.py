"""People between two trainings: the last one under all that was said since, whatever older records say."""

from datetime import UTC, datetime

import numpy as np

from shared.domain.people import ConfirmFace, HidePerson, MergePeople, PeopleEvent, PeopleWord, RejectFace
from shared.domain.record import Appearance, Source
from shared.learning.faces.calibration import Calibration
from shared.learning.faces.patterns import FacePatterns
from shared.learning.faces.person import Person
from shared.services.people import People

ANN, BOB = "a" * 32, "b" * 32
AT = datetime(2026, 1, 2, tzinfo=UTC)


def person(person_id: str, name: str | None, *faces: str, confirmed: tuple[str, ...] = ()) -> Person:
    scores = np.full(len(faces), 0.75, dtype=np.float32)
    vectors = np.zeros((1, 128), dtype=np.float32)
    return Person(person_id, name, False, None, faces, scores, confirmed, faces[:1], vectors)


def people(*said: PeopleWord) -> People:
    known = (person(ANN, "Ann", "f1", "f2", confirmed=("f1",)), person(BOB, None, "f3"))
    events = [PeopleEvent(f"{number:026d}", AT, word) for number, word in enumerate(said)]
    return People(FacePatterns(known, ("f9",), (), (), Calibration(0.0, 1.0)), events)


def test_a_face_is_whom_the_last_training_takes_it_for_though_its_record_is_older() -> None:
    assert people().of_face("f2", None) == Appearance("f2", ANN, "Ann", 0.75, Source.LEARNED)
    assert people().of_face("f1", None) == Appearance("f1", ANN, "Ann", 0.75, Source.OWNER)
    before = Appearance("f3", ANN, "Ann", 0.9, Source.LEARNED)
    found = people().of_face("f3", before)
    assert found is not None
    assert found.person_id == BOB


def test_a_face_newer_than_the_last_training_is_whom_its_record_takes_it_for() -> None:
    given = Appearance("f7", BOB, None, 0.8, Source.LEARNED)
    assert people().of_face("f7", given) == given
    assert people().of_face("f9", None) is None


def test_what_the_owner_says_holds_over_the_last_training() -> None:
    confirmed = people(ConfirmFace("f3", ANN)).of_face("f3", None)
    assert confirmed == Appearance("f3", ANN, "Ann", 1.0, Source.OWNER)
    assert people(RejectFace("f2", ANN)).of_face("f2", None) is None
    merged = people(MergePeople(ANN, BOB)).of_face("f3", None)
    assert merged is not None
    assert (merged.person_id, merged.name) == (ANN, "Ann")
    assert people(HidePerson(ANN, True)).of_face("f2", None) is None
