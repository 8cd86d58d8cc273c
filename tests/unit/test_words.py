"""Words: tokens, lemmas, content words and n-grams."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.learning.words import content_lemmas, lemma, lemmas, ngrams, normalise, tokens


@pytest.mark.parametrize(
    ("forms", "base"),
    [
        (("dog", "dogs", "dog's", "Dogs"), "dog"),
        (("play", "plays", "playing", "played"), "play"),
        (("sit", "sits", "sitting", "sat"), "sit"),
        (("man", "men"), "man"),
        (("child", "children", "children's"), "child"),
        (("building", "buildings"), "building"),
        (("glasses",), "glasses"),
        (("painting",), "painting"),
        (("paints", "painted"), "paint"),
    ],
)
def test_forms_of_a_word_meet_in_one_lemma(forms: tuple[str, ...], base: str) -> None:
    assert {lemma(form) for form in forms} == {base}


def test_noun_and_verb_of_one_form_are_told_apart_by_the_word_before() -> None:
    assert "leaf" in content_lemmas("a boy in the leaves")
    assert "leave" in content_lemmas("a boy leaves")


def test_only_content_words_remain_in_their_order() -> None:
    text = "Two dogs are running to the snow-covered hill with a T-shirt, in 2019."
    assert content_lemmas(text) == ("two", "dog", "run", "snow", "cover", "hill", "t-shirt")


def test_words_of_other_scripts_are_kept() -> None:
    assert content_lemmas("東京 Ñandú") == ("東京", "ñandú")


def test_ngrams_begin_and_end_with_content_and_stay_inside_a_clause() -> None:
    assert list(ngrams("A glass of wine, red tables", 3)) == [
        "glass", "wine", "glass of wine", "red", "table", "red table",
    ]  # fmt: skip


@given(st.text())
def test_tokens_stand_where_they_say(text: str) -> None:
    plain = normalise(text)
    for token in tokens(plain):
        assert plain[token.start : token.end] == token.surface


@given(st.text(alphabet=st.characters(max_codepoint=0x7F), max_size=40))
def test_case_does_not_change_a_lemma(text: str) -> None:
    assert lemmas(text) == lemmas(text.lower())
