"""A description for a photo out of the library's own sentences, saying nothing that nothing supports.

The nearest captions are those whose words are expected of the photo. What three of the ten nearest say is
supported, as are tags, sure labels and facts. Of the sentences that parts of the nearest captions make with
supported words alone, the one with the most words expected to be right comes first; a second one follows
where it tells of something else.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.blocks import each
from shared.learning.clauses import PERSON, Clause, clause
from shared.learning.composing import Composed, Parts
from shared.learning.memory import Memory
from shared.learning.naming import Witnesses
from shared.learning.phrases import mended, parse, sentences
from shared.learning.wellformed import well_formed
from shared.learning.words import content_lemmas

SUPPORTING_NEIGHBOURS = 10
SUPPORTED_BY = 3
CANDIDATES = 200
BLOCK_PHOTOS = 256
COST_OF_A_WORD = 0.03
LIKENESS_SHARE = 0.2
COST_OF_A_SLOT = 0.03
COST_OF_NO_VERB = 0.03
LEAST_ADDED = 0.2
FEWEST_CONTENT_WORDS = 2
AGENTS = ("er", "or", "ist", "man")


class Neighbour(NamedTuple):
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
        The captions it was made from.
    left_out : tuple of str
        Phrases of those captions that nothing supports.
    sureness : float
        Mean chance of its content words, 0 to 1.
    added : tuple of str
        Things that complete what the models say, where the draft is no sentence of the library.
    """

    text: str
    lemmas: frozenset[str]
    sources: tuple[Neighbour, ...]
    left_out: tuple[str, ...]
    sureness: float
    added: tuple[str, ...] = ()


def neighbours(
    memory: Memory, words: Witnesses, learned: Array, chance: Array, count: int = CANDIDATES
) -> list[list[Neighbour]]:
    """The captions most like what is expected of each photo, nearest first.

    Likeness is the cosine of a caption's place with the photo's, and the chance of every word it has.

    Parameters
    ----------
    learned : (n, 384) float32
        Where the photos stand.
    chance : (n, W) float32
        Of the words that `words` bear witness of.
    """
    described = np.flatnonzero(memory.described)
    if not len(described):
        return [[] for _ in learned]
    found: list[list[Neighbour]] = [[]] * len(learned)

    def fill(start: int) -> None:
        block = slice(start, start + BLOCK_PHOTOS)
        likeness = (memory.vectors @ learned[block].T + words.votes @ chance[block].T)[described].T
        found[block] = [_nearest(memory, described, row, count) for row in np.ascontiguousarray(likeness)]

    each(fill, range(0, len(learned), BLOCK_PHOTOS))
    return found


def _nearest(memory: Memory, described: NDArray[np.intp], likeness: Array, count: int) -> list[Neighbour]:
    places = _highest(likeness, count)
    values = likeness[places].astype(np.float64)
    relative = values / max(float(values[0]), 1e-6)
    rows = described[places].tolist()
    ids, texts = [memory.ids[row] for row in rows], [memory.descriptions[row] for row in rows]
    return list(map(Neighbour, ids, texts, relative.tolist()))


def _highest(values: Array, count: int) -> NDArray[np.intp]:
    """Places of the highest values, best first; ties in order."""
    rows = np.arange(len(values))
    if count < len(values):
        rows = np.sort(np.argpartition(values, -count)[-count:])
    return rows[np.argsort(-values[rows], kind="stable")]


def common_lemmas(near: Sequence[Neighbour]) -> dict[str, int]:
    """Content lemmas that at least 3 of the 10 nearest captions have, with how many have them."""
    said = (frozenset(content_lemmas(one.text)) for one in near[:SUPPORTING_NEIGHBOURS])
    counted = Counter(chain.from_iterable(said))
    return {lemma: count for lemma, count in sorted(counted.items()) if count >= SUPPORTED_BY}


def describe(
    near: Sequence[Neighbour],
    supported: Collection[str],
    chance: Mapping[str, float],
    *,
    several: bool = False,
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
    several : bool
        Whether more than one person is seen, so that a second sentence may tell of another.

    Returns
    -------
    Draft or None
        None where no sentence can be made of supported words.
    """
    told = [(source, one) for source in near for one in _clauses(source.text)]
    worth = {lemma: chance.get(lemma, 0.0) - COST_OF_A_WORD for lemma in supported}
    parts = Parts([one for _, one in told], frozenset(supported), worth, COST_OF_A_WORD)
    ranked = _ranked(parts, [source.likeness for source, _ in told])
    first = next(filter(_is_english, ranked), None)
    if first is None:
        return None
    second = _second(parts, ranked, first, several=several)
    said = [first, second] if second else [first]
    lemmas = frozenset().union(*(one.lemmas for one in said))
    rows = list(dict.fromkeys(row for one in said for row in one.sources))
    return Draft(
        " ".join(_written(one.text) for one in said),
        lemmas,
        tuple(dict.fromkeys(told[row][0] for row in rows)),
        _left_out([told[one.sources[0]][1] for one in said], frozenset(supported)),
        sum(chance.get(lemma, 0.0) for lemma in sorted(lemmas)) / len(lemmas),
    )


@lru_cache(maxsize=50_000)
def _clauses(description: str) -> tuple[Clause, ...]:
    return tuple(one for sentence in sentences(description) if (one := clause(sentence)))


def _ranked(parts: Parts, likeness: Sequence[float]) -> list[Composed]:
    """Sentences worth most first; of equals the one made first."""
    found = [one for one in parts.sentences() if len(one.lemmas) >= FEWEST_CONTENT_WORDS]

    def value(one: Composed) -> float:
        borrowed = COST_OF_A_SLOT * (len(one.sources) - 1) + COST_OF_NO_VERB * (not one.finished)
        return parts.worth(one.lemmas) + LIKENESS_SHARE * likeness[one.sources[0]] - borrowed

    return sorted(found, key=value, reverse=True)


def _second(parts: Parts, ranked: Sequence[Composed], first: Composed, *, several: bool) -> Composed | None:
    """The sentence that adds most about something else; None where none adds enough.

    Another person is something else where several are seen and both sentences tell of one.
    """

    def other(one: Composed) -> bool:
        if not (_human(one.kind) and _human(first.kind)):
            return one.kind != first.kind
        return several and one.single and first.single

    added = [
        (gain, -row)
        for row, one in enumerate(ranked)
        if not one.lemmas & first.lemmas and other(one) and (gain := parts.worth(one.lemmas)) > LEAST_ADDED
    ]
    best = (ranked[-row] for _, row in sorted(added, reverse=True))
    return next(filter(_is_english, best), None)


def _human(kind: str) -> bool:
    """Whether a subject may be a person: what somebody is called by doing counts ("player", "cyclist")."""
    return kind == PERSON or kind.endswith(AGENTS)


def _written(text: str) -> str:
    """A sentence with its capital, articles and full stop."""
    return mended(text).rstrip(" .,;:") + "."


def _is_english(one: Composed) -> bool:
    return well_formed(parse(_written(one.text)))


def _left_out(acts: Sequence[Clause], supported: frozenset[str]) -> tuple[str, ...]:
    """Phrases of the captions the acts come from that nothing supports."""
    phrases = [phrase for one in acts for phrase in (one.subject, *one.worn, *one.around)]
    return tuple(dict.fromkeys(phrase.full for phrase in phrases if not phrase.lemmas <= supported))
