"""What the models say of a photo, completed by things that the library's words make likely.

A library of few words can seldom make a sentence of its own, but it knows sooner what its owner would name.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache

from shared.learning.describe import Draft
from shared.learning.phrases import mended
from shared.learning.words import content_lemmas
from shared.vision.coco import CLASS_NAMES
from shared.vision.generic import NOTHING, counted_phrase, joined, plural

LIKELIER_THAN_NOT = 0.5
MOST_ADDED = 3


def complete(
    said: str | None,
    labels: Sequence[tuple[str, float]],
    chance: Mapping[str, float],
    barred: Collection[str] = (),
) -> Draft | None:
    """Add to what the models say the things that are likelier than not to be named.

    Parameters
    ----------
    said : str or None
        A phrase or a sentence; None where the models only guess.
    labels : sequence of (str, float)
        What the models saw; these are added first, then other kinds of things that the detector knows.
    chance : mapping of str to float
        Probability that a person would say a lemma of this photo; missing is 0.
    barred : collection of str
        Names the owner took away.

    Returns
    -------
    Draft or None
        None where there is nothing to add.
    """
    start = "" if said is None or said == NOTHING else said.rstrip(" .")
    told = set(content_lemmas(start))
    added: dict[str, float] = {}
    for name in dict.fromkeys((*(name for name, _ in labels), *CLASS_NAMES)):
        words, forms = _lemmas(name)
        if not words or name in barred or told & forms:
            continue
        likely = min(chance.get(word, 0.0) for word in words)
        if likely >= LIKELIER_THAN_NOT:
            added[name] = likely
            told |= words
    if not added:
        return None
    names = sorted(added, key=lambda name: (-added[name], name))[:MOST_ADDED]
    things = joined([counted_phrase(name, 1) for name in names])
    text = mended(f"{start}, with {things}." if start else f"{things}.")
    sureness = sum(added[name] for name in names) / len(names)
    return Draft(text, frozenset(content_lemmas(text)), (), (), sureness, tuple(names))


@lru_cache(maxsize=4_096)
def _lemmas(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """Content lemmas of a name, and those with its plural's."""
    words = frozenset(content_lemmas(name))
    return words, words | frozenset(content_lemmas(plural(name)))
