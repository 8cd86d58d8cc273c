"""A description for a photo out of the library's own sentences, saying nothing that nothing supports.

Candidates are the sentences of the captions nearest in the learned text space. Phrases with an unsupported
word are left out whole, phrases that are more likely wrong than right as well, and a sentence whose core is
unsupported is no candidate. Of what remains, the sentence with the most words expected to be right wins.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.learning.memory import ABSENT, Memory, Near
from shared.learning.phrases import Parse, Span, parse
from shared.learning.words import content_lemmas

SUPPORTING_NEIGHBOURS = 10
SUPPORTED_BY = 3
COST_OF_A_WORD = 0.15
LIKENESS_SHARE = 0.3
FEWEST_WORDS = 4
FEWEST_CONTENT_WORDS = 2


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A caption near the photo in the learned text space."""

    photo_id: str
    text: str
    cosine: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A description made for a photo.

    Attributes
    ----------
    text : str
    lemmas : tuple of str
        Its content lemmas in order.
    source : Neighbour
        The caption it was made from.
    left_out : tuple of str
        Phrases of that caption that were left out.
    value : float
        Expected right words less their cost, and likeness.
    sureness : float
        Mean chance of its content words, 0 to 1.
    """

    text: str
    lemmas: tuple[str, ...]
    source: Neighbour
    left_out: tuple[str, ...]
    value: float
    sureness: float


def common_lemmas(neighbours: Sequence[Neighbour]) -> dict[str, int]:
    """Content lemmas that at least 3 of the 10 nearest captions have, with how many have them."""
    counted = Counter(
        lemma for near in neighbours[:SUPPORTING_NEIGHBOURS] for lemma in set(content_lemmas(near.text))
    )
    return {lemma: count for lemma, count in sorted(counted.items()) if count >= SUPPORTED_BY}


def neighbours(memory: Memory, near: Near) -> list[Neighbour]:
    """The remembered descriptions nearest to one photo, nearest first."""
    return [
        Neighbour(memory.ids[row], memory.descriptions[row], cosine)
        for row, cosine in zip(near.rows[0].tolist(), near.cosine[0].tolist(), strict=True)
        if memory.descriptions[row] and cosine > ABSENT
    ]


def describe(
    candidates: Sequence[Neighbour], supported: Collection[str], chance: Mapping[str, float]
) -> Draft | None:
    """Make the best description that everything in it supports.

    Parameters
    ----------
    candidates : sequence of Neighbour
        Nearest first.
    supported : collection of str
        Content lemmas that a tag, a label, EXIF, a person or the neighbours' agreement supports.
    chance : mapping of str to float
        Probability that a person would say the lemma of this photo; missing is 0.

    Returns
    -------
    Draft or None
        None where no sentence's core is supported.
    """
    best: Draft | None = None
    for near in candidates:
        for sentence in parsed(near.text):
            draft = _compress(sentence, near, supported, chance)
            if draft and (best is None or draft.value > best.value):
                best = draft
    return best


@lru_cache(maxsize=50_000)
def parsed(text: str) -> tuple[Parse, ...]:
    """The sentences of a caption, parsed."""
    return tuple(parse(part) for part in _sentences(text))


def _sentences(text: str) -> list[str]:
    parts = [part.strip() for part in text.replace("! ", ". ").replace("? ", ". ").split(". ")]
    return [part for part in parts if part.strip(" .")]


def _compress(
    sentence: Parse, near: Neighbour, supported: Collection[str], chance: Mapping[str, float]
) -> Draft | None:
    dropped = _to_drop(sentence.spans, supported, chance)
    text = sentence.without(dropped).rstrip(" .,;") + "."
    lemmas = content_lemmas(text)
    distinct = set(lemmas)
    if not distinct <= set(supported):
        return None
    if len(distinct) < FEWEST_CONTENT_WORDS or len(text.split()) < FEWEST_WORDS:
        return None
    expected = sum(chance.get(lemma, 0.0) - COST_OF_A_WORD for lemma in sorted(distinct))
    left_out = tuple(
        " ".join(sentence.pieces[span.start : span.end]).strip(" ,") for span in _outermost(dropped)
    )
    sureness = sum(chance.get(lemma, 0.0) for lemma in sorted(distinct)) / len(distinct)
    return Draft(text, lemmas, near, left_out, LIKENESS_SHARE * near.cosine + expected, sureness)


def _to_drop(
    spans: Sequence[Span], supported: Collection[str], chance: Mapping[str, float]
) -> tuple[Span, ...]:
    """Spans to leave out, inner ones decided first: what they take along no longer speaks for the outer."""
    dropped: list[Span] = []
    for span in sorted(spans, key=lambda item: (item.end - item.start, item.start)):
        inner = [other for other in _outermost(dropped) if _inside(other, span)]
        remaining = (Counter(span.lemmas) - Counter(lemma for gone in inner for lemma in gone.lemmas)).keys()
        worth = sum(chance.get(lemma, 0.0) - COST_OF_A_WORD for lemma in sorted(remaining))
        if any(lemma not in supported for lemma in remaining) or worth < 0:
            dropped.append(span)
    return tuple(dropped)


def _outermost(spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if not any(_inside(span, other) for other in spans)]


def _inside(inner: Span, outer: Span) -> bool:
    return inner is not outer and outer.start <= inner.start and inner.end <= outer.end
