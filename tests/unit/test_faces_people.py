"""Phase 3 groups faces by person, respects the owner's word, and keeps ids."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.domain.errors import BundleInvalid
from shared.domain.people import (
    ConfirmFace,
    HidePerson,
    IgnoreFace,
    MergePeople,
    NamePerson,
    PartPeople,
    RejectFace,
    SplitPerson,
    Undo,
    new_person_id,
)
from shared.learning.faces import FacePatterns, FaceSums, solve
from shared.learning.faces.person import Person
from tests.unit.faces_library import PLAN, Library, Log, groups, holder


@pytest.fixture
def library() -> Library:
    library = Library()
    for person in range(6):
        library.add(person, 6)
    library.add(100)
    return library


def _faces(library: Library, person: int) -> list[str]:
    return sorted(face for face, real in library.truth.items() if real == person)


def test_people_are_the_real_ones_and_a_stranger_is_nobody(library: Library) -> None:
    learned = library.train()

    assert groups(learned) == {frozenset(_faces(library, person)) for person in range(6)}
    assert learned.unassigned == tuple(_faces(library, 100))


def test_a_new_person_has_the_id_of_its_first_face(library: Library) -> None:
    learned = library.train()

    assert {person.id for person in learned.people} == {
        new_person_id(_faces(library, person)[0]) for person in range(6)
    }


@settings(deadline=None, max_examples=10)
@given(st.permutations(range(37)), st.integers(1, 36))
def test_files_are_the_same_bytes_for_any_order_of_shards(order: list[int], cut: int) -> None:
    library = Library()
    for person in range(6):
        library.add(person, 6)
    library.add(100)

    straight = solve(library.sums(), PLAN).files()
    shuffled = solve(library.sums(order[cut:]) + library.sums(order[:cut]), PLAN).files()

    assert straight == shuffled


def test_sums_travel_as_arrays(library: Library) -> None:
    sums = library.sums()

    read = FaceSums.from_arrays(sums.arrays())

    assert solve(read, PLAN).files() == solve(sums, PLAN).files()


def test_an_empty_library_has_no_people() -> None:
    none = Library()
    none.add(0)

    learned = solve(none.sums([0]).take(np.zeros(0, dtype=np.int64)), PLAN)

    assert learned.people == learned.unassigned == learned.questions == ()
    assert FacePatterns.load(learned.files()).files() == learned.files()


def test_ids_survive_new_faces_with_smaller_ids(library: Library) -> None:
    before = library.train()
    for person in range(6):
        library.add(person, 5)

    after = library.train(previous=before)

    for person in before.people:
        assert set(person.faces) <= set(next(p for p in after.people if p.id == person.id).faces)


def test_two_faces_of_one_photo_are_two_people_until_the_owner_says_otherwise(library: Library) -> None:
    twins = library.add(0, 2, photo="mirror")
    log = Log()

    apart = library.train()
    assert holder(apart, twins[0]) != holder(apart, twins[1])

    person = holder(apart, _faces(library, 0)[0])
    assert person is not None
    log.say(ConfirmFace(twins[0], person), ConfirmFace(twins[1], person))
    together = library.train(log.events, apart)
    assert holder(together, twins[0]) == holder(together, twins[1]) == person


def test_a_poor_face_joins_a_person_but_founds_none(library: Library) -> None:
    poor = library.add(0, 1, quality=0.1, noise=0.1) + library.add(200, 3, quality=0.1)

    learned = library.train()

    assert holder(learned, poor[0]) == holder(learned, _faces(library, 0)[0])
    assert set(poor[1:]) <= set(learned.unassigned)


def test_strangers_join_nobody_where_few_people_are_known() -> None:
    library = Library()
    known = library.add(1, 2, name="Ann") + library.add(2, 3, name="Ben")
    strangers = [face for person in range(10, 20) for face in library.add(person, quality=0.2)]

    patterns = solve(library.sums(), PLAN)

    assert sorted(face for person in patterns.people for face in person.faces) == sorted(known)
    assert set(patterns.unassigned) == set(strangers)


def test_a_poor_face_does_not_join_who_is_already_in_its_photo(library: Library) -> None:
    library.add(0, 1, photo="two of them")
    poor = library.add(0, 1, quality=0.1, noise=0.1, photo="two of them")[0]

    assert holder(library.train(), poor) is None


def test_merged_people_stay_one_and_answer_to_both_ids(library: Library) -> None:
    first = library.train()
    one, two = first.people[0], first.people[1]
    log = Log()
    log.say(MergePeople(one.id, two.id))

    merged = library.train(log.events, library.train(log.events, first))

    assert set(one.faces) | set(two.faces) <= set(merged.people[0].faces)
    assert merged.people[0].id == one.id
    assert merged.person(two.id) is merged.people[0]


def test_a_merge_taken_back_after_trainings_makes_the_two_again(library: Library) -> None:
    first = library.train()
    one, two = (library.truth[person.faces[0]] for person in first.people[:2])
    log = Log()
    log.say(NamePerson(first.people[0].id, "Ada"), NamePerson(first.people[1].id, "Grace"))
    merge = log.say(MergePeople(first.people[1].id, first.people[0].id))
    merged = library.train(log.events, first)
    for person in (one, two):
        library.add(person, 4)
    merged = library.train(log.events, library.train(log.events, merged))
    log.say(Undo(merge))

    parted = library.train(log.events, merged)

    assert {
        (person.id, person.name, *{library.truth[face] for face in person.faces})
        for person in parted.people
        if person.name
    } == {(first.people[0].id, "Ada", one), (first.people[1].id, "Grace", two)}


@pytest.mark.parametrize("kept", [0, 1])
def test_a_merge_of_before_parts_were_kept_is_parted_by_the_faces_that_ids_were_made_of(
    library: Library, kept: int
) -> None:
    first = library.train()
    one, two = first.people[1 - kept], first.people[kept]
    log = Log()
    log.say(NamePerson(one.id, "Ada"), NamePerson(two.id, "Grace"))
    merge = log.say(MergePeople(two.id, one.id))
    merged = library.train(log.events, first)
    plain = [{k: v for k, v in person.plain().items() if k != "parts"} for person in merged.people]
    old = replace(merged, people=tuple(map(Person.from_plain, plain)))
    merged = library.train(log.events, old)
    log.say(Undo(merge))

    parted = library.train(log.events, merged)

    assert {person.id: person.name for person in parted.people if person.name} == {
        one.id: "Ada",
        two.id: "Grace",
    }


def test_a_rejected_face_and_its_near_duplicate_stay_away(library: Library) -> None:
    face = _faces(library, 0)[2]
    double = library.add(0, like=face, noise=0.01)[0]
    first = library.train()
    person = holder(first, face)
    assert person is not None
    assert holder(first, double) == person
    log = Log()
    log.say(RejectFace(face, person))

    after = library.train(log.events, first)

    assert holder(after, face) != person
    assert holder(after, double) != person
    assert person in {p.id for p in after.people}


def test_no_path_of_merges_crosses_a_rejection() -> None:
    library = Library()
    faces = library.add(0, 12, noise=0.4)
    first = library.train()
    log = Log()
    log.say(NamePerson(first.people[0].id, "Ada"), RejectFace(faces[3], first.people[0].id))
    library.add(0, 12, noise=0.2)

    after = library.train(log.events, first)

    assert holder(after, faces[3]) != first.people[0].id


def test_a_split_makes_a_new_person_that_stays_split(library: Library) -> None:
    first = library.train()
    person = first.people[0]
    away = person.faces[:3]
    log = Log()
    log.say(SplitPerson(person.id, away))

    second = library.train(log.events, first)
    library.add(library.truth[away[0]], 4)
    third = library.train(log.events, second)

    for learned in (second, third):
        new = {holder(learned, face) for face in away}
        assert len(new) == 1
        assert new.isdisjoint({person.id, None})
        assert {holder(learned, face) for face in person.faces[3:]} == {person.id}
    assert holder(second, away[0]) == holder(third, away[0])


def test_parted_people_are_never_merged() -> None:
    library = Library()
    library.add(0, 5, noise=0.3)
    first = library.train()
    log = Log()
    split = first.people[0].faces[:2]
    log.say(SplitPerson(first.people[0].id, split))
    second = library.train(log.events, first)
    other = holder(second, split[0])
    assert other is not None
    log.say(PartPeople(first.people[0].id, other))
    library.add(0, 10, noise=0.3)

    third = library.train(log.events, second)

    assert holder(third, split[0]) != holder(third, first.people[0].faces[2])


def test_a_name_is_kept_and_held_by_exemplars_when_the_faces_change(library: Library) -> None:
    first = library.train()
    log = Log()
    log.say(NamePerson(first.people[2].id, "Grace", date(1990, 5, 1)))
    for person in range(6):
        library.add(person, 20)

    after = library.train(log.events, first)

    grace = after.person(first.people[2].id)
    assert grace is not None
    assert (grace.name, grace.birth_date) == ("Grace", date(1990, 5, 1))
    assert set(first.people[2].exemplars) <= set(grace.faces)


def test_a_name_is_kept_when_no_bundle_is_left() -> None:
    library = Library()
    library.add(0, 6)
    first = library.train()
    log = Log()
    log.say(NamePerson(first.people[0].id, "Grace"))

    after = library.train(log.events, previous=None)

    assert [(person.id, person.name) for person in after.people] == [(first.people[0].id, "Grace")]


def test_photos_taken_before_a_birth_do_not_show_the_person(library: Library) -> None:
    first = library.train()
    person = first.people[0]
    early = datetime(1970, 1, 1, tzinfo=UTC).timestamp()
    old = library.add(library.truth[person.faces[0]], 1, noise=0.1, taken_at=early)[0]
    assert holder(library.train(), old) is not None
    log = Log()
    log.say(NamePerson(person.id, "Young", date(2000, 1, 1)))

    after = library.train(log.events, first)

    assert holder(after, old) != person.id


def test_hidden_people_keep_their_faces_and_are_not_shown(library: Library) -> None:
    first = library.train()
    log = Log()
    log.say(HidePerson(first.people[0].id))

    after = library.train(log.events, first)

    hidden = after.person(first.people[0].id)
    assert hidden is not None
    assert hidden.hidden
    assert set(hidden.faces) == set(first.people[0].faces)


def test_an_ignored_face_is_nobodys_and_undo_brings_it_back(library: Library) -> None:
    face = _faces(library, 0)[0]
    log = Log()
    ignored = log.say(IgnoreFace(face))
    without = library.train(log.events)
    assert holder(without, face) is None
    assert without.ignored == (face,)

    log.say(Undo(ignored))

    assert library.train(log.events).files() == library.train().files()


def test_an_undone_undo_stands_again(library: Library) -> None:
    face = _faces(library, 0)[0]
    log = Log()
    log.say(Undo(log.say(Undo(log.say(IgnoreFace(face))))))

    assert library.train(log.events).ignored == (face,)


def test_names_in_files_make_one_person_of_a_name(library: Library) -> None:
    named = library.add(0, 1, name="Alan") + library.add(1, 1, name=" alan ")

    first = library.train()
    again = library.train(previous=first)

    person = first.person(holder(first, named[0]) or "")
    assert person is not None
    assert person.name == "Alan"
    assert set(named) <= set(person.confirmed)
    assert holder(again, named[1]) == person.id


def test_two_named_people_are_never_merged() -> None:
    library = Library()
    one = library.add(0, 1, noise=0.1, name="Alan")
    two = library.add(0, 1, noise=0.1, name="Kurt")
    library.add(0, 20, noise=0.1)

    learned = library.train()

    assert holder(learned, one[0]) != holder(learned, two[0])
    assert {"Alan", "Kurt"} <= {person.name for person in learned.people}


def test_answers_to_questions_settle_them() -> None:
    library = Library()
    for person in range(4):
        library.add(person, 6, noise=0.52)
    learned = library.train()
    assert learned.questions
    log = Log()

    for _ in range(12):
        for question in learned.questions[:2]:
            same = library.truth[question.faces[0]] == library.truth[question.others[0]]
            log.say(*question.words(same))
        learned = library.train(log.events, learned)

    for person in learned.people:
        assert len({library.truth[face] for face in person.faces}) == 1
    assert len(learned.people) == 4
    assert not learned.unassigned


def test_a_file_that_names_a_class_is_refused() -> None:
    evil = b"cos\nsystem\n(S'true'\ntR."

    with pytest.raises(BundleInvalid, match=r"face_clusters\.pkl"):
        FacePatterns.load({"face_clusters.pkl": evil})
