"""Task `cooccurrence`: one tag of a row is hidden and guessed from the others."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning import cooccurrence
from shared.services.evaluation.base import (
    LEARNED,
    Figure,
    TaskResult,
    bootstrap_mean,
    paired_difference,
)
from shared.services.evaluation.texts import digest, read

SOURCES = ("tate", "flickr30k")
TEST_FIFTH = 5
FOLDS = 10
SUPPORT = 5
DUMPED = 20
EASE_RIDGE = 10.0


@dataclass(frozen=True, slots=True, eq=False)
class Guesses:
    """Test rows of one source: what remains of each, what was hidden, and where each method ranks that.

    Attributes
    ----------
    present : (n, v) float32
    hidden : (n,) int64
    ranks : dict of str to (n,) int64
        From 1, by method; the learned one first.
    scores : (n, v) float32
        The learned ones.
    """

    ids: tuple[str, ...]
    vocabulary: tuple[str, ...]
    present: Array
    hidden: NDArray[np.int64]
    ranks: Mapping[str, NDArray[np.int64]]
    scores: Array


def run(data: Path) -> TaskResult:
    """Score guesses on curators' tags and on nouns of captions, against the usual baselines."""
    found = {source: guess(read(data, f"{source}.jsonl")) for source in SOURCES}
    methods: dict[str, dict[str, Figure]] = {}
    for source, guesses in found.items():
        for method, ranks in guesses.ranks.items():
            figures = {f"{source}_{name}": bootstrap_mean(value) for name, value in _values(ranks).items()}
            methods.setdefault(method, {}).update(figures)
    return TaskResult(
        "cooccurrence",
        sum(len(guesses.ids) for guesses in found.values()),
        methods,
        tuple(line for source, guesses in found.items() for line in _dump(source, guesses)),
        tuple(note for source, guesses in found.items() for note in _compare(source, guesses)),
    )


def guess(rows: list[dict[str, Any]]) -> Guesses:
    """Learn from four fifths of the rows and guess a hidden tag of each of the others."""
    taught = [row for row in rows if digest(row["id"]) % TEST_FIFTH]
    uses = Counter(tag for row in taught for tag in set(row["tags"]))
    vocabulary = tuple(sorted(tag for tag, count in uses.items() if count >= SUPPORT))
    sums = cooccurrence.count_sets(
        ((digest(row["id"]) // TEST_FIFTH % FOLDS, row["tags"]) for row in taught), vocabulary
    )
    ids, present, hidden = _test_items(rows, vocabulary)
    together = cooccurrence.gram(*sums.rows(len(vocabulary)))
    scores = {
        LEARNED: cooccurrence.learn(sums, len(vocabulary)).scores(present),
        "ease": present @ cooccurrence.ease(together, EASE_RIDGE).astype(np.float32),
        "p_b_given_a": present @ cooccurrence.conditional(together).astype(np.float32),
        "counts": present @ cooccurrence.counts(together).astype(np.float32),
        "ppmi": present @ cooccurrence.ppmi(together, len(taught)).astype(np.float32),
        "popularity": np.tile(np.diag(together).astype(np.float32), (len(ids), 1)),
    }
    ranks = {method: cooccurrence.ranks(given, present, hidden) for method, given in scores.items()}
    return Guesses(ids, vocabulary, present, hidden, ranks, scores[LEARNED])


def _test_items(
    rows: list[dict[str, Any]], vocabulary: tuple[str, ...]
) -> tuple[tuple[str, ...], Array, NDArray[np.int64]]:
    position = {tag: column for column, tag in enumerate(vocabulary)}
    kept = []
    for row in rows:
        known = sorted({tag for tag in row["tags"] if tag in position})
        if digest(row["id"]) % TEST_FIFTH == 0 and len(known) > 1:
            kept.append((row["id"], known, min(known, key=lambda tag: digest(f"{row['id']}\n{tag}"))))
    present = np.zeros((len(kept), len(vocabulary)), dtype=np.float32)
    for place, (_, known, chosen) in enumerate(kept):
        present[place, [position[tag] for tag in known if tag != chosen]] = 1.0
    hidden = np.asarray([position[chosen] for _, _, chosen in kept], dtype=np.int64)
    return tuple(row_id for row_id, _, _ in kept), present, hidden


def _values(ranks: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    return {
        "p_at_1": (ranks == 1).astype(np.float64),
        "r_at_5": (ranks <= 5).astype(np.float64),
        "mrr": 1.0 / ranks,
    }


def _compare(source: str, guesses: Guesses) -> list[str]:
    own = _values(guesses.ranks[LEARNED])
    said = []
    for method, ranks in guesses.ranks.items():
        if method == LEARNED:
            continue
        parts = []
        for name, value in _values(ranks).items():
            more = paired_difference(own[name], value)
            parts.append(f"{name} {more.value:+.3f} [{more.low:+.3f}, {more.high:+.3f}]")
        said.append(f"{source}, learned against {method}, paired: {', '.join(parts)}")
    return said


def _dump(source: str, guesses: Guesses) -> list[dict[str, Any]]:
    scores = np.where(guesses.present > 0, -np.inf, guesses.scores)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :DUMPED].tolist()
    return [
        {
            "source": source,
            "id": row_id,
            "hidden": guesses.vocabulary[guesses.hidden[row]],
            "ranking": [guesses.vocabulary[tag] for tag in order[row]],
        }
        for row, row_id in enumerate(guesses.ids)
    ]
