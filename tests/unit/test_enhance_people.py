"""Who is said to be in a photo: those the owner named, and those recognized surely enough."""

from dataclasses import replace
from datetime import datetime
from types import SimpleNamespace

import numpy as np
import pytest

from shared.domain.named_faces import names_of
from shared.domain.observation import Box, Exif, Face, Observation
from shared.domain.people import HidePerson, NamePerson, new_person_id
from shared.domain.record import NamedFace, OwnerWords, Source
from shared.enhance import enhance
from shared.learning.faces import FacePatterns
from shared.learning.faces.patterns import NOBODY
from shared.learning.patterns import Patterns
from tests.unit import api_records
from tests.unit.faces_library import Library, Log

LEFT, RIGHT = Box(0.1, 0.2, 0.3, 0.5), Box(0.6, 0.2, 0.8, 0.5)


def face(face_id: str, box: Box = LEFT, encoding: np.ndarray | None = None) -> Face:
    own = np.ones(128, np.float32) if encoding is None else encoding.astype(np.float32)
    return Face(face_id, box, 0.9, own, 0.8)


def photo(*faces: Face, taken_at: datetime | None = None) -> Observation:
    return replace(api_records.observation(), faces=faces, exif=Exif(taken_at=taken_at))


def patterns(people: FacePatterns) -> Patterns:
    """A bundle that learned people only: nobody wrote words."""
    bundle = Patterns("v1", people.files())
    vars(bundle)["categories"] = SimpleNamespace(kernel=SimpleNamespace(width=0))
    return bundle


@pytest.fixture(scope="module")
def library() -> Library:
    library = Library()
    for person in range(4):
        library.add(person, 6)
    return library


@pytest.fixture(scope="module")
def learned(library: Library) -> FacePatterns:
    """Two people named, two not."""
    first = library.train()
    log = Log()
    for person, name in zip(first.people, ("Ann", "Ben"), strict=False):
        log.say(NamePerson(person.id, name))
    return library.train(log.events, first)


def new_face(library: Library, learned: FacePatterns, name: str, noise: float, box: Box = LEFT) -> Face:
    known = next(person for person in learned.people if person.name == name)
    rng = np.random.default_rng(7)
    centre = library._centre(library.truth[known.faces[0]])
    return face(f"new {name}", box, centre + noise * rng.normal(size=128))


def test_a_region_named_in_the_file_counts_before_any_training() -> None:
    named = OwnerWords(faces=(NamedFace("Ann", LEFT),))

    said = enhance(photo(face("aa"), face("bb", RIGHT), taken_at=datetime(2024, 5, 1)), named, None)

    (ann,) = said.people
    assert (ann.face_id, ann.name, ann.score, ann.source) == ("aa", "Ann", 1.0, Source.OWNER)
    assert ann.person_id == new_person_id("aa")
    assert "Ann is in the photo, taken in May 2024." in said.description.text


def test_a_region_named_in_a_new_file_is_the_person_of_that_name(learned: FacePatterns) -> None:
    named = OwnerWords(faces=(NamedFace("ann", LEFT),))

    said = learned.appearances([face("aa")], names=names_of((face("aa"),), named.faces))

    ann = next(person for person in learned.people if person.name == "Ann")
    assert [(one.person_id, one.name, one.source) for one in said] == [(ann.id, "Ann", Source.OWNER)]


def test_who_is_named_in_the_file_is_not_recognized_a_second_time(
    library: Library, learned: FacePatterns
) -> None:
    """The vote would give the face on the right to Ann, who the owner says is the one on the left."""
    stranger, like_ann = face("aa"), new_face(library, learned, "Ann", 0.1, RIGHT)

    recognized = learned.appearances([stranger, like_ann])
    with_names = learned.appearances([stranger, like_ann], names=("Ann", None))

    assert [one.face_id for one in recognized] == [like_ann.face_id]
    assert [one.face_id for one in with_names] == ["aa"]


def test_two_people_surely_recognized_are_in_the_description(library: Library, learned: FacePatterns) -> None:
    faces = (new_face(library, learned, "Ann", 0.1), new_face(library, learned, "Ben", 0.1, RIGHT))

    said = enhance(photo(*faces), OwnerWords(), patterns(learned))

    assert "Ann and Ben are in the photo." in said.description.text
    assert all(one.score >= learned.calibration.threshold for one in said.people)


def test_faces_scored_below_the_threshold_are_not_spoken_of(library: Library, learned: FacePatterns) -> None:
    """A face that clustering gave to Ann stands with her, with its low score, until the owner says so."""
    ann = next(person for person in learned.people if person.name == "Ann")
    unsure = replace(ann, scores=np.full(len(ann.faces), 0.4, np.float32))
    people = replace(learned, people=tuple(unsure if p is ann else p for p in learned.people))

    said = enhance(photo(face(ann.faces[0])), OwnerWords(), patterns(people))
    sure = enhance(photo(face(ann.faces[0])), OwnerWords(), patterns(learned))

    assert [one.name for one in said.people] == ["Ann"]
    assert said.people[0].score < people.calibration.threshold
    assert "Ann" not in said.description.text
    assert "Ann" in sure.description.text


def test_hidden_people_are_not_spoken_of_even_where_a_file_names_them(
    library: Library, learned: FacePatterns
) -> None:
    ann = next(person for person in learned.people if person.name == "Ann")
    log = Log()
    log.say(NamePerson(ann.id, "Ann"), HidePerson(ann.id))
    hidden = library.train(log.events, learned)

    said = enhance(photo(face("aa")), OwnerWords(faces=(NamedFace("Ann", LEFT),)), patterns(hidden))

    assert said.people == ()
    assert "Ann" not in said.description.text


def test_nobody_is_known_before_the_first_training() -> None:
    assert NOBODY.appearances([face("aa")]) == ()
