"""Phrases that can be left out of a sentence and leave good English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.learning.phrases import Kind, Parse, Span, parse


def span(parsed: Parse, text: str) -> Span:
    return next(s for s in parsed.spans if " ".join(parsed.pieces[s.start : s.end]) == text)


@pytest.mark.parametrize(
    ("sentence", "phrase", "rest"),
    [
        ("A dog runs on the beach.", "on the beach", "A dog runs."),
        ("A man wearing a hat is sitting on a bench.", "wearing a hat", "A man is sitting on a bench."),
        ("A dog runs and jumps over a log.", "and jumps over a log", "A dog runs."),
        ("A boy plays while his sister watches.", "while his sister watches", "A boy plays."),
        ("In the park, an old man reads.", "In the park ,", "An old man reads."),
        ("A dog, with a ball in its mouth, runs.", ", with a ball in its mouth ,", "A dog runs."),
        ("The girl who is wearing a coat.", "who is wearing a coat", "The girl."),
        ("The girl who is wearing a coat runs.", "who is wearing a coat", "The girl runs."),
        ("A woman stands in front of a red car .", "in front of a red car", "A woman stands."),
        ("A old red car is parked.", "old red", "A car is parked."),
    ],
)
def test_a_phrase_left_out_leaves_good_english(sentence: str, phrase: str, rest: str) -> None:
    parsed = parse(sentence)
    assert parsed.without([span(parsed, phrase)]) == rest


@pytest.mark.parametrize(
    ("sentence", "mended"),
    [
        ("A uniform.", "A uniform."),
        ("An uniform.", "A uniform."),
        ("A hour.", "An hour."),
        ("A unidentified animal.", "An unidentified animal."),
        ("A european.", "A european."),
    ],
)
def test_an_article_follows_the_sound(sentence: str, mended: str) -> None:
    assert parse(sentence).without([]) == mended


def test_article_agrees_with_the_word_that_follows() -> None:
    parsed = parse("A large orange is on the table.")
    assert parsed.without([span(parsed, "large")]) == "An orange is on the table."


@pytest.mark.parametrize(
    ("sentence", "kept"),
    [
        ("A group of people walk.", "of people"),
        ("The dog is in the water.", "in the water"),
        ("A man looking at the camera smiles.", "at the camera"),
        ("A bowl is filled with fruit.", "with fruit"),
        ("A dog in the forest.", "in the forest"),
        ("A man and a woman are sitting.", "and a woman"),
    ],
)
def test_a_phrase_the_sentence_needs_is_not_offered(sentence: str, kept: str) -> None:
    parsed = parse(sentence)
    assert kept not in {" ".join(parsed.pieces[s.start : s.end]) for s in parsed.spans}


def test_a_span_names_its_kind() -> None:
    parsed = parse("Two children play with a red ball on the snow-covered grass.")
    gone = span(parsed, "on the snow-covered grass")
    assert gone.kind is Kind.PREPOSITIONAL


@given(st.text(max_size=80))
def test_any_text_parses_and_every_drop_leaves_a_part_of_it(text: str) -> None:
    parsed = parse(text)
    for item in parsed.spans:
        assert 0 <= item.start < item.end <= len(parsed.pieces)
        parsed.without([item])
    parsed.without(parsed.spans)
