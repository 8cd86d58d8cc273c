"""A description for a photo out of the library's own sentences, saying nothing that nothing supports.

The nearest captions are those whose words are expected of the photo. What three of the ten nearest say is
supported, as are tags, sure labels and facts. From the nearest captions sentences are made of supported words
alone; the one with the most words expected to be right comes first, and a second one follows where it
has enough to add.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.frames import PLURAL, SINGULAR, Frame, Made, filled, frames, made
from shared.learning.memory import Memory
from shared.learning.naming import View, Witnesses
from shared.learning.words import content_lemmas, lemma

SUPPORTING_NEIGHBOURS = 10
SUPPORTED_BY = 3
CANDIDATES = 200
COST_OF_A_WORD = 0.05
LIKENESS_SHARE = 0.3
LEAST_ADDED = 0.05
COST_OF_SAYING_AGAIN = 0.06
COST_OF_A_SLOT = 0.03
ROUNDING = 1e-9
_PEOPLE = frozenset(lemma(word) for word in (*SINGULAR, *PLURAL))


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A caption near the photo.

    Attributes
    ----------
    photo_id : str
    text : str
    likeness : float
        Relative to the nearest one, which has 1.
    """

    photo_id: str
    text: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Draft:
    """A description made for a photo.

    Attributes
    ----------
    text : str
        One or two sentences.
    lemmas : frozenset of str
        Its content lemmas.
    sources : tuple of Neighbour
        The captions it was made from, a sentence each.
    left_out : tuple of str
        Phrases of those captions that were left out.
    sureness : float
        Mean chance of its content words, 0 to 1.
    """

    text: str
    lemmas: frozenset[str]
    sources: tuple[Neighbour, ...]
    left_out: tuple[str, ...]
    sureness: float


@dataclass(frozen=True, slots=True)
class _Candidate:
    made: Made
    source: Neighbour
    value: float


def neighbours(
    memory: Memory, words: Witnesses, view: View, chance: Array, count: int = CANDIDATES
) -> list[Neighbour]:
    """The captions most like what is expected of one photo, nearest first.

    Likeness is the cosine of a caption's place with the photo's, and the chance of every word it has.

    Parameters
    ----------
    view : View
        Of this photo alone.
    chance : (W,) float32
        Of the words that `words` bear witness of.
    """
    likeness = memory.vectors @ view.learned[0] + words.votes @ chance
    rows = np.flatnonzero(memory.described)
    if not len(rows):
        return []
    rows = rows[_highest(likeness[rows], count)]
    best = max(float(likeness[rows[0]]), 1e-6)
    return [
        Neighbour(memory.ids[row], memory.descriptions[row], float(likeness[row]) / best)
        for row in rows.tolist()
    ]


def _highest(values: Array, count: int) -> NDArray[np.intp]:
    """Places of the highest values, best first; ties in order."""
    rows = np.arange(len(values))
    if count < len(values):
        rows = np.sort(np.argpartition(-values, count - 1)[:count])
    return rows[np.argsort(-values[rows], kind="stable")]


def common_lemmas(near: Sequence[Neighbour]) -> dict[str, int]:
    """Content lemmas that at least 3 of the 10 nearest captions have, with how many have them."""
    counted = Counter(
        lemma for one in near[:SUPPORTING_NEIGHBOURS] for lemma in set(content_lemmas(one.text))
    )
    return {lemma: count for lemma, count in sorted(counted.items()) if count >= SUPPORTED_BY}


def describe(
    near: Sequence[Neighbour], supported: Collection[str], chance: Mapping[str, float]
) -> Draft | None:
    """Make the best description that everything in it supports.

    Parameters
    ----------
    near : sequence of Neighbour
        Nearest first.
    supported : collection of str
        Content lemmas that a tag, a label, EXIF, a person or the neighbours' agreement supports.
    chance : mapping of str to float
        Probability that a person would say the lemma of this photo; missing is 0.

    Returns
    -------
    Draft or None
        None where no sentence can be made of supported words.
    """
    sentences = _Sentences(near, frozenset(supported), chance)
    first = sentences.first()
    if first is None:
        return None
    second = sentences.second(first.made.lemmas)
    parts = [first, second] if second else [first]
    lemmas = frozenset().union(*(part.made.lemmas for part in parts))
    return Draft(
        " ".join(part.made.text for part in parts),
        lemmas,
        tuple(part.source for part in parts),
        tuple(dict.fromkeys(phrase for part in parts for phrase in part.made.left_out)),
        sum(chance.get(lemma, 0.0) for lemma in sorted(lemmas)) / len(lemmas),
    )


