"""Words for the same, broader, narrower and often-together things, from the library's own words.

What people say instead of a tag is the main evidence; words meant alike, spelling and WordNet supplement and
rank it; the owner's own list stands above all. Every related word has a relation, a weight from 0 to 1 and
its evidence.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from shared.domain.dataset import Plan, Shard
from shared.learning.bursts import burst_name
from shared.learning.evidence import Centres, Evidence, Link, instead, neighbours, spelling, supplement, term
from shared.learning.meanings import Meanings, MeaningSums
from shared.learning.substitution import Substitution, Terms, count
from shared.learning.wordnet import Relation, WordNet
from shared.learning.words import content_lemmas


@dataclass(frozen=True, slots=True, eq=False)
class SynonymSums:
    """Counts of words beside tags, and moments of text vectors by term."""

    said: Substitution
    meant: MeaningSums

    def __add__(self, other: "SynonymSums") -> "SynonymSums":
        return SynonymSums(self.said + other.said, self.meant + other.meant)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads back."""
        said = {f"said.{name}": array for name, array in self.said.arrays().items()}
        return said | {f"meant.{name}": array for name, array in self.meant.arrays().items()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "SynonymSums":
        """Read back what `arrays` gave."""
        parts = {
            start: {name.removeprefix(start): a for name, a in arrays.items() if name.startswith(start)}
            for start in ("said.", "meant.")
        }
        return cls(Substitution.from_arrays(parts["said."]), MeaningSums.from_arrays(parts["meant."]))


@dataclass(frozen=True, slots=True, eq=False)
class Synonyms:
    """Related words of every word, best first, and what the owner means by words."""

    links: dict[str, tuple[Link, ...]]
    meanings: Meanings

    @property
    def taught(self) -> bool:
        """Whether there were words to learn from."""
        return bool(self.meanings.terms)

    @property
    def table(self) -> dict[str, list[str]]:
        """Words by word."""
        return {word: [link.word for link in links] for word, links in self.links.items()}

    @property
    def reasons(self) -> dict[str, list[dict[str, Any]]]:
        """Relation, weight and evidence, parallel to `table`."""
        return {
            word: [
                {"relation": link.relation.value, "weight": round(link.weight, 3), "evidence": link.evidence}
                for link in links
            ]
            for word, links in self.links.items()
        }

    @classmethod
    def from_tables(
        cls, table: Mapping[str, Sequence[str]], reasons: Mapping[str, Any], meanings: Meanings
    ) -> "Synonyms":
        """Read back what `table` and `reasons` gave."""
        links = {
            word: tuple(
                Link(other, Relation(said["relation"]), said["weight"], said["evidence"])
                for other, said in zip(table[word], reasons[word], strict=True)
            )
            for word in table
        }
        return cls(links, meanings)


def observe(shard: Shard, plan: Plan) -> SynonymSums:
    """Sum the worded photos of one shard; of a burst only one counts."""
    rows = [
        row
        for row, photo in enumerate(shard.ids)
        if (shard.descriptions[row] or shard.tags[row]) and plan.burst_of.get(photo) == burst_name(photo)
    ]
    photos = [(shard.descriptions[row] or "", shard.tags[row]) for row in rows]
    return observe_words(photos, shard.words[rows], Terms.of(plan))


def observe_words(
    photos: Sequence[tuple[str, Sequence[str]]], vectors: NDArray[np.float32], terms: Terms
) -> SynonymSums:
    """Sum photos given by their description, tags and text vector, (n, d) float32."""
    described = ((text, tags) for text, tags in photos if text)
    return SynonymSums(count(described, terms), MeaningSums.observe(vectors, _carried(photos, terms)))


def solve(
    sums: SynonymSums,
    plan: Plan,
    own: Mapping[str, Sequence[str]] | None = None,
    wordnet: WordNet | None = None,
) -> Synonyms:
    """Weigh all evidence; `own` is the owner's list."""
    terms = Terms.of(plan)
    names = (*(term(tag) for tag in terms.tags), *terms.words)
    centres = Centres.of(sums.meant, names)
    found = Evidence()
    instead(sums.said, terms, centres, found)
    neighbours(sums.said, terms, centres, found)
    spelling(sorted(set(names)), centres, found)
    if wordnet is not None:
        supplement(sorted(set(names)), wordnet, centres, found)
    for word, others in sorted((own or {}).items()):
        for other in others:
            found.add(term(word), Link(term(other), Relation.OWNER, 1.0, "your own list"))
    return Synonyms(found.links(), Meanings.solve(sums.meant, names))


def _carried(photos: Sequence[tuple[str, Sequence[str]]], terms: Terms) -> csr_array:
    """Which photo carries each tag, then says each word, as (n, T + W)."""
    tag_at = {tag: column for column, tag in enumerate(terms.tags)}
    word_at = {word: column for column, word in enumerate(terms.words, len(terms.tags))}
    rows: list[int] = []
    columns: list[int] = []
    for row, (text, tags) in enumerate(photos):
        here = {tag_at[tag] for tag in tags if tag in tag_at}
        here |= {word_at[lemma] for lemma in content_lemmas(text) if lemma in word_at}
        rows += [row] * len(here)
        columns += sorted(here)
    values = np.ones(len(rows), dtype=np.float64)
    return csr_array((values, (rows, columns)), shape=(len(photos), len(tag_at) + len(word_at)))
