"""Where the phrases of a sentence end, which of them can go, and sentences written as they should be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.learning.phrases import can_go, mended, parse
from shared.learning.speech import Part

WORDS = [
    "a",
    "the",
    "red",
    "old",
    "and",
    "dog",
    ",",
    ".",
    "in",
    "of",
    "runs",
    "running",
    "with",
    "is",
    "that",
    "to",
]


@pytest.mark.parametrize(
    ("sentence", "preposition"),
    [
        ("A dog runs on the beach.", "on"),
        ("A woman stands in front of a red car .", "in"),
        ("Two children play with a red ball on the snow-covered grass.", "on"),
    ],
)
def test_a_phrase_that_good_english_does_without_can_go(sentence: str, preposition: str) -> None:
    parsed = parse(sentence)
    assert can_go(parsed, parsed.pieces.index(preposition))


@pytest.mark.parametrize(
    ("sentence", "preposition"),
    [
        ("A group of people walk.", "of"),
        ("The dog is in the water.", "in"),
        ("A man looking at the camera smiles.", "at"),
        ("A bowl is filled with fruit.", "with"),
        ("A dog in the forest.", "in"),
    ],
)
def test_a_phrase_the_sentence_needs_cannot(sentence: str, preposition: str) -> None:
    parsed = parse(sentence)
    assert not can_go(parsed, parsed.pieces.index(preposition))


@pytest.mark.parametrize(
    ("sentence", "adjectives"),
    [
        ("A old red car is parked.", ["old red"]),
        ("A small and brown dog on a wet beach.", ["small and brown", "wet"]),
        ("A dog is brown.", []),
        ("The red and", []),
    ],
)
def test_adjectives_before_a_noun_are_found(sentence: str, adjectives: list[str]) -> None:
    parsed = parse(sentence)
    assert [" ".join(parsed.pieces[start:end]) for start, end in parsed.modifiers] == adjectives


@pytest.mark.parametrize(
    ("sentence", "good"),
    [
        ("A uniform.", "A uniform."),
        ("An uniform.", "A uniform."),
        ("A hour.", "An hour."),
        ("A unidentified animal.", "An unidentified animal."),
        ("A european.", "A european."),
        ("a orange , is on a table .", "An orange, is on a table."),
    ],
)
def test_an_article_follows_the_sound_and_marks_their_words(sentence: str, good: str) -> None:
    assert mended(sentence) == good


@given(st.text(max_size=80) | st.lists(st.sampled_from(WORDS)).map(" ".join))
def test_any_text_parses(text: str) -> None:
    parsed = parse(text)
    assert all(0 < start < end < len(parsed.pieces) for start, end in parsed.modifiers)
    for row, part in enumerate(parsed.parts[1:], 1):
        if part is Part.PREPOSITION:
            can_go(parsed, row)
