"""How a query's evidence becomes an order of photos.

Photos whose owner said every word of the query come first, then those of which every word is said, ordered
without any synonym, so that learning never moves an exact hit down. All others follow by reciprocal rank
fusion of words, related words and sentence vectors, above a cut-off.

References
----------
Cormack, G., Clarke, C. & Buettcher, S. (2009). Reciprocal Rank Fusion outperforms Condorcet and individual
Rank Learning Methods. SIGIR.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.evidence import Link
from shared.search.postings import Postings
from shared.search.segment import Segment

RRF = 60.0
OWNER_SHARE = 2.0
RELATED_SHARE = 0.1
COVERED = 0.5
LIST = 1_000
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
    exact, by_owner, by_any = np.zeros(size), np.zeros(size), np.zeros(size)
    covered, near = np.zeros(size), np.zeros(size)
    weights = _rarities(segment, asked.words)
    for word, weight in zip(asked.words, weights, strict=True):
        said, own = _said(segment, word, asked.named.get(word, frozenset()))
        exact += said
        by_owner += own
        here = said > 0
        by_any += here
        related = _related(segment, asked.links.get(word, ()))
        near += np.where(here, 0.0, related)
        covered += weight * np.maximum(here, np.minimum(related, 1.0))
    tiers = np.where(by_any == len(asked.words), ALL_SAID, RELATED)
    tiers[by_owner == len(asked.words)] = OWNER_SAYS
    adapted = _similar(segment, asked.adapted)
    found = allowed & ((covered >= COVERED) | (adapted >= asked.cut))
    scores = fuse([(exact, 1.0), (adapted, 1.0), (near, RELATED_SHARE)])
    certain = np.flatnonzero(found & (tiers < RELATED))
    scores[certain] = fuse([(exact[certain], 1.0), (_similar(segment, asked.plain, certain), 1.0)])
    rows = np.flatnonzero(found)
    order = np.lexsort((rows, -scores[rows], tiers[rows]))
    rows = rows[order]
    return Ranked(rows, tiers[rows], scores[rows])


def fuse(lists: Sequence[tuple[NDArray[np.floating], float]]) -> NDArray[np.float64]:
    """Reciprocal rank fusion of scores with shares; a score of 0 or less is in no list. Shapes (n,)."""
    fused = np.zeros(len(lists[0][0]))
    for scores, share in lists:
        listed = np.flatnonzero(scores > 0)
        if len(listed) > LIST:
            listed = listed[np.argpartition(-scores[listed], LIST)[:LIST]]
        ordered = listed[np.lexsort((listed, -scores[listed]))]
        fused[ordered] += share / (RRF + 1.0 + np.arange(len(ordered)))
    return fused


def _said(
    segment: Segment, word: str, named: frozenset[str]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What a word counts for each photo, and whether the owner said it."""
    score, own = np.zeros(len(segment)), np.zeros(len(segment))
    rows, scores = segment.owner.of(word)
    score[rows] += OWNER_SHARE * scores
    own[rows] = 1.0
    rows, scores = segment.other.of(word)
    score[rows] += scores
    if named:
        people = np.asarray([segment.rows[i] for i in sorted(named) if i in segment.rows], dtype=np.int64)
        score[people] += OWNER_SHARE * np.log1p(len(segment) / (1 + len(people)))
        own[people] = 1.0
    return score, own


def _related(segment: Segment, links: Sequence[Link]) -> NDArray[np.float64]:
    """The strongest related word that each photo says, by its weight."""
    strength = np.zeros(len(segment))
    for link in links:
        for postings in (segment.owner, segment.other):
            rows = _all_say(postings, link.word)
            strength[rows] = np.maximum(strength[rows], link.weight)
    return strength


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
