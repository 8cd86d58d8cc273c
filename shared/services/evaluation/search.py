"""Task `search`: another person's caption finds the new photo it was written of."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.patterns import Patterns
from shared.learning.ridge import unit_rows
from shared.services.evaluation.base import BEFORE, LEARNED, Figure, TaskResult, bootstrap_mean
from shared.services.evaluation.photos import Item, Library, learn, load
from shared.vision.generic import generic_description

QUERY = 1
DUMPED = 50


def run(data: Path) -> TaskResult:
    """Score search over all new photos: with learning, with label names alone, with the generic text."""
    library = load(data)
    patterns = learn(library)
    queries = library.encode([item.others[QUERY] for item in library.new])
    ranked = learned_scores(patterns, library.new, queries)
    zero_shot = np.stack([item.observation.text_vector for item in library.new])
    alone = patterns.space.query(queries) @ unit_rows(zero_shot - zero_shot.mean(axis=0)).T
    generic = _generic(library, queries)
    methods = {
        LEARNED: figures(ranked),
        BEFORE: figures(alone),
        "generic_text": figures(generic),
    }
    order = np.argsort(-ranked, axis=1, kind="stable")[:, :DUMPED]
    dump = [
        {"query_file": item.file, "ranking": [library.new[hit].file for hit in order[row].tolist()]}
        for row, item in enumerate(library.new)
    ]
    return TaskResult("search", len(library.new), methods, tuple(dump))


def learned_scores(patterns: Patterns, items: tuple[Item, ...], queries: Array) -> Array:
    """Scores of photos for encoded queries. Shape (q, n)."""
    views = [patterns.view(item.observation) for item in items]
    asked = patterns.space.query(queries)
    return np.concatenate([patterns.stand(view).scores(asked) for view in views], axis=1)


def figures(ranked: Array) -> dict[str, Figure]:
    """R@1, R@10 and nDCG@10 where query i is answered by photo i. Scores have shape (n, n)."""
    rank = ranks(ranked)
    return {
        "r_at_1": bootstrap_mean((rank < 1).astype(np.float64)),
        "r_at_10": bootstrap_mean((rank < 10).astype(np.float64)),
        "ndcg_at_10": bootstrap_mean(np.where(rank < 10, 1 / np.log2(rank + 2), 0.0)),
    }


def ranks(ranked: Array) -> NDArray[np.int64]:
    """Place of the right photo, from 0; ties count against it."""
    own = np.diag(ranked)[:, None]
    return np.asarray((ranked >= own).sum(axis=1) - 1, dtype=np.int64)


def _generic(library: Library, queries: Array) -> Array:
    texts = library.encode([generic_description(item.observation) for item in library.new])
    return np.asarray(queries @ texts.T, dtype=np.float32)
