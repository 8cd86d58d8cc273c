"""Evidence that two words belong together: what is said instead, what is meant alike, spelling, WordNet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from rapidfuzz.distance import DamerauLevenshtein
from scipy.sparse import csr_array

from shared.domain.vectors import Array
from shared.learning.meanings import MeaningSums
from shared.learning.substitution import Substitution, Terms
from shared.learning.wordnet import Relation, WordNet
from shared.learning.words import content_lemmas

KEPT = 12
OUTSIDE = 40
SUPPORT = 3
CARRIED = 5
CERTAIN_Z = 2.0
RATHER_INSTEAD = 1.5
TOGETHER_SHARE = 0.4
OFTEN = 0.25
SPELLING_LENGTH = 4
SPELLING_WEIGHT = 0.9
NEAREST = 10
BLOCK = 512
STRANGE, SURE = 0.25, 0.75
ALIKE, ALIKE_SHARE = 0.6, 0.5
UNKNOWN = 0.5
FAR_MORE = 3
WORDNET_SHARE = {Relation.SAME: 0.8, Relation.NARROWER: 0.7, Relation.BROADER: 0.5}


@dataclass(frozen=True, slots=True)
class Link:
    """One related word.

    Attributes
    ----------
    weight : float
        0 to 1: how far a photo that says `word` answers a search for the other.
    evidence : str
        For people.
    """

    word: str
    relation: Relation
    weight: float
    evidence: str


def term(tag: str) -> str:
    """The lemmas of a tag as one term: what links and meanings are looked up by."""
    return " ".join(content_lemmas(tag)) or tag.lower()


class Evidence:
    """Links gathered by pair of words; weights of several kinds of evidence add as probabilities do."""

    def __init__(self) -> None:
        self._found: dict[str, dict[str, Link]] = {}

    def add(self, word: str, link: Link) -> None:
        """Take in one more piece of evidence."""
        if word == link.word or link.weight <= 0:
            return
        known = self._found.setdefault(word, {}).get(link.word)
        if known is not None:
            first = min((known, link), key=lambda one: list(Relation).index(one.relation))
            weight = 1.0 - (1.0 - known.weight) * (1.0 - link.weight)
            link = Link(link.word, first.relation, weight, f"{known.evidence}; {link.evidence}")
        self._found[word][link.word] = link

    def links(self) -> dict[str, tuple[Link, ...]]:
        """The strongest links of each word; the owner's come first."""
        return {
            word: tuple(sorted(links.values(), key=_order)[:KEPT])
            for word, links in sorted(self._found.items())
            if links
        }


def _order(link: Link) -> tuple[bool, float, str]:
    return (link.relation is not Relation.OWNER, -link.weight, link.word)


@dataclass(frozen=True, slots=True, eq=False)
class Centres:
    """Where the photos of each term stand on average among sentence vectors.

    Attributes
    ----------
    terms : tuple of str
        Those that enough photos carry, sorted.
    vectors : (t, d) float32
        Centred on the library, of length 1.
    rows : dict of str to int
        Place of each term.
    """

    terms: tuple[str, ...]
    vectors: Array
    rows: dict[str, int]

    @classmethod
    def of(cls, meant: MeaningSums, names: Sequence[str]) -> Self:
        """The centres of the terms that enough photos carry; of a term given twice the first counts."""
        first = {name: column for column, name in reversed(list(enumerate(names)))}
        known = sorted(name for name, column in first.items() if meant.carriers[column] >= CARRIED)
        columns = [first[name] for name in known]
        mean = meant.total / max(float(meant.photos[0]), 1.0)
        centred = (meant.cross[:, columns] / np.maximum(meant.carriers[columns], 1.0)).T - mean
        lengths = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-12)
        rows = {name: row for row, name in enumerate(known)}
        return cls(tuple(known), (centred / lengths).astype(np.float32), rows)

    def trust(self, one: str, other: str) -> float:
        """How far two words are meant alike, 0 to 1; a half where one is too rare to tell."""
        if one not in self.rows or other not in self.rows:
            return UNKNOWN
        return _trust(float(self.vectors[self.rows[one]] @ self.vectors[self.rows[other]]))

    def nearest(self) -> Iterator[tuple[str, str, float]]:
        """Pairs of words meant very much alike, with the cosine of their centres: at most ten a word."""
        for start in range(0, len(self.terms), BLOCK):
            cosines = self.vectors[start : start + BLOCK] @ self.vectors.T
            order = np.argsort(-cosines, axis=1, kind="stable")[:, : NEAREST + 1]
            for row, columns in enumerate(order.tolist()):
                for column in columns:
                    cosine = float(cosines[row, column])
                    if column != start + row and cosine >= ALIKE:
                        yield self.terms[start + row], self.terms[column], cosine


def _trust(cosine: float) -> float:
    return min(1.0, max(0.0, (cosine - STRANGE) / (SURE - STRANGE)))


