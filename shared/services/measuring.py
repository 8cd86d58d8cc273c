"""Before and after on a library's own held-out photos: the models alone, the live bundle, the new one.

Every photo is measured under patterns that have learned no word of it. What its owner wrote is the truth.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Shard
from shared.domain.vectors import Array
from shared.learning.drafting import Given, draft_words, listen
from shared.learning.patterns import Patterns
from shared.learning.ridge import unit_rows
from shared.learning.search_vectors import Standing
from shared.learning.words import content_lemmas

MEASURED = 1_000
FIRST_HITS = 10
Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What one way of describing says of n photos.

    Attributes
    ----------
    descriptions : tuple of str
    tags : tuple of tuple of (str, float, bool)
        Likely tags with their scores and whether they are applied, best first.
    scores : (n, n) float32
        How well each photo (column) answers the owner's words of each photo (row).
    own_tags : tuple of mapping of str to float
        The chance that each photo has its owner's tags, those that were learned; empty where nothing was.
    """

    descriptions: tuple[str, ...]
    tags: tuple[tuple[tuple[str, float, bool], ...], ...]
    scores: Array
    own_tags: tuple[Mapping[str, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Figures of one way of describing, photo by photo.

    Attributes
    ----------
    tag_f1 : (t,) float64
        Of the likely tags, for the t photos that have tags.
    applied, applied_right : (t,) float64
        Tags applied, and those of them the owner has too.
    right_details : (d,) float64
        Distinct content words of the description that the owner used too, for the d described photos.
    details : (d,) float64
        Distinct content words of the description.
    found : (n,) float64
        1 where the owner's own words bring the photo among the first ten.
    """

    tag_f1: Values
    applied: Values
    applied_right: Values
    right_details: Values
    details: Values
    found: Values


def measurable(shard: Shard, fold_of: Mapping[str, int], *, cross_fitted: bool) -> NDArray[np.intp]:
    """Rows of the photos that are measured: the held-out tenth, or all worded ones in ten folds."""
    return np.asarray(
        [
            row
            for row, photo_id in enumerate(shard.ids)
            if photo_id in fold_of and (cross_fitted or fold_of[photo_id] == 0)
        ][:MEASURED],
        dtype=np.intp,
    )


def models_alone(photos: Shard) -> Answers:
    """What the models say without any learning."""
    tags = tuple(tuple((name, score, True) for name, score in labels) for labels in photos.labels)
    near = unit_rows(photos.words) @ unit_rows(photos.zero_shot).T
    return Answers(photos.generic, tags, near)


def most_common(photos: Shard, folds: Sequence[int], tags: Counter[str]) -> Answers:
    """What always saying the most common tags gives: as many as photos have on average.

    Parameters
    ----------
    photos : Shard
    folds : sequence of n int
        Like what is learned, what is common is told without the measured photos of the fold.
    tags : Counter
        Photos by tag, in all of the library.
    """
    each = max(1, round(float(np.mean([len(own) for own in photos.tags])))) if len(photos) else 1
    common = {}
    for fold in set(folds):
        own = Counter(
            tag for row, given in enumerate(photos.tags) if folds[row] == fold for tag in set(given)
        )
        common[fold] = tuple((tag, 1.0, True) for tag in _common_tags(tags - own)[:each])
    blank = np.zeros((len(photos), len(photos)), dtype=np.float32)
    return Answers(("",) * len(photos), tuple(common[fold] for fold in folds), blank)


def learned(photos: Shard, folds: Sequence[int], without: Mapping[int, Patterns]) -> Answers:
    """What patterns say of photos, each under those that have not learned from its fold.

    Parameters
    ----------
    photos : Shard
    folds : sequence of n int
    without : mapping of int to Patterns
        As `shared.learning.holdout.without_folds` gives them.
    """
    descriptions = list(photos.generic)
    tags: list[tuple[tuple[str, float, bool], ...]] = [()] * len(photos)
    own_tags: list[Mapping[str, float]] = [{}] * len(photos)
    vectors = np.zeros_like(photos.zero_shot)
    offsets = np.zeros(len(photos), dtype=np.float32)
    for fold, patterns in sorted(without.items()):
        rows = np.flatnonzero(np.asarray(folds) == fold)
        if not len(rows):
            continue
        some = photos.take(rows)
        view = patterns.view_shard(some)
        standing = patterns.stand(view)
        vectors[rows], offsets[rows] = standing.vectors, standing.offsets
        likely = patterns.categories.tags.probabilities(view)
        heard = listen(patterns.categories, view)
        for at, row in enumerate(rows.tolist()):
            given = Given(labels=photos.labels[row], alone=photos.generic[row])
            one = view.take(slice(at, at + 1))
            tagging, draft = draft_words(patterns, one, given, likely=likely[at], heard=heard[at])
            chance = dict(zip(patterns.categories.tags.names, likely[at].tolist(), strict=True))
            own_tags[row] = {tag: chance[tag] for tag in photos.tags[row] if tag in chance}
            descriptions[row] = draft.text if draft else photos.generic[row]
            tags[row] = tuple((tag.tag, tag.score, True) for tag in tagging.applied) + tuple(
                (tag.tag, tag.score, False) for tag in tagging.suggested
            )
    asked = next(iter(without.values())).space.query(photos.words)
    scores = Standing(vectors, offsets).scores(asked)
    return Answers(tuple(descriptions), tuple(tags), scores, tuple(own_tags))


def measure(photos: Shard, answers: Answers) -> Measured:
    """Hold answers against what the owners wrote."""
    tagged = [row for row, tags in enumerate(photos.tags) if tags]
    described = [row for row, text in enumerate(photos.descriptions) if text]
    applied = [{tag for tag, _, sure in answers.tags[row] if sure} for row in tagged]
    said = [set(content_lemmas(answers.descriptions[row])) for row in described]
    truth = [
        set(content_lemmas(" . ".join((photos.descriptions[row] or "", *photos.tags[row]))))
        for row in described
    ]
    own = answers.scores.diagonal()
    rank = (answers.scores > own[:, None]).sum(axis=1) if len(own) else np.zeros(0)
    return Measured(
        tag_f1=_values(
            _f1({tag for tag, _, _ in answers.tags[row]}, set(photos.tags[row])) for row in tagged
        ),
        applied=_values(len(tags) for tags in applied),
        applied_right=_values(
            len(tags & set(photos.tags[row])) for tags, row in zip(applied, tagged, strict=True)
        ),
        right_details=_values(len(a & b) for a, b in zip(said, truth, strict=True)),
        details=_values(len(words) for words in said),
        found=_values(rank < FIRST_HITS),
    )


def _common_tags(counts: Counter[str]) -> tuple[str, ...]:
    """Tags by how many photos carry them."""
    return tuple(tag for tag, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _f1(said: set[str], truth: set[str]) -> float:
    return 2 * len(said & truth) / (len(said) + len(truth)) if said or truth else 0.0


def _values(items: object) -> Values:
    return np.asarray(list(items), dtype=np.float64)  # type: ignore[call-overload]
