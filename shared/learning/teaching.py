"""What a few corrections teach: tags nobody used yet, given to 0, 1, 2, 4, ... photos.

Tags that the library has are forgotten, and given back to a few photos of one half of the sample, the way an
owner corrects photo by photo. How well each is then found among the photos of the other half is measured
after every step. All other photos stay without the tag, also those that ought to have it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from shared.domain.dataset import Plan
from shared.domain.vectors import Array
from shared.learning.calibration import Logistic
from shared.learning.memory import Memory
from shared.learning.naming import View, Witnesses
from shared.learning.pixels import PENALTY, PixelSums, detector_classes, zero_shot_mean
from shared.learning.ridge import solve, unit_rows
from shared.learning.worded import target_tags

STEPS = (0, 1, 2, 4, 8, 16, 32)
FEWEST_STEPS = 4
FEWEST_TESTED = 3
FEWEST_TAGS = 10
TAGS = 40


@dataclass(frozen=True, slots=True, eq=False)
class Taught:
    """How well tags are found after some corrections.

    Attributes
    ----------
    tags : tuple of str
        K of them.
    corrections : tuple of int
        Photos each was given to, S steps.
    precision : (S, K) float64
        Average precision of each tag among the tested photos.
    """

    tags: tuple[str, ...]
    corrections: tuple[int, ...]
    precision: NDArray[np.float64]

    def plain(self) -> dict[str, object]:
        """As JSON holds it."""
        return {
            "tags": list(self.tags),
            "corrections": list(self.corrections),
            "average_precision": np.round(self.precision, 4).tolist(),
        }


def teach(sums: PixelSums, plan: Plan, memory: Memory, curve: Logistic) -> Taught | None:
    """Give tags to a few photos more at every step; None where too few tags stand on enough photos.

    Parameters
    ----------
    memory : Memory
        Of the library; those of its photos that are tested do not take part.
    curve : Logistic
        That weighs the witnesses of tags.
    """
    tested = np.asarray(sums.measured.columns["burst"]) % 2 == 1  # Near-duplicates stay in one half.
    said = [frozenset(json.loads(tags)) for tags in sums.measured.texts["tags"]]
    tags, steps = _chosen(plan, said, tested)
    if not tags:
        return None
    columns = {name: column.astype(np.float32) for name, column in sums.measured.columns.items()}
    phi, text = columns["phi"][tested], columns["text"][tested]
    double = phi.astype(np.float64)
    gram = sums.ridge.gram.sum(axis=0) - double.T @ double
    places = sums.ridge.cross.sum(axis=0)[:, -text.shape[1] :] - double.T @ text
    given = _given(tags, steps, said, tested)
    absent = _ids(sums, tested)
    others = [row for row, photo in enumerate(memory.ids) if photo not in absent]
    known = memory.take(np.asarray(others, dtype=np.intp))
    place = unit_rows(phi @ solve(gram, places, PENALTY))
    view = View(
        phi,
        place,
        unit_rows(columns["zero_shot"][tested] - zero_shot_mean(sums)),
        known.nearest(place),
        columns["detected"][tested],
    )
    weights = solve(gram, (given.T @ columns["phi"]).T.astype(np.float64), PENALTY)
    witnesses = Witnesses(
        weights,
        unit_rows(given.T @ columns["text"]),
        _votes(given, sums, known),
        np.tile(_classes(plan, tags), len(steps)),
    )
    scores = curve.probability(witnesses.testify(view))
    truth = np.asarray([[tag in said[row] for tag in tags] for row in np.flatnonzero(tested).tolist()])
    precision = [average_precision(scores[:, at], truth[:, at % len(tags)]) for at in range(scores.shape[1])]
    return Taught(tags, steps, np.asarray(precision).reshape(len(steps), len(tags)))


def average_precision(scores: Array, right: NDArray[np.bool_]) -> float:
    """Mean of the precision at every right photo, best score first. Shapes (n,)."""
    hits = right[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean()) if hits.any() else 0.0


def _chosen(
    plan: Plan, said: Sequence[frozenset[str]], tested: NDArray[np.bool_]
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """The most frequent tags that can take the most steps, and those steps; none where too few can."""
    teaching = _counts(plan, [have for have, test in zip(said, tested, strict=True) if not test])
    testing = _counts(plan, [have for have, test in zip(said, tested, strict=True) if test])
    for last in range(len(STEPS), FEWEST_STEPS - 1, -1):
        able = [
            tag
            for tag in plan.vocabulary
            if teaching[tag] >= STEPS[last - 1] and testing[tag] >= FEWEST_TESTED
        ]
        if len(able) >= FEWEST_TAGS:
            ranked = sorted(able, key=lambda tag: (-teaching[tag], tag))[:TAGS]
            return tuple(sorted(ranked)), STEPS[:last]
    return (), ()


def _counts(plan: Plan, said: Sequence[frozenset[str]]) -> dict[str, int]:
    counted = dict.fromkeys(plan.vocabulary, 0)
    for have in said:
        for tag in have & counted.keys():
            counted[tag] += 1
    return counted


def _given(
    tags: Sequence[str], steps: Sequence[int], said: Sequence[frozenset[str]], tested: NDArray[np.bool_]
) -> csr_array:
    """1 where a sampled photo (row) is given a tag at a step (column). Shape (n, S K)."""
    rows: list[int] = []
    columns: list[int] = []
    for place, tag in enumerate(tags):
        having = [row for row, have in enumerate(said) if tag in have and not tested[row]]
        for number, step in enumerate(steps):
            rows += having[:step]
            columns += [number * len(tags) + place] * len(having[:step])
    shape = (len(said), len(steps) * len(tags))
    return csr_array((np.ones(len(rows), dtype=np.float32), (rows, columns)), shape=shape)


def _votes(given: csr_array, sums: PixelSums, memory: Memory) -> csr_array:
    row_of = {photo: row for row, photo in enumerate(sums.measured.ids)}
    known = [row for row, photo in enumerate(memory.ids) if photo in row_of]
    places = [row_of[memory.ids[row]] for row in known]
    ones = np.ones(len(known), dtype=np.float32)
    chosen = csr_array((ones, (known, places)), shape=(len(memory), len(row_of)))
    return csr_array(chosen @ given)


def _ids(sums: PixelSums, tested: NDArray[np.bool_]) -> frozenset[str]:
    return frozenset(photo for photo, test in zip(sums.measured.ids, tested.tolist(), strict=True) if test)


def _classes(plan: Plan, tags: Sequence[str]) -> NDArray[np.int32]:
    names = target_tags(plan)
    every = detector_classes(plan)
    return np.asarray([every[names.index(tag)] for tag in tags], dtype=np.int32)
