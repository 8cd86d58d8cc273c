"""Descriptions made of the library's own sentences: supported words alone, in good English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.learning.describe import Neighbour, common_lemmas, describe
from shared.learning.frames import Frame, filled, frames, made
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


def test_unsupported_phrases_are_left_out_whole() -> None:
    draft = describe(
        near(CAPTIONS[0]), {"dog", "run", "snow", "brown"}, {"dog": 0.9, "snow": 0.6, "run": 0.5}
    )
    assert draft is not None
    assert draft.text == "A dog runs through the snow."
    assert any("red ball" in phrase for phrase in draft.left_out)


def test_a_sentence_whose_core_is_unsupported_is_never_used() -> None:
    assert describe(near(CAPTIONS[3]), {"street", "bike"}, {"street": 0.9}) is None


def test_the_slot_of_a_person_is_filled_with_the_supported_one() -> None:
    draft = describe(near(CAPTIONS[2]), {"woman", "stand", "rock"}, {"woman": 0.8, "stand": 0.5, "rock": 0.7})
    assert draft is not None
    assert draft.text == "A woman is standing on a rock."


def test_a_slot_does_not_contradict_pronouns() -> None:
    frame = Frame.of(parse("A man holds his hat"))
    assert filled(frame, "woman", None) is None


def test_the_noun_phrase_of_a_sentence_is_a_frame_too() -> None:
    texts = {" ".join(frame.parsed.pieces) for frame in frames("A man is standing on a rock.")}
    assert texts == {"A man is standing on a rock", "A man on a rock"}


def test_a_second_sentence_follows_where_it_adds_enough() -> None:
    chance = {"dog": 0.9, "jump": 0.5, "log": 0.4, "child": 0.8, "play": 0.6, "snow": 0.7}
    draft = describe(near(CAPTIONS[4], CAPTIONS[1]), chance.keys() | {"two"}, chance)
    assert draft is not None
    assert len(draft.sources) == 2
    assert draft.lemmas >= {"dog", "jump", "child", "play", "snow"}


def test_what_three_of_the_ten_nearest_say_is_common() -> None:
    captions = ["A dog on grass.", "A dog runs.", "A dog and a cat.", "A cat sleeps."]
    assert common_lemmas(near(*captions)) == {"dog": 3}


def test_the_eleventh_caption_has_no_say() -> None:
    captions = ["A bird."] * 10 + ["A dog."] * 5
    assert common_lemmas(near(*captions)) == {"bird": 10}


@given(st.sets(st.sampled_from(LEMMAS)))
def test_nothing_is_said_that_nothing_supports(supported: set[str]) -> None:
    draft = describe(near(*CAPTIONS), supported, dict.fromkeys(supported, 0.5))
    if draft is not None:
        assert set(content_lemmas(draft.text)) <= supported


@given(st.sampled_from(CAPTIONS), st.sets(st.sampled_from(LEMMAS)))
def test_whatever_is_left_of_a_frame_is_well_formed(caption: str, supported: set[str]) -> None:
    for frame in frames(caption):
        allowed = frame.lemmas & supported
        sentence = made(frame, allowed, allowed)
        if sentence is not None:
            assert well_formed(parse(sentence.text))
