"""Task `synonyms`: a word finds photos whose description says the same in other words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Options, Plan
from shared.domain.vectors import Array
from shared.learning.ridge import unit_rows
from shared.learning.substitution import Terms
from shared.learning.synonyms import Synonyms, observe_words, solve
from shared.learning.wordnet import WordNet
from shared.learning.words import content_lemmas, lemma
from shared.search.entry import Entry
from shared.search.ranking import Asked, rank
from shared.search.segment import Segment
from shared.services.evaluation.base import (
    LEARNED,
    Figure,
    TaskResult,
    bootstrap_mean,
    paired_difference,
)
from shared.services.evaluation.encoding import encode
from shared.services.evaluation.texts import digest, read

MODELS = Path("models")
WORDNET = MODELS / "wordnet" / "dict"
SOURCE = "flickr30k"
FEWEST_RIGHT = 3
NDCG_AT, RECALL_AT = 10, 50
DUMPED = 50
NO_CUT = -10.0


@dataclass(frozen=True, slots=True, eq=False)
class Query:
    """A word with its gallery: rows of searched photos that do not say it, and which of them are right."""

    word: str
    gallery: NDArray[np.int64]
    right: NDArray[np.bool_]


def run(data: Path) -> TaskResult:
    """Score search with what was learned of words, and without: by vectors centred, and as encoded."""
    rows = read(data, f"{SOURCE}.jsonl")
    vectors = dict(
        zip((row["id"] for row in rows), encode(MODELS, [row["description"] for row in rows]), strict=True)
    )
    taught = [row for row in rows if digest(row["id"]) % 2 == 0]
    searched = [row for row in rows if digest(row["id"]) % 2]
    words = {row["query"] for row in read(data, "synonym_queries.jsonl") if row["id"].startswith(SOURCE)}
    queries = _queries(sorted(words), searched)
    synonyms = learn(taught, np.stack([vectors[row["id"]] for row in taught]))
    placed = np.stack([vectors[row["id"]] for row in searched])
    segment = _segment(searched, unit_rows(placed - synonyms.meanings.mean))
    as_encoded = _segment(searched, placed)
    asked = encode(MODELS, [query.word for query in queries])
    pairs = list(zip(queries, asked, strict=True))
    with_links = [_order(segment, query, vector, synonyms, learned=True) for query, vector in pairs]
    without = [_order(segment, query, vector, synonyms, learned=False) for query, vector in pairs]
    uncentred = [
        _ranked(as_encoded, Asked((lemma(query.word),), plain=vector, adapted=vector, cut=NO_CUT))
        for query, vector in pairs
    ]
    scored = {
        LEARNED: _score(queries, with_links),
        "without_synonyms": _score(queries, without),
        "nor_centring": _score(queries, uncentred),
    }
    moved = sum(
        _exact_moved(segment, query.word, one, other)
        for query, one, other in zip(queries, with_links, without, strict=True)
    )
    more = paired_difference(scored[LEARNED][0], scored["without_synonyms"][0])
    return TaskResult(
        "synonyms",
        len(queries),
        {method: _figures(*values) for method, values in scored.items()},
        tuple(_line(query, order, searched) for query, order in zip(queries, with_links, strict=True)),
        (
            f"against without, paired: nDCG@10 {more.value:+.3f} [{more.low:+.3f}, {more.high:+.3f}]",
            f"exact hits that moved down in the full gallery: {moved}",
        ),
    )


def learn(rows: Sequence[dict[str, Any]], vectors: Array) -> Synonyms:
    """What the product learns of words from descriptions and tags."""
    tags = Counter(tag for row in rows for tag in set(row["tags"]))
    said = Counter(word for row in rows for word in set(content_lemmas(row["description"])))
    plan = _plan(tags, said, len(rows))
    photos = [(row["description"], row["tags"]) for row in rows]
    wordnet = WordNet.load(WORDNET) if WORDNET.is_dir() else None
    return solve(observe_words(photos, vectors, Terms.of(plan)), plan, wordnet=wordnet)


def _plan(tags: Counter[str], said: Counter[str], photos: int) -> Plan:
    floor = Options().min_support
    words = tuple(sorted(word for word, count in said.items() if count >= floor))
    return Plan(
        vocabulary=tuple(sorted(tag for tag, count in tags.items() if count >= floor)),
        words=words,
        document_frequency=np.asarray([said[word] for word in words], dtype=np.int64),
        landmarks={},
        landmark_zero_shot=np.empty((0, 0), dtype=np.float32),
        text_mean=np.empty(0, dtype=np.float32),
        fold_of={},
        burst_of={},
        worded=photos,
        held_out=0,
        photos=photos,
        options=Options(),
    )


def _queries(words: Sequence[str], rows: Sequence[dict[str, Any]]) -> list[Query]:
    said = [frozenset(content_lemmas(row["description"])) for row in rows]
    found = []
    for word in words:
        gallery = np.asarray([at for at, here in enumerate(said) if lemma(word) not in here], dtype=np.int64)
        right = np.asarray([word in rows[at]["tags"] for at in gallery.tolist()], dtype=np.bool_)
        if right.sum() >= FEWEST_RIGHT:
            found.append(Query(word, gallery, right))
    return found


def _segment(rows: Sequence[dict[str, Any]], vectors: Array) -> Segment:
    return Segment.build(
        [
            Entry(row["id"], owner_text=row["description"], vector=vector)
            for row, vector in zip(rows, vectors, strict=True)
        ]
    )


def _order(
    segment: Segment, query: Query, vector: Array, synonyms: Synonyms, *, learned: bool
) -> NDArray[np.int64]:
    """All photos, best first; without learning only the centre of the vectors is used."""
    word = lemma(query.word)
    plain = synonyms.meanings.adapt(vector, ())
    links = {word: synonyms.links.get(word, ())} if learned else {}
    adapted = synonyms.meanings.adapt(vector, (word,)) if learned else plain
    return _ranked(segment, Asked((word,), links, {}, plain, adapted, NO_CUT))


def _ranked(segment: Segment, asked: Asked) -> NDArray[np.int64]:
    return rank(segment, asked, np.ones(len(segment), dtype=np.bool_)).rows


def _score(
    queries: Sequence[Query], orders: Sequence[NDArray[np.int64]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    ndcg, recall = [], []
    for query, order in zip(queries, orders, strict=True):
        right = np.zeros(int(query.gallery.max()) + 1, dtype=np.bool_)
        right[query.gallery] = query.right
        shown = order[np.isin(order, query.gallery)]
        gain = right[shown[:NDCG_AT]] / np.log2(np.arange(2, 2 + NDCG_AT))
        best = (1 / np.log2(np.arange(2, 2 + min(NDCG_AT, int(query.right.sum()))))).sum()
        ndcg.append(float(gain.sum() / best))
        recall.append(float(right[shown[:RECALL_AT]].sum() / query.right.sum()))
    return np.asarray(ndcg), np.asarray(recall)


def _figures(ndcg: NDArray[np.float64], recall: NDArray[np.float64]) -> dict[str, Figure]:
    return {"ndcg_at_10": bootstrap_mean(ndcg), "r_at_50": bootstrap_mean(recall)}


def _exact_moved(segment: Segment, word: str, one: NDArray[np.int64], other: NDArray[np.int64]) -> int:
    """How many photos that say the word stand lower in the first order than in the second."""
    places, before = np.empty_like(one), np.empty_like(other)
    places[one], before[other] = np.arange(len(one)), np.arange(len(other))
    exact = segment.owner.of(lemma(word))[0]
    return int((places[exact] > before[exact]).sum())


def _line(query: Query, order: NDArray[np.int64], rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    shown = order[np.isin(order, query.gallery)][:DUMPED].tolist()
    return {"query": query.word, "ranking": [rows[at]["id"] for at in shown]}
