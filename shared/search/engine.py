"""Search over a library that changes: an index of all photos, and a small one of what is newer."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from shared.domain.likeness import alike
from shared.domain.vectors import Array
from shared.learning.evidence import Link
from shared.learning.search_vectors import CUT
from shared.learning.synonyms import Synonyms
from shared.learning.words import content_lemmas, lemma, lemmas
from shared.search.entry import Entry
from shared.search.filters import allowed
from shared.search.query import Part
from shared.search.ranking import Asked, rank
from shared.search.reasons import reasons
from shared.search.segment import Segment, plain

NEWER = 1_000
SIMILAR_ENOUGH = 0.3
UNKNOWN_CUT = 0.35
LETTERS_AN_EDIT = 4

Vectorise = Callable[[str], Array]


@dataclass(frozen=True, slots=True)
class Hit:
    """A photo that was found.

    Attributes
    ----------
    also : tuple of str
        Near-duplicates of it that were found too.
    """

    photo_id: str
    score: float
    why: tuple[str, ...]
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: hits best first, of how many, and what may have been meant."""

    hits: tuple[Hit, ...]
    total: int
    did_you_mean: str | None = None


class Engine:
    """Answers queries.

    Parameters
    ----------
    synonyms : Synonyms or None
        What was learned of words.
    vectorise : callable or None
        From a text to its sentence vector; without it search goes by words alone.
    cut : float
        The least similarity that counts as a hit where the library knows a word of the query.
    """

    def __init__(
        self, synonyms: Synonyms | None = None, vectorise: Vectorise | None = None, cut: float = CUT
    ) -> None:
        self._synonyms = synonyms
        self._vectorise = vectorise
        self._cut = cut
        self._base = Segment.build(())
        self._fresh = Segment.build(())
        self._stale: set[str] = set()
        self._vocabulary: Counter[str] | None = None

    def teach(self, synonyms: Synonyms | None, vectorise: Vectorise | None, cut: float = CUT) -> None:
        """Use what was learned of words since."""
        self._synonyms, self._vectorise, self._cut = synonyms, vectorise, cut
        self._base, self._fresh = self._base.centred(self._mean()), self._fresh.centred(self._mean())

    def put(self, entries: Iterable[Entry], gone: Iterable[str] = ()) -> None:
        """Take in new photos and newer versions of known ones, and forget those that are gone."""
        newer = {entry.photo_id: entry for entry in self._fresh.entries}
        newer.update((entry.photo_id, entry) for entry in entries)
        for photo in gone:
            newer.pop(photo, None)
            self._stale.add(photo)
        self._stale |= newer.keys()
        if len(newer) > NEWER or not len(self._base):
            kept = (entry for entry in self._base.entries if entry.photo_id not in self._stale)
            self._base, newer, self._stale = Segment.build((*kept, *newer.values()), self._mean()), {}, set()
        self._fresh = Segment.build(tuple(newer.values()), self._mean())
        self._vocabulary = None

    def _mean(self) -> Array | None:
        return self._synonyms.meanings.mean if self._synonyms and self._synonyms.taught else None

    def search(self, parts: Sequence[Part], named: Mapping[str, frozenset[str]], limit: int = 100) -> Found:
        """Photos that answer a query, best first; none where nothing was asked.

        Parameters
        ----------
        parts : sequence of Part
            The query, taken apart.
        named : mapping of str to set of str
            Photos by plain name of the people on them.
        """
        parts = self._meant(parts)
        if not parts:
            return Found((), 0)
        words = _words(parts)
        asked = self._asked(words, named)
        places = []
        for number, segment in enumerate((self._base, self._fresh)):
            keep = allowed(segment, parts, named) & self._alive(number)
            if not words:
                rows = np.flatnonzero(keep)
                places += [(0, -segment.at[row], 0.0, number, row) for row in rows.tolist()]
                continue
            ranked = rank(segment, asked, keep)
            columns = zip(ranked.tiers.tolist(), ranked.scores.tolist(), ranked.rows.tolist(), strict=True)
            places += [(tier, -score, score, number, row) for tier, score, row in columns]
        places.sort()
        hits = self._hits([(number, row, score) for _, _, score, number, row in places], parts, asked, limit)
        meant = None if any(place[0] < 2 for place in places) else self.did_you_mean(parts, named)
        return Found(hits, len(places), meant)

    def _meant(self, parts: Sequence[Part]) -> list[Part]:
        """The parts that ask for something: signs that are no word count where they are a tag ("🎂")."""
        known = [
            replace(part, term="tag", phrase=False) if part.term is None and not lemmas(part.text) else part
            for part in parts
        ]
        tagged = (self._base.tagged, self._fresh.tagged)
        return [
            meant
            for part, meant in zip(parts, known, strict=True)
            if meant is part or any(plain(meant.text) in tags for tags in tagged)
        ]

    def similar(self, photo_id: str, limit: int = 24) -> tuple[Hit, ...] | None:
        """Photos that stand close among sentence vectors or look the same; None of an unknown photo."""
        at = self._place(photo_id)
        if at is None:
            return None
        here, row = at
        asked, vector = here.entries[row], here.vectors[row]
        found: list[tuple[float, str, str]] = []
        for number, segment in enumerate((self._base, self._fresh)):
            closeness = (segment.vectors @ vector).astype(np.float64)
            same = _alike(segment.dhash, segment.taken_at, asked)
            closeness[same] += 1.0
            closeness[~self._alive(number)] = -1.0
            rows = np.argsort(-closeness, kind="stable")[: limit + 1].tolist()
            found += [
                (
                    float(closeness[row]),
                    segment.entries[row].photo_id,
                    "looks the same" if same[row] else "shows the like",
                )
                for row in rows
                if closeness[row] >= SIMILAR_ENOUGH and segment.entries[row].photo_id != photo_id
            ]
        found.sort(key=lambda one: (-one[0], one[1]))
        return tuple(Hit(photo, round(score, 4), (why,)) for score, photo, why in found[:limit])

    def did_you_mean(self, parts: Sequence[Part], named: Mapping[str, frozenset[str]]) -> str | None:
        """The query with words the library never says put as the most alike that it says."""
        known = self._known(named)
        put, changed = [], False
        for part in parts:
            word = lemma(part.text)
            if part.term is None and not part.minus and not part.phrase and word not in known:
                close = process.extract(
                    word, known.keys(), scorer=DamerauLevenshtein.distance, score_cutoff=_edits(word), limit=8
                )
                if close:
                    best = min(close, key=lambda one: (one[0][0] != word[0], one[1], -known[one[0]], one[0]))
                    put.append(best[0])
                    changed = True
                    continue
            put.append(str(part))
        return " ".join(put) if changed else None

    def _known(self, named: Mapping[str, frozenset[str]]) -> Counter[str]:
        if self._vocabulary is None:
            self._vocabulary = Counter()
            for segment in (self._base, self._fresh):
                self._vocabulary += segment.owner.frequencies() + segment.other.frequencies()
        names = Counter({word: len(ids) for name, ids in named.items() for word in name.split()})
        return self._vocabulary + names

    def _asked(self, words: tuple[str, ...], named: Mapping[str, frozenset[str]]) -> Asked:
        plain_vector = adapted = None
        if words and self._vectorise is not None:
            vector = self._vectorise(" ".join(words))
            plain_vector = adapted = vector
            if self._synonyms is not None and self._synonyms.taught:
                meanings = self._synonyms.meanings
                plain_vector, adapted = meanings.adapt(vector, ()), meanings.adapt(vector, words)
        links: dict[str, tuple[Link, ...]] = {}
        if self._synonyms is not None:
            links = {word: self._synonyms.links.get(word, ()) for word in words}
        people = {
            word: frozenset().union(*(ids for name, ids in named.items() if word in name.split()))
            for word in words
        }
        said = [bool(links.get(word)) or bool(people[word]) or self._says(word) for word in words]
        cut = self._cut if any(said) else UNKNOWN_CUT
        return Asked(words, links, people, plain_vector, adapted, cut)

    def _says(self, word: str) -> bool:
        return any(
            word in segment.owner.words or word in segment.other.words
            for segment in (self._base, self._fresh)
        )

    def _alive(self, number: int) -> NDArray[np.bool_]:
        alive = np.ones(len((self._base, self._fresh)[number]), dtype=np.bool_)
        if number == 0:
            alive[[self._base.rows[photo] for photo in self._stale if photo in self._base.rows]] = False
        return alive

    def _place(self, photo_id: str) -> tuple[Segment, int] | None:
        if photo_id in self._fresh.rows:
            return self._fresh, self._fresh.rows[photo_id]
        if photo_id in self._base.rows and photo_id not in self._stale:
            return self._base, self._base.rows[photo_id]
        return None

    def _hits(
        self,
        places: Sequence[tuple[int, int, float]],
        parts: Sequence[Part],
        asked: Asked,
        limit: int,
    ) -> tuple[Hit, ...]:
        groups: list[tuple[Entry, float, list[str]]] = []
        hashes, moments = np.zeros(limit, dtype=np.uint64), np.zeros(limit)
        segments = (self._base, self._fresh)
        for number, row, score in islice(places, limit):
            entry = segments[number].entries[row]
            same = np.flatnonzero(_alike(hashes[: len(groups)], moments[: len(groups)], entry))
            if len(same):
                groups[same[0]][2].append(entry.photo_id)
            else:
                hashes[len(groups)], moments[len(groups)] = entry.dhash, segments[number].taken_at[row]
                groups.append((entry, score, []))
        return tuple(
            Hit(entry.photo_id, round(score, 4), reasons(entry, parts, asked), tuple(also))
            for entry, score, also in groups
        )


def _words(parts: Sequence[Part]) -> tuple[str, ...]:
    """Content lemmas of the free words and phrases; all of their lemmas where none carries content."""
    texts = [part.text for part in parts if part.term is None and not part.minus]
    content = dict.fromkeys(word for text in texts for word in content_lemmas(text))
    return tuple(content or dict.fromkeys(word for text in texts for word in lemmas(text)))


def _edits(word: str) -> int:
    return len(word) // LETTERS_AN_EDIT


def _alike(hashes: NDArray[np.uint64], taken_at: NDArray[np.float64], entry: Entry) -> NDArray[np.bool_]:
    """Which photos are near-duplicates of one; none of one that shows nothing to compare."""
    if not entry.dhash:
        return np.zeros(len(hashes), dtype=np.bool_)
    bits = np.bitwise_count(hashes ^ np.uint64(entry.dhash))
    return alike(bits, taken_at - (entry.at if entry.taken else np.nan)) & (hashes > 0)
