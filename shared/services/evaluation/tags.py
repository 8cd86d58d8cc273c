"""Task `tags`: pixels of new photos against the tags their owners gave."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from shared.domain.record import OwnerWords, Tag
from shared.enhance import enhance
from shared.learning.categories import FILE as CATEGORY_PATTERNS
from shared.learning.patterns import Patterns
from shared.services.evaluation.base import (
    BEFORE,
    LEARNED,
    Figure,
    TaskResult,
    bootstrap,
    bootstrap_mean,
    bootstrap_ratio,
)
from shared.services.evaluation.photos import Item, learn, load
from shared.services.reporting.facts import learning_curve

DUMPED = 20
POPULAR = 3
NOTHING = OwnerWords()

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What one method says of one photo: tags best first, those at the F1 cut, those applied."""

    ranked: tuple[tuple[str, float], ...]
    cut: frozenset[str]
    applied: frozenset[str]


def run(data: Path) -> TaskResult:
    """Score tags of new photos: with learning, with the models alone, with popularity."""
    library = load(data)
    patterns = learn(library)
    truth = [frozenset(item.tags) for item in library.new]
    learned = [learned_answer(patterns, item) for item in library.new]
    before = [before_answer(item) for item in library.new]
    popular = _popular(library.known)
    methods = {
        LEARNED: figures(learned, truth) | taught(patterns),
        BEFORE: figures(before, truth),
        "popularity": figures([popular] * len(truth), truth),
    }
    cuts = patterns.categories.cuts
    notes = (
        f"applied from {cuts.apply:.3f}, suggested from {cuts.suggest:.3f}; on validation the applied ones "
        f"were right {cuts.precision:.3f} of the time at recall {cuts.recall:.3f}",
    )
    dump = [
        {
            "file": item.file,
            "tags": [[tag, round(score, 5), tag in answer.applied] for tag, score in answer.ranked[:DUMPED]],
        }
        for item, answer in zip(library.new, learned, strict=True)
    ]
    return TaskResult("tags", len(truth), methods, tuple(dump), notes)


def learned_answer(patterns: Patterns, item: Item) -> Answer:
    """The product's answer on pixels alone."""
    done = enhance(item.observation, NOTHING, patterns)
    model = patterns.categories
    probability = model.tags.probabilities(patterns.view(item.observation))[0]
    order = np.argsort(-probability, kind="stable").tolist()
    ranked = tuple((model.tags.names[number], float(probability[number])) for number in order)
    return Answer(ranked, _names((*done.tags, *done.suggestions)), _names(done.tags))


def figures(answers: Sequence[Answer], truth: Sequence[frozenset[str]]) -> dict[str, Figure]:
    """F1 at the cut, first tag right, precision and recall of applied tags, and how many there are."""
    wanted = _values(len(tags) for tags in truth)
    cut_hits = _values(len(a.cut & t) for a, t in zip(answers, truth, strict=True))
    cut = _values(len(a.cut) for a in answers)
    hits = _values(len(a.applied & t) for a, t in zip(answers, truth, strict=True))
    applied = _values(len(a.applied) for a in answers)
    first = _values(bool(a.ranked) and a.ranked[0][0] in t for a, t in zip(answers, truth, strict=True))

    def f1(rows: NDArray[np.int64]) -> float:
        return float(2 * cut_hits[rows].sum() / max(cut[rows].sum() + wanted[rows].sum(), 1))

    return {
        "f1": bootstrap(len(truth), f1),
        "p_at_1": bootstrap_mean(first),
        "applied_precision": bootstrap_ratio(hits, applied),
        "applied_recall": bootstrap_ratio(hits, wanted),
        "applied_a_photo": Figure(float(applied.mean())),
        "suggested_a_photo": Figure(float((cut - applied).mean())),
    }


def taught(patterns: Patterns) -> dict[str, Figure]:
    """Average precision of forgotten tags after each was given to 0, 1, 2, 4, ... photos of the library."""
    curve = learning_curve(patterns.files[CATEGORY_PATTERNS])
    return {f"ap_after_{point.corrections}": point.precision for point in curve}


def before_answer(item: Item) -> Answer:
    """The models' own answer."""
    done = enhance(item.observation, NOTHING, None)
    every = (*done.tags, *done.suggestions)
    return Answer(tuple((tag.tag, tag.score) for tag in every), _names(done.tags), _names(done.tags))


def _popular(known: Sequence[Item]) -> Answer:
    counts = Counter(tag for item in known for tag in item.tags)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    chosen = frozenset(tag for tag, _ in ranked[:POPULAR])
    return Answer(tuple((tag, count / len(known)) for tag, count in ranked), chosen, chosen)


def _names(tags: Sequence[Tag]) -> frozenset[str]:
    return frozenset(tag.tag for tag in tags)


def _values(values: Iterable[float]) -> Values:
    return np.asarray(list(values), dtype=np.float64)
