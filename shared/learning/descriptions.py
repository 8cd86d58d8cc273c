"""Phase 2: the words and phrases that set each category of photos apart from the rest of the library.

Counts of lemmas and n-grams by category add over shards; the solve weighs them by how much more they belong
to the category than chance says. A burst of near-identical photos counts as one photo.

References
----------
Monroe, B., Colaresi, M. & Quinn, K. (2008). Fightin' Words: Lexical Feature Selection and Evaluation for
Identifying the Content of Political Conflict. Political Analysis 16(4).
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from shared.domain.dataset import Options, Plan, Shard
from shared.learning.bursts import burst_name
from shared.learning.sketch import pack_texts, unpack_texts
from shared.learning.words import ngrams, normalise, tokens

FILE = "description_patterns.json"
CATEGORIES = 100
COMMON_WORDS = 20
PHRASES = 20
DISTINCTIVE_Z = 1.0
PRIOR_PHOTOS = 10.0
WHOLE = ""
"""The category that stands for the whole library in the sums."""


class Described(NamedTuple):
    """One description.

    Attributes
    ----------
    categories : sequence of str
        The photo's.
    words : int
        Of the text.
    terms : collection of str
        Its lemma n-grams, each once.
    """

    categories: Sequence[str]
    words: int
    terms: Collection[str]


@dataclass(frozen=True, slots=True, eq=False)
class DescriptionSums:
    """Counts by category, the whole library (`WHOLE`) among them.

    Attributes
    ----------
    names, terms : tuple of str
        Categories and lemma n-grams, sorted: c and t of them.
    photos, length : (c,) int64
        Described photos, and words of their descriptions.
    counts : (c, t) int64 csr_array
        Photos whose description holds the term.
    """

    names: tuple[str, ...]
    terms: tuple[str, ...]
    photos: NDArray[np.int64]
    length: NDArray[np.int64]
    counts: csr_array

    @classmethod
    def of(cls, photos: Iterable[Described]) -> "DescriptionSums":
        """Count descriptions."""
        every = list(photos)
        names, belongs = _marked([(WHOLE, *photo.categories) for photo in every], {WHOLE})
        terms, said = _marked([photo.terms for photo in every])
        words = np.asarray([photo.words for photo in every], dtype=np.int64)
        counts = csr_array(belongs.T @ said)
        return cls(names, terms, belongs.sum(axis=0), belongs.T @ words, counts)

    def __add__(self, other: "DescriptionSums") -> "DescriptionSums":
        names = tuple(sorted({*self.names, *other.names}))
        terms = tuple(sorted({*self.terms, *other.terms}))
        one, two = self._among(names, terms), other._among(names, terms)
        return DescriptionSums(
            names, terms, one.photos + two.photos, one.length + two.length, one.counts + two.counts
        )

    def _among(self, names: Sequence[str], terms: Sequence[str]) -> "DescriptionSums":
        """The same counts beside zeros for more categories and terms."""
        rows, columns = _selection(names, self.names), _selection(terms, self.terms)
        counts = csr_array(rows @ self.counts @ columns.T)
        return DescriptionSums(tuple(names), tuple(terms), rows @ self.photos, rows @ self.length, counts)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads back."""
        self.counts.sort_indices()
        return {
            "names": pack_texts(self.names),
            "terms": pack_texts(self.terms),
            "photos": self.photos,
            "length": self.length,
            "data": self.counts.data,
            "indices": self.counts.indices.astype(np.int32),
            "indptr": self.counts.indptr.astype(np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "DescriptionSums":
        """Read back what `arrays` gave."""
        names, terms = unpack_texts(arrays["names"]), unpack_texts(arrays["terms"])
        parts = tuple(arrays[part] for part in ("data", "indices", "indptr"))
        counts = csr_array(parts, shape=(len(names), len(terms)))
        return cls(names, terms, arrays["photos"], arrays["length"], counts)


def _marked(
    rows: Sequence[Collection[str]], known: Collection[str] = ()
) -> tuple[tuple[str, ...], csr_array]:
    """All names in some rows with those known, sorted, and 1 where a row has the name: (n, names) int64."""
    names = tuple(sorted({*known, *chain.from_iterable(rows)}))
    place = {name: column for column, name in enumerate(names)}
    columns = np.asarray([place[name] for row in rows for name in row], dtype=np.int64)
    ends = np.cumsum([0, *map(len, rows)], dtype=np.int64)
    ones = np.ones(len(columns), dtype=np.int64)
    return names, csr_array((ones, columns, ends), shape=(len(rows), len(names)))


def _selection(all_names: Sequence[str], names: Sequence[str]) -> csr_array:
    """1 where a name of all (row) is one of the names (column), int64."""
    place = {name: row for row, name in enumerate(all_names)}
    rows = [place[name] for name in names]
    ones = np.ones(len(rows), dtype=np.int64)
    return csr_array((ones, (rows, range(len(rows)))), shape=(len(all_names), len(names)))


@dataclass(frozen=True, slots=True)
class CategoryWords:
    """What is said of one category.

    Attributes
    ----------
    count : int
        Described photos in it.
    common_words, phrases : tuple of str
        Single lemmas, and n-grams of two and more, most distinctive first.
    avg_length : float
        Words a description.
    """

    count: int
    common_words: tuple[str, ...]
    avg_length: float
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class DescriptionPatterns:
    """The words of every category."""

    categories: dict[str, CategoryWords]

    def files(self) -> dict[str, bytes]:
        """Bundle file name with its bytes."""
        said = {
            name: {
                "count": found.count,
                "common_words": list(found.common_words),
                "avg_length": round(found.avg_length, 1),
                "phrases": list(found.phrases),
            }
            for name, found in self.categories.items()
        }
        return {FILE: json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode()}

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> "DescriptionPatterns":
        """Read back what `files` gave."""
        return cls(
            {
                name: CategoryWords(
                    found["count"],
                    tuple(found["common_words"]),
                    found["avg_length"],
                    tuple(found["phrases"]),
                )
                for name, found in json.loads(files[FILE]).items()
            }
        )


def observe(shard: Shard, plan: Plan) -> DescriptionSums:
    """Count one shard."""
    return DescriptionSums.of(_described(shard, plan))


def _described(shard: Shard, plan: Plan) -> Iterator[Described]:
    known, vocabulary = frozenset(plan.words), frozenset(plan.vocabulary)
    for row, text in enumerate(shard.descriptions):
        if not text or plan.burst_of.get(shard.ids[row]) != burst_name(shard.ids[row]):
            continue
        grams = {gram for gram in ngrams(text, plan.options.max_ngram) if gram.split(" ")[0] in known}
        words = len(tokens(normalise(text)))
        yield Described(_categories(shard, row, plan.options, vocabulary), words, grams)


def solve(sums: DescriptionSums, plan: Plan) -> DescriptionPatterns:
    """Find what is distinctive of the largest categories, and of the owner's own."""
    own = set(plan.options.categories)
    photos = dict(zip(sums.names, sums.photos.tolist(), strict=True))
    by_size = sorted((name for name in sums.names if name != WHOLE), key=lambda n: (-photos[n], n))
    chosen = [name for name in by_size if name in own]
    chosen += [name for name in by_size if name not in own][: max(0, CATEGORIES - len(chosen))]
    return DescriptionPatterns({name: _words(sums, name, plan.options.min_support) for name in chosen})


def log_odds(
    inside: NDArray[np.float64], outside: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Z-scores of the log-odds ratio of terms with an informative Dirichlet prior. Shapes (t,).

    Parameters
    ----------
    inside, outside : (t,) float64
        How often each term stands in the category, and in the rest of the library.
    prior : (t,) float64
        Pseudo-counts in proportion to the whole library.
    """
    a, b = inside + prior, outside + prior
    odds_inside = np.log(a) - np.log(max(inside.sum(), 1) + prior.sum() - a)
    odds_outside = np.log(b) - np.log(max(outside.sum(), 1) + prior.sum() - b)
    return np.asarray((odds_inside - odds_outside) / np.sqrt(1 / a + 1 / b))


def _categories(shard: Shard, row: int, options: Options, vocabulary: frozenset[str]) -> list[str]:
    tags = set(shard.tags[row])
    own = [
        name
        for name, (any_of, examples) in options.categories.items()
        if tags & set(any_of) or shard.ids[row] in examples
    ]
    return sorted({*own, *(tags & vocabulary)})


def _words(sums: DescriptionSums, name: str, support: int) -> CategoryWords:
    whole = sums.counts[[sums.names.index(WHOLE)]].toarray().ravel()
    row = sums.names.index(name)
    counted = sums.counts[[row]].toarray().ravel()
    columns = np.flatnonzero(counted >= support)
    terms = [sums.terms[column] for column in columns.tolist()]
    inside, total = counted[columns].astype(np.float64), whole[columns].astype(np.float64)
    share = total / max(int(whole.sum()), 1)
    alone = len(terms) < 2  # Odds are of one term against the others.
    prior = PRIOR_PHOTOS * len(terms) * share + 1e-3
    score = np.zeros_like(inside) if alone else log_odds(inside, total - inside, prior)
    order = np.lexsort((np.asarray(terms, dtype=np.str_), -score)).tolist()
    ranked = [terms[place] for place in order if score[place] >= DISTINCTIVE_Z]
    return CategoryWords(
        int(sums.photos[row]),
        tuple(term for term in ranked if " " not in term)[:COMMON_WORDS],
        float(sums.length[row]) / max(int(sums.photos[row]), 1),
        tuple(term for term in ranked if " " in term)[:PHRASES],
    )
