"""From text to words: the one place that tokenises, lemmatises and tells content from function words."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

import simplemma

from shared.learning.lexicon import AFTER_NOUN_MARK, FUNCTION_WORDS, LEMMAS, NOUN_MARKS

_TOKEN = re.compile(r"\w+(?:['’.]\w+)*(?:-\w+(?:['’]\w+)*)*")
_BREAK = re.compile(r"[^\s\-]")
_LONG_PART = 3


class Token(NamedTuple):
    """One word of a text.

    Attributes
    ----------
    start, end : int
        Where it stands in the text, in characters.
    surface : str
        As written.
    lemma : str
        Base form, lower case.
    content : bool
        Whether it says something of the photo: no function word, number in digits or lone letter.
    """

    start: int
    end: int
    surface: str
    lemma: str
    content: bool


def normalise(text: str) -> str:
    """Compatibility-composed text with plain apostrophes; length may change."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text).replace("’", "'")


@lru_cache(maxsize=200_000)
def lemma(word: str) -> str:
    """Base form of one English word without context; words of other languages come back in lower case.

    A form that is noun and verb at once goes to one base for both ("walks", "walking": walk), so that texts
    and queries meet; nouns in -ing and plural-only nouns that photos show stay ("building", "glasses").
    """
    lower = word.lower().removesuffix("'s").removesuffix("'")
    if lower in LEMMAS:
        return LEMMAS[lower]
    if not lower.isascii() or not lower.replace("-", "").replace("'", "").isalpha():
        return lower
    return str(simplemma.lemmatize(lower, lang="en")).lower()


def is_content(surface: str, base: str) -> bool:
    """Whether a lower-case word, with its lemma, carries content."""
    if surface in FUNCTION_WORDS or base in FUNCTION_WORDS or surface.isdigit():
        return False
    return len(base) > 1 or not base.isascii()


@lru_cache(maxsize=1_000)
def tokens(text: str) -> tuple[Token, ...]:
    """Words of a text in order; a compound of whole words is split ("snow-covered"), "t-shirt" is not."""
    return tuple(
        Token(start, start + len(surface), surface, base, content)
        for start, surface, base, content in _scan(text)
    )


def _scan(text: str) -> list[tuple[int, str, str, bool]]:
    """Where each word stands, as written, its lemma, and whether it is a content word."""
    found = []
    previous = ""
    for match in _TOKEN.finditer(text):
        start = match.start()
        for at, surface, lower, base, content in _read(match.group()):
            if previous in NOUN_MARKS and lower in AFTER_NOUN_MARK:
                other = AFTER_NOUN_MARK[lower]
                found.append((start + at, surface, other, is_content(lower, other)))
            else:
                found.append((start + at, surface, base, content))
            previous = lower
    return found


@lru_cache(maxsize=50_000)
def _read(compound: str) -> tuple[tuple[int, str, str, str, bool], ...]:
    """The words of a compound, mostly one.

    Of each, where it stands, as written, in lower case with a plain apostrophe, its lemma, and whether it is
    a content word.
    """
    found = []
    for at, surface in _parts(compound):
        plain = surface.replace("’", "'")
        base = lemma(plain)
        found.append((at, surface, plain.lower(), base, is_content(surface.lower(), base)))
    return tuple(found)


def _parts(compound: str) -> Sequence[tuple[int, str]]:
    parts = compound.split("-")
    if any(len(part) < _LONG_PART for part in parts):
        return [(0, compound)]
    starts = accumulate((len(part) + 1 for part in parts), initial=0)
    return list(zip(starts, parts, strict=False))


def lemmas(text: str) -> tuple[str, ...]:
    """Lemmas of all words of a text, in order."""
    return tuple([base for _, _, base, _ in _scan(normalise(text))])


@lru_cache(maxsize=50_000)  # A training reads the same captions, phrases and tags a hundred times.
def content_lemmas(text: str) -> tuple[str, ...]:
    """Lemmas of the content words of a text, in order, repetitions kept."""
    return tuple([base for _, _, base, content in _scan(normalise(text)) if content])


def content_of(texts: Iterable[str]) -> list[str]:
    """Lemmas of the content words of several texts, one after the other."""
    return [word for text in texts for word in content_lemmas(text)]


def ngrams(text: str, longest: int) -> Iterator[str]:
    """Lemma n-grams of 1 to `longest` words that begin and end with a content word ("glass of wine").

    They stay inside a clause: none runs over a comma, full stop or other break.
    """
    plain = normalise(text)
    run: list[str] = []
    starts: list[bool] = []
    end = 0
    for token in tokens(plain):
        between = plain[end : token.start]
        if run and between != " " and _BREAK.search(between):
            run, starts = [], []
        run.append(token.lemma)
        starts.append(token.content)
        end = token.end
        if token.content:
            for first in range(len(run) - 1, max(len(run) - longest, 0) - 1, -1):
                if starts[first]:
                    yield " ".join(run[first:])
