"""A description for a photo out of the library's own sentences, saying nothing that nothing supports.

The nearest captions are those whose words are expected of the photo. What three of the ten nearest say is
supported, as are tags, sure labels and facts. From the nearest captions sentences are made of supported words
alone; the one with the most words expected to be right comes first, and a second one follows where it
has enough to add.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.frames import PLURAL, SINGULAR, Frame, Made, filled, frames, made
from shared.learning.memory import Memory
from shared.learning.naming import View, Witnesses
from shared.learning.words import content_lemmas

SUPPORTING_NEIGHBOURS = 10
SUPPORTED_BY = 3
CANDIDATES = 200
COST_OF_A_WORD = 0.05
LIKENESS_SHARE = 0.3
LEAST_ADDED = 0.05
COST_OF_SAYING_AGAIN = 0.06
COST_OF_A_SLOT = 0.03


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
    candidates = list(_candidates(near, frozenset(supported), chance))
    if not candidates:
        return None
    first = max(candidates, key=lambda candidate: candidate.value)
    second = _second(candidates, first.made.lemmas, chance)
    parts = [first, second] if second else [first]
    lemmas = frozenset().union(*(part.made.lemmas for part in parts))
    return Draft(
        " ".join(part.made.text for part in parts),
        lemmas,
        tuple(part.source for part in parts),
        tuple(dict.fromkeys(phrase for part in parts for phrase in part.made.left_out)),
        sum(chance.get(lemma, 0.0) for lemma in sorted(lemmas)) / len(lemmas),
    )


def _candidates(
    near: Sequence[Neighbour], supported: frozenset[str], chance: Mapping[str, float]
) -> Iterator[_Candidate]:
    """Every sentence that can be made of the captions, with its value."""
    one, many = _person(SINGULAR, supported, chance), _person(PLURAL, supported, chance)
    for source in near:
        for frame in frames(source.text):
            yield from _made(frame, source, supported, chance, 0.0)
            other = filled(frame, one, many)
            if other:
                yield from _made(other, source, supported, chance, COST_OF_A_SLOT)


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


def _second(
    candidates: Sequence[_Candidate], said: frozenset[str], chance: Mapping[str, float]
) -> _Candidate | None:
    """The sentence that adds most to what is said; None where none adds enough."""
    best, most = None, LEAST_ADDED
    for candidate in candidates:
        lemmas = candidate.made.lemmas
        added = _worth(lemmas - said, chance) - COST_OF_SAYING_AGAIN * len(lemmas & said)
        if added > most:
            best, most = candidate, added
    return best


def _worth(lemmas: frozenset[str], chance: Mapping[str, float]) -> float:
    return sum(chance.get(lemma, 0.0) - COST_OF_A_WORD for lemma in sorted(lemmas))


def _person(names: Mapping[str, str], supported: frozenset[str], chance: Mapping[str, float]) -> str | None:
    """The supported person most likely to be said, to fill slots with."""
    known = sorted(set(names.values()) & supported)
    return max(known, key=lambda name: chance.get(name, 0.0), default=None)