def instead(said: Substitution, terms: Terms, centres: Centres, found: Evidence) -> None:
    """Words that descriptions hold beyond chance where they go without the photo's tag."""
    base = said.word / max(int(said.photos[0]), 1)
    for row, tag in enumerate(terms.tags):
        unsaid, mentioned = int(said.unsaid[row]), int(said.said[row])
        here = slice(*said.instead.indptr[row : row + 2])
        columns, times = said.instead.indices[here], said.instead.data[here]
        expected = unsaid * base[columns]
        z = (times - expected) / np.sqrt(np.maximum(expected * (1 - base[columns]), 1e-9))
        beside = dict(zip(*_row(said.beside, row), strict=True))
        for at in np.flatnonzero((z >= CERTAIN_Z) & (times >= SUPPORT)).tolist():
            column, word = int(columns[at]), terms.words[columns[at]]
            usual = (beside.get(column, 0) + float(base[column])) / (mentioned + 1)
            share = int(times[at]) / unsaid
            weight = min(1.0, 2 * (share - float(base[column]))) * centres.trust(term(tag), word)
            link = Link(
                word, Relation.SAME, weight, f"said of {times[at]} of {unsaid} photos instead of “{tag}”"
            )
            if share < RATHER_INSTEAD * usual:
                evidence = f"said of {times[at]} of {unsaid} photos of “{tag}”"
                link = Link(word, Relation.TOGETHER, TOGETHER_SHARE * weight, evidence)
            found.add(term(tag), _by_frequency(link, int(said.word[column]), unsaid + mentioned))


def _row(matrix: csr_array, row: int) -> tuple[list[int], list[int]]:
    here = slice(*matrix.indptr[row : row + 2])
    return matrix.indices[here].tolist(), matrix.data[here].tolist()


def _by_frequency(link: Link, uses_of_word: int, uses_of_tag: int) -> Link:
    """What is said far more often is broader, what far less, narrower."""
    if link.relation is not Relation.SAME:
        return link
    if uses_of_word > FAR_MORE * uses_of_tag:
        return replace(link, relation=Relation.BROADER)
    if FAR_MORE * uses_of_word < uses_of_tag:
        return replace(link, relation=Relation.NARROWER)
    return link


def neighbours(said: Substitution, terms: Terms, centres: Centres, found: Evidence) -> None:
    """Words whose photos are described alike; where they stand in one description often, they go together."""
    column = {word: at for at, word in enumerate(terms.words)}
    both = said.together + said.together.T
    for one, other, cosine in centres.nearest():
        a, b = column.get(one), column.get(other)
        if a is None or b is None:
            continue
        joint = int(both[a, b]) / max(min(int(said.word[a]), int(said.word[b])), 1)
        weight = ALIKE_SHARE * _trust(cosine)
        alike = f"their photos are described alike ({cosine:.2f})"
        link = Link(other, Relation.SAME, weight, alike)
        if joint >= OFTEN or cosine < SURE:
            link = Link(other, Relation.TOGETHER, TOGETHER_SHARE * weight, alike)
        found.add(one, _by_frequency(link, int(said.word[b]), int(said.word[a])))


def spelling(words: Sequence[str], centres: Centres, found: Evidence) -> None:
    """Words that differ by an edit or two and are the same but for doubled letters, endings and the like."""
    by_key: dict[str, list[str]] = {}
    for word in words:
        if len(word) >= SPELLING_LENGTH:
            by_key.setdefault(_skeleton(word), []).append(word)
    for group in by_key.values():
        for one in group:
            for other in group:
                if one != other and DamerauLevenshtein.distance(one, other) <= 1 + (
                    len(one) > SPELLING_LENGTH
                ):
                    weight = SPELLING_WEIGHT * centres.trust(one, other)
                    found.add(one, Link(other, Relation.SPELLING, weight, "spelled almost the same"))


def _skeleton(word: str) -> str:
    """What remains of a word when spellings are made alike."""
    plain = word.replace("-", "").replace(" ", "").replace("our", "or").replace("grey", "gray")
    plain = plain.replace("ee", "i").replace("ph", "f").replace("ise", "ize").removesuffix("y")
    kept = [letter for at, letter in enumerate(plain) if at == 0 or plain[at - 1] != letter]
    return "".join(kept).removesuffix("e")


def supplement(words: Sequence[str], wordnet: WordNet, centres: Centres, found: Evidence) -> None:
    """WordNet's links between words of the library, and from words outside it to the nearest inside."""
    inside = frozenset(words)
    for word in words:
        outside = 0
        ranked = sorted(wordnet.related(word).values(), key=lambda one: (-one.strength, one.word))
        for related in ranked:
            relation = related.relation
            weight = WORDNET_SHARE[relation] * related.strength
            if related.word in inside:
                weight *= centres.trust(word, related.word)
                found.add(word, Link(related.word, relation, weight, f"WordNet: {relation}"))
            elif relation is not Relation.BROADER and related.strength >= UNKNOWN and outside < OUTSIDE:
                outside += 1
                back = Relation.BROADER if relation is Relation.NARROWER else relation
                found.add(related.word, Link(word, back, UNKNOWN * weight, f"WordNet: {back}"))
