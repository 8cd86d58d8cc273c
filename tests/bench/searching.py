"""How fast search answers on one core, warm, beside BM25 alone."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from shared.learning.evidence import Link
from shared.learning.meanings import Meanings
from shared.learning.synonyms import Synonyms
from shared.learning.wordnet import Relation
from shared.search.engine import Engine
from shared.search.entry import Entry
from shared.search.postings import Postings
from shared.search.query import parse
from shared.search.segment import DIMENSIONS

WORDS = 5_000
WORDS_A_TEXT = 9
TAGS = 3
QUERIES = 60
LINKS = 8
PROMISE = {10_000: 50.0, 100_000: 150.0}


@dataclass(frozen=True, slots=True)
class Row:
    """Median milliseconds a query of one library."""

    photos: int
    search: float
    with_terms: float
    bm25: float


def run(sizes: tuple[int, ...], seed: int = 7) -> Iterator[Row]:
    """Measure made-up libraries whose words are as unevenly frequent as in any language."""
    for photos in sizes:
        rng = np.random.default_rng(seed)
        with threadpool_limits(limits=1):
            yield _measure(photos, rng)


def _measure(photos: int, rng: np.random.Generator) -> Row:
    words = _words(rng, photos * WORDS_A_TEXT).reshape(photos, WORDS_A_TEXT)
    vectors = _unit(rng.standard_normal((photos, DIMENSIONS), dtype=np.float32))
    asked = _unit(rng.standard_normal((QUERIES, DIMENSIONS), dtype=np.float32))
    texts = [" ".join(f"word{number}" for number in row) for row in words.tolist()]
    queries = [
        " ".join(f"word{n}" for n in set(words[rng.integers(photos), :3].tolist())) for _ in range(QUERIES)
    ]
    vector_of = dict(zip(queries, asked, strict=True))
    engine = Engine(_synonyms(rng), lambda text: vector_of.get(text, asked[0]))
    engine.put(
        Entry(
            f"{row:032x}",
            owner_tags=tuple(f"word{number}" for number in words[row, :TAGS].tolist()),
            owner_text=text,
            vector=vectors[row],
            worded=True,
            dhash=int(rng.integers(1, 2**62)),
            at=float(row),
        )
        for row, text in enumerate(texts)
    )
    engine.put([Entry("f" * 32, owner_text=texts[0])])
    alone = Postings.build([text.split() for text in texts])
    return Row(
        photos,
        _median(queries, lambda query: engine.search(parse(query), {})),
        _median(queries, lambda query: engine.search(parse(f"{query} after:1970 -tag:word1"), {})),
        _median(queries, lambda query: _bm25(alone, query, photos)),
    )


def _words(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    share = 1.0 / np.arange(10, WORDS + 10)
    return rng.choice(WORDS, size=count, p=share / share.sum())


def _unit(rows: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _synonyms(rng: np.random.Generator) -> Synonyms:
    links = {
        f"word{number}": tuple(
            Link(f"word{other}", Relation.SAME, 0.5, "made up")
            for other in rng.integers(0, WORDS, LINKS).tolist()
        )
        for number in range(WORDS)
    }
    terms = tuple(sorted(links))
    directions = rng.standard_normal((len(terms), DIMENSIONS), dtype=np.float32)
    mean = np.zeros(DIMENSIONS, dtype=np.float32)
    return Synonyms(links, Meanings(terms, directions, mean, np.eye(DIMENSIONS, dtype=np.float32)))


def _bm25(postings: Postings, query: str, photos: int) -> NDArray[np.int64]:
    scores = np.zeros(photos, dtype=np.float32)
    for word in query.split():
        rows, counted = postings.of(word)
        scores[rows] += counted
    return np.argpartition(-scores, 100)[:100]


def _median(queries: list[str], ask: Callable[[str], object]) -> float:
    taken = []
    for query in queries:
        started = time.perf_counter()
        ask(query)
        taken.append(1_000 * (time.perf_counter() - started))
    return median(taken)
