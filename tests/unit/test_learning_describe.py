"""Descriptions made of parts of the library's own sentences: supported words alone, in good English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.learning.clauses import PERSON, Number, clause
from shared.learning.describe import Neighbour, common_lemmas, describe
from shared.learning.phrases import parse
from shared.learning.wellformed import well_formed
from shared.learning.words import content_lemmas

CAPTIONS = (
    "A brown dog runs through the snow with a red ball in its mouth.",
    "Two children play in the snow near a house.",
    "A man in a blue jacket is standing on a rock.",
    "A woman riding a bike down the street while a child watches.",
    "A black dog jumps over a log in the forest.",
    "A boy and a girl are sitting on a bench.",
)
LEMMAS = sorted({lemma for caption in CAPTIONS for lemma in content_lemmas(caption)})


def near(*texts: str) -> list[Neighbour]:
    return [Neighbour(str(row), text, 1 - row / 100) for row, text in enumerate(texts)]


@pytest.mark.parametrize(
    "sentence",
    [
        "A man is sitting on a bench.",
        "Two dogs run through the snow.",
        "A brown and white dog is playing with a ball.",
        "A woman in a red coat on a bench.",
        "A group of people are standing near a bus.",
    ],
)
def test_good_sentences_are_accepted(sentence: str) -> None:
    assert well_formed(parse(sentence))


@pytest.mark.parametrize(
    "sentence",
    [
        "A man and a woman wearing.",
        "A woman in and black.",
        "A girl boy plays.",
        "A black and a dog.",
        "A man are sitting on a bench.",
        "A man is.",
        "A dog with a dog with a dog.",
        "Two men is running.",
        "A girl, held by a man and a woman.",
        "A boy without a shirt while several people stand behind him.",
    ],
)
def test_broken_sentences_are_refused(sentence: str) -> None:
    assert not well_formed(parse(sentence))


def test_a_caption_is_taken_apart_into_whole_phrases() -> None:
    found = clause("A little boy in a red shirt is riding his bike down a dirt road")
    assert found is not None
    assert (found.subject.full, found.subject.forms[-1].text, found.kind) == ("A little boy", "A boy", PERSON)
    assert [phrase.forms[-1].text for phrase in found.worn] == ["in a shirt"]
    assert found.act is not None
    assert (found.act.full, found.verb, found.form) == ("is riding his bike", "ride", Number.ONE)
    assert [phrase.full for phrase in found.around] == ["down a dirt road"]


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("A dog runs", Number.ONE),
        ("Two dogs run", Number.MANY),
        ("A few men are sitting", Number.MANY),
        ("A man and a woman are sitting", Number.MANY),
        ("A group of people stand on a street", Number.ANY),
    ],
)
def test_the_number_of_a_subject_is_known(sentence: str, number: Number) -> None:
    found = clause(sentence)
    assert found is not None
    assert found.number is number


@pytest.mark.parametrize(
    "sentence",
    [
        "Where is the dog",
        "A crowd is watching a dog climb up a staircase",
        "A baby, held by a man",
        "Red and blue and a dog are",
    ],
)
def test_what_cannot_be_taken_apart_for_sure_is_passed_over(sentence: str) -> None:
    assert clause(sentence) is None


def test_unsupported_phrases_are_left_out_whole() -> None:
    draft = describe(
        near(*[CAPTIONS[0]] * 3), {"dog", "run", "snow", "brown"}, {"dog": 0.9, "snow": 0.6, "run": 0.5}
    )
    assert draft is not None
    assert draft.text == "A dog runs through the snow."
    assert any("red ball" in phrase for phrase in draft.left_out)


def test_a_sentence_whose_subject_is_unsupported_is_never_used() -> None:
    assert describe(near(*[CAPTIONS[3]] * 3), {"street", "bike"}, {"street": 0.9}) is None


def test_slots_are_filled_with_what_other_captions_have_there() -> None:
    captions = [
        "A man in a blue jacket is standing on a rock.",
        "A woman is standing near a bus.",
        "A woman in a red coat is sitting.",
    ]
    said = {"woman": 0.8, "stand": 0.5, "rock": 0.7, "red": 0.4, "coat": 0.6}
    draft = describe(near(*captions), set(said), said)
    assert draft is not None
    assert draft.text == "A woman in a red coat is standing on a rock."
    assert {source.text for source in draft.sources} == set(captions)


def test_what_refers_to_a_subject_stays_with_it() -> None:
    captions = ["A man is holding his hat.", "A woman is on a bench.", "A woman is smiling."]
    draft = describe(near(*captions), {"woman", "hold", "hat"}, {"woman": 0.9, "hold": 0.8, "hat": 0.8})
    assert draft is None or "his" not in draft.text


def test_a_persons_looks_are_told_only_where_three_captions_agree() -> None:
    said = {"black": 0.9, "man": 0.9, "sit": 0.5, "bench": 0.5}
    alone = ["A black man is sitting on a bench.", *["A man is sitting on a bench."] * 2]
    agreed = ["A black man is sitting on a bench."] * 3
    texts = [
        draft.text for captions in (alone, agreed) if (draft := describe(near(*captions), set(said), said))
    ]
    assert texts == ["A man is sitting on a bench.", "A black man is sitting on a bench."]


def test_many_are_told_of_only_where_three_captions_do() -> None:
    captions = [*["A dog is running on the grass."] * 3, "Two dogs are playing on the grass."]
    said = {"dog": 0.9, "play": 0.9, "run": 0.1, "grass": 0.5}
    draft = describe(near(*captions), set(said), said)
    assert draft is not None
    assert draft.text.startswith("A dog")


def test_a_second_sentence_tells_of_something_else() -> None:
    captions = [*["A black dog jumps over a log."] * 2, *["A child plays in the snow."] * 2]
    chance = {"dog": 0.9, "jump": 0.5, "log": 0.4, "child": 0.8, "play": 0.6, "snow": 0.7}
    draft = describe(near(*captions), set(chance), chance)
    assert draft is not None
    assert draft.text == "A child plays in the snow. A dog jumps over a log."


@pytest.mark.parametrize(("several", "sentences"), [(False, 1), (True, 2)])
@pytest.mark.parametrize("other", ["girl", "skier"])
def test_another_person_is_told_of_only_where_several_are_seen(
    several: bool, sentences: int, other: str
) -> None:
    captions = [*["A man is sitting on a bench."] * 2, *[f"A {other} plays in the snow."] * 2]
    chance = {"man": 0.9, "sit": 0.5, "bench": 0.9, other: 0.8, "play": 0.6, "snow": 0.7}
    draft = describe(near(*captions), set(chance), chance, several=several)
    assert draft is not None
    assert draft.text.count(".") == sentences


def test_what_three_of_the_ten_nearest_say_is_common() -> None:
    captions = ["A dog on grass.", "A dog runs.", "A dog and a cat.", "A cat sleeps."]
    assert common_lemmas(near(*captions)) == {"dog": 3}


def test_the_eleventh_caption_has_no_say() -> None:
    captions = ["A bird."] * 10 + ["A dog."] * 5
    assert common_lemmas(near(*captions)) == {"bird": 10}


@given(st.sets(st.sampled_from(LEMMAS)))
def test_nothing_is_said_that_nothing_supports(supported: set[str]) -> None:
    draft = describe(near(*CAPTIONS), supported, dict.fromkeys(supported, 0.5), several=True)
    if draft is not None:
        assert set(content_lemmas(draft.text)) <= supported


@given(st.sets(st.sampled_from(LEMMAS), min_size=3), st.sets(st.sampled_from(CAPTIONS), min_size=1))
def test_whatever_is_made_is_well_formed(supported: set[str], captions: set[str]) -> None:
    repeated = [caption for caption in sorted(captions) for _ in range(3)]
    draft = describe(near(*repeated), supported, dict.fromkeys(supported, 0.5), several=True)
    if draft is not None:
        assert all(well_formed(parse(f"{part}.")) for part in draft.text.rstrip(".").split(". "))
