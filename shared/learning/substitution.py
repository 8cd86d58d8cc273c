"""What people say instead: counts of the words of descriptions beside the tags of the same photos.

Where a photo is tagged "bicycle" and its description does not say so, the words that its description says
more often than descriptions that do say "bicycle" are what was said instead ("bike"); words that are as
frequent in both merely go along with it ("ride"). All counts add over shards.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, triu

from shared.domain.dataset import Plan
from shared.learning.words import content_lemmas

WORDS = 3_000
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is counted: tags, the lemmas that say each, and the most frequent words of descriptions.

    Attributes
    ----------
    tags : tuple of str
    said_by : tuple of frozenset of str
        All of them in a description say the tag.
    words : tuple of str
    """

    tags: tuple[str, ...]
    said_by: tuple[frozenset[str], ...]
    words: tuple[str, ...]

    @classmethod
    def of(cls, plan: Plan) -> Self:
        """The tags of a plan and its most frequent words, at most 3,000."""
        order = np.lexsort((np.arange(len(plan.words)), -plan.document_frequency))[:WORDS]
        words = tuple(sorted(plan.words[row] for row in order.tolist()))
        return cls(plan.vocabulary, tuple(frozenset(content_lemmas(tag)) for tag in plan.vocabulary), words)


@dataclass(frozen=True, slots=True, eq=False)
class Substitution:
    """Counts of photos with a description.

    Attributes
    ----------
    photos : (1,) int64
    word : (W,) int64
        Descriptions that say the word.
    said, unsaid : (T,) int64
        Photos with the tag whose description says it, and does not.
    beside, instead : (T, W) int64 csr_array
        Of those, how many descriptions say the word.
    together : (W, W) int64 csr_array
        Descriptions that say both words; upper triangle.
    """

    photos: Counts
    word: Counts
    said: Counts
    unsaid: Counts
    beside: csr_array
    instead: csr_array
    together: csr_array

    def __add__(self, other: "Substitution") -> "Substitution":
        return Substitution(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The counts as arrays that `from_arrays` reads back."""
        found: dict[str, NDArray[Any]] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if isinstance(value, csr_array):
                value.sort_indices()
                found[f"{f.name}.shape"] = np.asarray(value.shape, dtype=np.int64)
                found |= {f"{f.name}.{part}": getattr(value, part) for part in ("data", "indices", "indptr")}
            else:
                found[f.name] = value
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Substitution":
        """Read back what `arrays` gave."""
        return cls(
            *(
                arrays[f.name]
                if f.name in arrays
                else csr_array(
                    tuple(arrays[f"{f.name}.{part}"] for part in ("data", "indices", "indptr")),
                    shape=tuple(arrays[f"{f.name}.shape"].tolist()),
                )
                for f in fields(cls)
            )
        )


def count(texts: Iterable[tuple[str, Sequence[str]]], terms: Terms) -> Substitution:
    """Count photos, each given by its description and tags."""
    word_at = {word: row for row, word in enumerate(terms.words)}
    tag_at = {tag: row for row, tag in enumerate(terms.tags)}
    words, said, unsaid = list[list[int]](), list[list[int]](), list[list[int]]()
    for text, tags in texts:
        lemmas = frozenset(content_lemmas(text))
        words.append(sorted(word_at[lemma] for lemma in lemmas if lemma in word_at))
        here = sorted({tag_at[tag] for tag in tags if tag in tag_at})
        said.append([tag for tag in here if terms.said_by[tag] <= lemmas])
        unsaid.append([tag for tag in here if not terms.said_by[tag] <= lemmas])
    of_words = _marked(words, len(terms.words))
    of_said, of_unsaid = _marked(said, len(terms.tags)), _marked(unsaid, len(terms.tags))
    return Substitution(
        np.asarray([len(words)], dtype=np.int64),
        of_words.sum(axis=0),
        of_said.sum(axis=0),
        of_unsaid.sum(axis=0),
        csr_array(of_said.T @ of_words),
        csr_array(of_unsaid.T @ of_words),
        csr_array(triu(of_words.T @ of_words, k=1)),
    )


def _marked(rows: Sequence[Sequence[int]], width: int) -> csr_array:
    """1 in the given columns of each row. Shape (n, width), int64."""
    columns = np.asarray([column for row in rows for column in row], dtype=np.int32)
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int32)
    return csr_array((np.ones(len(columns), dtype=np.int64), columns, ends), shape=(len(rows), width))