class _Sentences:
    """Every sentence that can be made of captions, each caption taken apart only where it may be the best.

    No sentence is worth more than the supported words of its caption, and the person that may fill its slot.
    """

    def __init__(
        self, near: Sequence[Neighbour], supported: frozenset[str], chance: Mapping[str, float]
    ) -> None:
        self._near = near
        self._supported = supported
        self._chance = chance
        self._one = _person(SINGULAR, supported, chance)
        self._many = _person(PLURAL, supported, chance)
        self._known: dict[int, tuple[_Candidate, ...]] = {}

    def first(self) -> _Candidate | None:
        """The sentence that is worth most; None where there is none."""
        most = [LIKENESS_SHARE * source.likeness for source in self._near]
        return self._best(frozenset(), most, lambda candidate: candidate.value, -math.inf)

    def second(self, said: frozenset[str]) -> _Candidate | None:
        """The sentence that adds most to what is said; None where none adds enough."""

        def added(candidate: _Candidate) -> float:
            lemmas = candidate.made.lemmas
            return _worth(lemmas - said, self._chance) - COST_OF_SAYING_AGAIN * len(lemmas & said)

        return self._best(said, [0.0] * len(self._near), added, LEAST_ADDED)

    def _best(
        self,
        said: frozenset[str],
        beside: Sequence[float],
        worth: Callable[[_Candidate], float],
        least: float,
    ) -> _Candidate | None:
        """The candidate worth most and more than `least`, of equals the nearest."""
        gain = {lemma: self._chance.get(lemma, 0.0) - COST_OF_A_WORD for lemma in self._supported - said}
        useful = {lemma: more for lemma, more in gain.items() if more > 0}
        person = max((useful.get(name, 0.0) for name in (self._one, self._many) if name), default=0.0)
        limits = []
        for source, more in zip(self._near, beside, strict=True):
            lemmas = _lemmas(source.text)
            filling = 0.0 if lemmas.isdisjoint(_PEOPLE) else person
            limits.append(sum(useful.get(lemma, 0.0) for lemma in lemmas) + filling + more + ROUNDING)
        best, most, place = None, least, -1
        for row in sorted(range(len(limits)), key=lambda row: (-limits[row], row)):
            if limits[row] < most:
                break
            for candidate in self._candidates(row):
                value = worth(candidate)
                if value > most or (value == most and row < place):
                    best, most, place = candidate, value, row
        return best

    def _candidates(self, row: int) -> tuple[_Candidate, ...]:
        if row not in self._known:
            self._known[row] = tuple(self._made(self._near[row]))
        return self._known[row]

    def _made(self, source: Neighbour) -> Iterator[_Candidate]:
        for frame in frames(source.text):
            yield from _made(frame, source, self._supported, self._chance, 0.0)
            other = filled(frame, self._one, self._many)
            if other:
                yield from _made(other, source, self._supported, self._chance, COST_OF_A_SLOT)


def _made(
    frame: Frame, source: Neighbour, supported: frozenset[str], chance: Mapping[str, float], cost: float
) -> Iterator[_Candidate]:
    if not frame.core <= supported:
        return
    allowed = frame.lemmas & supported
    wanted = frozenset(lemma for lemma in allowed if chance.get(lemma, 0.0) > COST_OF_A_WORD)
    sentence = made(frame, allowed, wanted)
    if sentence:
        value = _worth(sentence.lemmas, chance) + LIKENESS_SHARE * source.likeness - cost
        yield _Candidate(sentence, source, value)


@lru_cache(maxsize=20_000)
def _lemmas(text: str) -> frozenset[str]:
    return frozenset(content_lemmas(text))


def _worth(lemmas: frozenset[str], chance: Mapping[str, float]) -> float:
    return sum(chance.get(lemma, 0.0) - COST_OF_A_WORD for lemma in sorted(lemmas))


def _person(names: Mapping[str, str], supported: frozenset[str], chance: Mapping[str, float]) -> str | None:
    """The supported person most likely to be said, to fill slots with."""
    known = sorted(set(names.values()) & supported)
    return max(known, key=lambda name: chance.get(name, 0.0), default=None)
