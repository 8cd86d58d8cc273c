"""Phase 2: the words and phrases that set each category of photos apart from the rest of the library.

Counts of lemmas and n-grams by category add over shards; the solve weighs them by how much more they belong
to the category than chance says. A burst of near-identical photos counts as one photo.

References
----------
Monroe, B., Colaresi, M. & Quinn, K. (2008). Fightin' Words: Lexical Feature Selection and Evaluation for
Identifying the Content of Political Conflict. Political Analysis 16(4).
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, slots=True, eq=False)
class DescriptionSums:
    """Counts by category, the whole library among them.

    Attributes
    ----------
    photos : dict of str to int
        Described photos.
    length : dict of str to int
        Words of all descriptions.
    terms : dict of str to dict of str to int
        Photos whose description holds the lemma n-gram.
    """

    photos: dict[str, int]
    length: dict[str, int]
    terms: dict[str, dict[str, int]]

    def __add__(self, other: "DescriptionSums") -> "DescriptionSums":
        names = self.terms.keys() | other.terms.keys()
        return DescriptionSums(
            dict(Counter(self.photos) + Counter(other.photos)),
            dict(Counter(self.length) + Counter(other.length)),
            {
                name: dict(Counter(self.terms.get(name, {})) + Counter(other.terms.get(name, {})))
                for name in names
            },
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads back."""
        names = sorted(self.terms)
        return {
            "names": pack_texts(names),
            "photos": np.asarray([self.photos[name] for name in names], dtype=np.int64),
            "length": np.asarray([self.length[name] for name in names], dtype=np.int64),
            "terms": pack_texts([json.dumps(self.terms[name], sort_keys=True) for name in names]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "DescriptionSums":
        """Read back what `arrays` gave."""
        names = unpack_texts(arrays["names"])
        return cls(
            dict(zip(names, arrays["photos"].tolist(), strict=True)),
            dict(zip(names, arrays["length"].tolist(), strict=True)),
            dict(zip(names, map(json.loads, unpack_texts(arrays["terms"])), strict=True)),
        )


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
    photos: Counter[str] = Counter({WHOLE: 0})
    length: Counter[str] = Counter()
    terms: dict[str, Counter[str]] = {WHOLE: Counter()}
    known, vocabulary = frozenset(plan.words), frozenset(plan.vocabulary)
    for row, text in enumerate(shard.descriptions):
        if not text or plan.burst_of.get(shard.ids[row]) != burst_name(shard.ids[row]):
            continue
        grams = {gram for gram in ngrams(text, plan.options.max_ngram) if gram.split(" ")[0] in known}
        words = len(tokens(normalise(text)))
        for name in (WHOLE, *_categories(shard, row, plan.options, vocabulary)):
            photos[name] += 1
            length[name] += words
            terms.setdefault(name, Counter()).update(grams)
    return DescriptionSums(
        {name: photos[name] for name in terms},
        {name: length[name] for name in terms},
        {name: dict(counted) for name, counted in terms.items()},
    )


def solve(sums: DescriptionSums, plan: Plan) -> DescriptionPatterns:
    """Find what is distinctive of the largest categories, and of the owner's own."""
    own = set(plan.options.categories)
    by_size = sorted((name for name in sums.terms if name != WHOLE), key=lambda n: (-sums.photos[n], n))
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
    whole = sums.terms[WHOLE]
    terms = sorted(term for term, count in sums.terms[name].items() if count >= support)
    inside = np.asarray([sums.terms[name][term] for term in terms], dtype=np.float64)
    total = np.asarray([whole[term] for term in terms], dtype=np.float64)
    share = total / max(sum(whole.values()), 1)
    alone = len(terms) < 2  # Odds are of one term against the others.
    prior = PRIOR_PHOTOS * len(terms) * share + 1e-3
    score = np.zeros_like(inside) if alone else log_odds(inside, total - inside, prior)
    order = np.lexsort((np.asarray(terms, dtype=np.str_), -score)).tolist()
    ranked = [terms[row] for row in order if score[row] >= DISTINCTIVE_Z]
    return CategoryWords(
        sums.photos[name],
        tuple(term for term in ranked if " " not in term)[:COMMON_WORDS],
        sums.length[name] / max(sums.photos[name], 1),
        tuple(term for term in ranked if " " in term)[:PHRASES],
    )
