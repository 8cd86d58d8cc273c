"""How a query's evidence becomes an order of photos.

Photos whose owner said every word of the query come first, then those of which every word is said, ordered
without any synonym, so that learning never moves an exact hit down. All others follow by a weighted sum of
how close they stand among sentence vectors and how much of the query they say (BM25 of each word, rarer words
counting more), in related words too, above a cut-off. A photo that its owner described in other words has
spoken against the query; one that nobody described has not.

References
----------
Bruch, S., Gai, S. & Ingber, A. (2023). An Analysis of Fusion Functions for Hybrid Retrieval. ACM Trans. Inf.
Syst. 42(1).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.evidence import Link
from shared.learning.wordnet import Relation
from shared.search.postings import Postings
from shared.search.segment import Segment

WORDS_SHARE = 0.4
LEAST_SAID = 0.5
"""What a word counts that stands in a long text; the most by BM25 counts 1."""
SEEN_SHARE = 0.7
ANSWERS = {
    Relation.OWNER: 0.8,
    Relation.SPELLING: 0.8,
    Relation.SAME: 0.4,
    Relation.NARROWER: 0.2,
    Relation.BROADER: 0.05,
    Relation.TOGETHER: 0.05,
}
"""How much a photo that says a related word answers a query: a poodle is a dog, not any animal a poodle."""
UNSAID = 0.5
COVERED = 0.5
OWNER_SAYS, ALL_SAID, RELATED = 0, 1, 2


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """A query's words with all that search knows of them.

    Attributes
    ----------
    words : tuple of str
        Content lemmas.
    links : mapping of str to sequence of Link
        Related words.
    named : mapping of str to set of str
        Photos on which a person of that name is.
    plain, adapted : (d,) float32 or None
        The query among sentence vectors, and turned to what the owner means by its words.
    cut : float
        The least similarity that counts as a hit without any word.
    """

    words: tuple[str, ...]
    links: Mapping[str, Sequence[Link]] = field(default_factory=dict)
    named: Mapping[str, frozenset[str]] = field(default_factory=dict)
    plain: Array | None = None
    adapted: Array | None = None
    cut: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Ranked:
    """The photos of a segment that were found, best first.

    Attributes
    ----------
    rows : (k,) int64
    tiers : (k,) int64
    scores : (k,) float64
    """

    rows: NDArray[np.int64]
    tiers: NDArray[np.int64]
    scores: NDArray[np.float64]


def rank(segment: Segment, asked: Asked, allowed: NDArray[np.bool_]) -> Ranked:
    """Find and order the photos of one segment that are allowed."""
    size = len(segment)
    by_owner, by_any = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    said, related, covered = np.zeros(size), np.zeros(size), np.zeros(size)
    for word, weight in zip(asked.words, _rarities(segment, asked.words), strict=True):
        owner, other = _said(segment, word, asked.named.get(word, frozenset()))
        here = (owner > 0) | other
        by_owner += owner > 0
        by_any += here
        level = np.maximum(owner, SEEN_SHARE * other)
        near, answers = _related(segment, asked.links.get(word, ()))
        said += weight * level
        related += weight * np.maximum(level, answers)
        covered += weight * np.maximum(here, near)
    tiers = np.where(by_any == len(asked.words), ALL_SAID, RELATED)
    tiers[by_owner == len(asked.words)] = OWNER_SAYS
    adapted = _similar(segment, asked.adapted)
    found = allowed & ((covered >= COVERED) | (adapted >= asked.cut))
    scores = adapted + WORDS_SHARE * (related - UNSAID * segment.worded)
    certain = np.flatnonzero(found & (tiers < RELATED))
    scores[certain] = _similar(segment, asked.plain, certain) + WORDS_SHARE * said[certain]
    rows = np.flatnonzero(found)
    order = np.lexsort((rows, -scores[rows], tiers[rows]))
    rows = rows[order]
    return Ranked(rows, tiers[rows], scores[rows])


def _said(
    segment: Segment, word: str, named: frozenset[str]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How much the owner says a word of each photo, 0 to 1, and whether anything else says it."""
    owner, other = np.zeros(len(segment)), np.zeros(len(segment), dtype=np.bool_)
    rows, scores = segment.owner.of(word)
    owner[rows] = LEAST_SAID + (1.0 - LEAST_SAID) * scores / scores.max(initial=1e-9)
    owner[[segment.rows[photo] for photo in named if photo in segment.rows]] = 1.0
    other[segment.other.of(word)[0]] = True
    return owner, other


def _related(segment: Segment, links: Sequence[Link]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The strongest related word that each photo says: by its weight, and by how far it answers too."""
    strength, answers = np.zeros(len(segment)), np.zeros(len(segment))
    for link in links:
        for postings in (segment.owner, segment.other):
            rows = _all_say(postings, link.word)
            strength[rows] = np.maximum(strength[rows], link.weight)
            answers[rows] = np.maximum(answers[rows], ANSWERS[link.relation] * link.weight)
    return strength, answers


def _all_say(postings: Postings, term: str) -> NDArray[np.int32]:
    rows, *others = (postings.of(word)[0] for word in term.split(" "))
    for other in others:
        rows = np.intersect1d(rows, other)
    return rows


def _similar(
    segment: Segment, query: Array | None, rows: NDArray[np.int64] | None = None
) -> NDArray[np.float64]:
    """Scores of sentence vectors for all photos or some; -1 where there is none."""
    at = slice(None) if rows is None else rows
    vectors, placed, offsets = segment.vectors[at], segment.placed[at], segment.offsets[at]
    if query is None:
        return np.full(len(vectors), -1.0)
    return np.where(placed, vectors @ query - offsets, -1.0).astype(np.float64)


def _rarities(segment: Segment, words: Sequence[str]) -> NDArray[np.float64]:
    """What each word counts of a query, by how rare it is; they sum to 1."""
    said = np.asarray([len(segment.owner.of(w)[0]) + len(segment.other.of(w)[0]) for w in words], np.float64)
    rarity = np.log1p(len(segment) / (1.0 + said))
    total = float(rarity.sum())
    return np.asarray(rarity / total if total > 0 else rarity)
