from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.corrections import (
    AcceptSuggestion,
    AddTag,
    Correction,
    CorrectionWord,
    DismissSuggestion,
    RemoveTag,
    SetDescription,
    UndoCorrection,
    fold,
)
from shared.domain.errors import InvalidCorrection
from shared.domain.observation import Box, FileWords, Region
from shared.domain.people import ConfirmFace, NamePerson
from shared.storage.corrections import CorrectionRepository, PeopleLog, correction_word, people_word
from shared.storage.store import ObjectStore
from shared.storage.ulids import new_ulid

AT = datetime(2025, 3, 1, tzinfo=UTC)
PHOTO = "a" * 32
tags = st.sampled_from(["dog", "Dog", "cat", "beach", "Été"])
ids = st.integers(0, 20).map(lambda number: f"{number:026d}")
words = st.one_of(
    st.builds(AddTag, tags),
    st.builds(RemoveTag, tags),
    st.builds(AcceptSuggestion, tags),
    st.builds(DismissSuggestion, tags),
    st.builds(SetDescription, st.sampled_from(["", "a dog", "at sea"])),
    st.builds(UndoCorrection, ids),
)
histories = st.dictionaries(ids, words, max_size=12).map(
    lambda said: [Correction(number, AT, word) for number, word in said.items()]
)
file_words = st.builds(FileWords, st.sampled_from([None, "from the file"]), st.tuples(tags, tags))


def said(*spoken: CorrectionWord) -> list[Correction]:
    return [Correction(f"{number:026d}", AT, word) for number, word in enumerate(spoken)]


@given(file_words, histories, st.randoms())
def test_the_fold_knows_neither_order_nor_repetition(
    written: FileWords, history: list[Correction], random: object
) -> None:
    shuffled = history + history
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert asdict(fold(written, shuffled)) == asdict(fold(written, history))


@given(file_words, histories)
def test_tags_are_said_removed_or_dismissed_but_one_of_them(
    written: FileWords, history: list[Correction]
) -> None:
    owner = fold(written, history)
    known = [tag.casefold() for tag in (*owner.tags, *owner.removed_tags, *owner.dismissed)]
    assert len(known) == len(set(known))
    assert owner.applied == tuple(sorted({correction.correction_id for correction in history}))


@given(file_words, histories, words.filter(lambda word: not isinstance(word, UndoCorrection)))
def test_what_is_undone_was_never_said(
    written: FileWords, history: list[Correction], word: CorrectionWord
) -> None:
    mistake = Correction("7" + "0" * 25, AT, word)
    undo = Correction("7" + "1" * 25, AT, UndoCorrection(mistake.correction_id))
    before, after = fold(written, history), fold(written, [*history, mistake, undo])
    assert (after.description, after.tags, after.removed_tags, after.dismissed) == (
        before.description,
        before.tags,
        before.removed_tags,
        before.dismissed,
    )


def test_the_file_speaks_first_and_corrections_after_it() -> None:
    written = FileWords("old", ("Dog", " two  words ", ""), (Region("Ana", Box(0, 0, 1, 1)),))
    owner = fold(written, said(SetDescription(" new "), RemoveTag("DOG"), AddTag("sea")))
    assert owner.description == "new"
    assert owner.tags == ("sea", "two words")
    assert owner.removed_tags == ("DOG",)
    assert owner.faces[0].name == "Ana"


def test_a_tag_keeps_the_form_it_was_first_written_in() -> None:
    assert fold(FileWords(tags=("New York",)), said(AddTag("new york"))).tags == ("New York",)


def test_a_tag_said_after_it_was_removed_is_back() -> None:
    owner = fold(FileWords(), said(RemoveTag("dog"), AddTag("dog")))
    assert (owner.tags, owner.removed_tags) == (("dog",), ())


def test_a_dismissal_does_not_take_the_owners_tag_away() -> None:
    owner = fold(FileWords(tags=("dog",)), said(DismissSuggestion("dog"), DismissSuggestion("cat")))
    assert (owner.tags, owner.dismissed) == (("dog",), ("cat",))


def test_an_undo_can_be_undone() -> None:
    history = said(AddTag("dog"), UndoCorrection(f"{0:026d}"), UndoCorrection(f"{1:026d}"))
    assert fold(FileWords(), history).tags == ("dog",)


def test_an_empty_description_takes_the_files_away() -> None:
    assert fold(FileWords("from the file"), said(SetDescription(""))).description is None


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ({"kind": "add_tag", "tag": " \n "}, "cannot be empty"),
        ({"kind": "add_tag", "tag": "x" * 101}, "at most 100"),
        ({"kind": "remove_tag", "tag": "a\x00b"}, "control characters"),
        ({"kind": "set_description", "text": "x" * 5001}, "at most 5000"),
        ({"kind": "add_tag"}, "add_tag.tag: Field required"),
        ({"kind": "shout", "tag": "dog"}, "kind"),
        ([], "dictionary"),
    ],
)
def test_what_cannot_be_a_correction_is_refused_in_a_sentence(value: object, sentence: str) -> None:
    with pytest.raises(InvalidCorrection, match=sentence):
        correction_word(value)


def test_corrections_are_kept_in_order(store: ObjectStore) -> None:
    repository = CorrectionRepository(store)
    spoken = [repository.add(PHOTO, word) for word in (AddTag("b"), AddTag("a"), SetDescription("x"))]
    repository.add("b" * 32, AddTag("other"))
    assert list(repository.of(PHOTO)) == spoken
    assert [photo_id for photo_id, _ in repository.ids()] == [PHOTO] * 3 + ["b" * 32]
    assert fold(FileWords(), repository.of(PHOTO)).tags == ("a", "b")


def test_saying_the_same_twice_is_saying_it_once(store: ObjectStore) -> None:
    repository = CorrectionRepository(store)
    ulid = new_ulid()
    first = repository.add(PHOTO, AddTag("dog"), ulid)
    assert repository.add(PHOTO, AddTag("dog"), ulid) == first
    with pytest.raises(InvalidCorrection, match="taken"):
        repository.add(PHOTO, AddTag("cat"), ulid)
    with pytest.raises(InvalidCorrection, match="correction_id"):
        repository.add(PHOTO, AddTag("cat"), "../../aliases/latest")
    assert repository.of(PHOTO) == (first,)


def test_the_people_log_is_read_from_where_one_left_off(store: ObjectStore) -> None:
    log = PeopleLog(store)
    first = log.add(people_word({"kind": "confirm", "face_id": "f", "person_id": "p"}))
    second = log.add(NamePerson("p", "Ana"))
    assert first.word == ConfirmFace("f", "p")
    assert log.events() == (first, second)
    assert log.events(after=first.event_id) == (second,)
    with pytest.raises(InvalidCorrection, match="person_id"):
        people_word({"kind": "name", "name": "Ana"})


def test_ulids_of_one_process_sort_as_they_were_made() -> None:
    made = [new_ulid() for _ in range(1000)]
    assert made == sorted(set(made))
