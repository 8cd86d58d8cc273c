"""From pixels to words, learned in one ridge: tags, content words and the place among sentence vectors.

Everything learned is a sum over worded photos: second moments of kernel features and targets, mean places of
names, and two samples that add. What is no sum is the calibration, on sampled photos that the solution under
measurement has not learned from.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from shared.domain.dataset import Plan, Shard
from shared.domain.vectors import Array
from shared.learning.memory import Memory
from shared.learning.memory import sample as remember
from shared.learning.naming import View, Witnesses, leading_pairs
from shared.learning.ridge import REST, RidgeSums, unit_rows
from shared.learning.sketch import Sketch, uniform_key
from shared.learning.worded import (
    Worded,
    detections,
    tag_targets,
    target_tags,
    target_words,
    word_targets,
    worded,
)
from shared.learning.words import content_lemmas
from shared.vision.coco import CLASS_NAMES

PENALTY = 0.3
MEASURED = 2_000
"""Photos kept for calibration where a tenth is held out; where ten folds are used, all worded ones."""


@dataclass(frozen=True, slots=True, eq=False)
class PixelSums:
    """What a shard's worded photos add to what pixels say.

    Attributes
    ----------
    ridge : RidgeSums
        Kernel features against tags, words and centred text vectors, side by side (V + W + 384).
    places : (2, V + W, 384) float64
        Sum of the centred text vectors of the photos with each name, held-out tenth apart.
    support : (V + W,) int64
        Photos with each name.
    zero_shot : (384,) float64
        Sum over all photos, worded or not.
    photos : int
    measured : Sketch
        Worded photos to calibrate on: kernel features, fold, vectors and words.
    memory : Sketch
    """

    ridge: RidgeSums
    places: NDArray[np.float64]
    support: NDArray[np.int64]
    zero_shot: NDArray[np.float64]
    photos: int
    measured: Sketch
    memory: Sketch

    @classmethod
    def observe(cls, shard: Shard, plan: Plan) -> "PixelSums":
        """Sum one shard."""
        seen = worded(shard, plan)
        rows = seen.rows.tolist()
        descriptions = [shard.descriptions[row] for row in rows]
        tags = [shard.tags[row] for row in rows]
        removed = [shard.removed_tags[row] for row in rows]
        names = _names(descriptions, tags, removed, plan)
        text = shard.words[seen.rows] - plan.text_mean
        places = [names[group].T @ text[group].astype(np.float64) for group in _groups(seen.held_out)]
        return cls(
            RidgeSums.observe(seen.phi, [names, text], seen.held_out),
            np.stack(places),
            np.asarray((names >= 1).sum(axis=0), dtype=np.int64).ravel(),
            shard.zero_shot.sum(axis=0, dtype=np.float64),
            len(shard),
            measured_photos(shard, plan, seen),
            remember(shard, plan, seen),
        )

    def __add__(self, other: "PixelSums") -> "PixelSums":
        return PixelSums(
            self.ridge + other.ridge,
            self.places + other.places,
            self.support + other.support,
            self.zero_shot + other.zero_shot,
            self.photos + other.photos,
            self.measured + other.measured,
            self.memory + other.memory,
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        return {
            **self.ridge.arrays(),
            "places": self.places,
            "support": self.support,
            "zero_shot": self.zero_shot,
            "photos": np.asarray(self.photos),
            **self.measured.arrays("measured"),
            **self.memory.arrays("memory"),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "PixelSums":
        """Read back what `arrays` gave."""
        return cls(
            RidgeSums.from_arrays(arrays),
            np.asarray(arrays["places"], np.float64),
            arrays["support"].astype(np.int64),
            arrays["zero_shot"].astype(np.float64),
            int(arrays["photos"]),
            Sketch.from_arrays(arrays, "measured"),
            Sketch.from_arrays(arrays, "memory"),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Learned:
    """One solution: `all` photos, or the `rest` without those it will be measured on.

    Attributes
    ----------
    weights : (r, V + W + 384) float32
    centroids : (V + W, 384) float32
        Unit mean place of the photos with each name.
    """

    weights: Array
    centroids: Array

    @property
    def names(self) -> int:
        """Number of names: V + W."""
        return len(self.centroids)

    @property
    def text(self) -> Array:
        """From kernel features to centred text vectors. Shape (r, 384)."""
        return self.weights[:, self.names :]

    def witnesses(self, columns: slice, votes: csr_array, classes: NDArray[np.int32]) -> Witnesses:
        """The heads and mean places of some names."""
        return Witnesses(self.weights[:, : self.names], self.centroids, votes, classes).of(columns)


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """Pairs of a measured photo and a name, as solutions see them that learned nothing from the photo.

    Attributes
    ----------
    inputs : (p, 5) float32
    right : (p,) bool
    total : int
        Names the owner used on the measured photos, also those that are not learned.
    """

    inputs: Array
    right: NDArray[np.bool_]
    total: int


def solve_all(sums: PixelSums) -> Learned:
    """The solution from every photo: the one that is used."""
    return Learned(sums.ridge.solve_all(PENALTY), unit_rows(sums.places.sum(axis=0)))


def solve_folds(sums: PixelSums, plan: Plan) -> dict[int, Learned]:
    """By fold, the solution that has learned nothing from it: one for the held-out tenth, or ten."""
    if not plan.cross_fitted:
        return {0: Learned(sums.ridge.solve_rest(PENALTY), unit_rows(sums.places[REST]))}
    solutions = {}
    for fold in sorted(set(sums.measured.columns["fold"].tolist())):
        rows = np.flatnonzero(sums.measured.columns["fold"] == fold)
        said = _said(sums.measured, rows, plan)
        text = sums.measured.columns["text"][rows].astype(np.float32)
        phi = sums.measured.columns["phi"][rows].astype(np.float32)
        places = sums.places.sum(axis=0) - said.T @ text.astype(np.float64)
        weights = sums.ridge.solve_without(phi, [said, text], PENALTY)
        solutions[fold] = Learned(weights, unit_rows(places))
    return solutions


def detector_classes(plan: Plan) -> NDArray[np.int32]:
    """The detector's class of each tag and word, -1 where it has none. Shape (V + W,)."""
    known = {frozenset(content_lemmas(name)): number for number, name in enumerate(CLASS_NAMES)}
    names = (*target_tags(plan), *target_words(plan))
    return np.asarray([known.get(frozenset(content_lemmas(name)), -1) for name in names], dtype=np.int32)


def remembered_votes(memory: Memory, plan: Plan) -> csr_array:
    """What each remembered photo votes for. Shape (m, V + W)."""
    return _names(memory.descriptions, memory.tags, memory.removed, plan)


def measure(
    sums: PixelSums, plan: Plan, memory: Memory, votes: csr_array, solutions: Mapping[int, Learned]
) -> tuple[Measurement, Measurement]:
    """Pairs to calibrate tags and words on."""
    tags = slice(0, len(target_tags(plan)))
    words = slice(tags.stop, votes.shape[1])
    classes = detector_classes(plan)
    columns = sums.measured.columns
    pairs: tuple[list[Measurement], list[Measurement]] = ([], [])
    for fold, learned in solutions.items():
        rows = np.flatnonzero(columns["fold"] == fold)
        said = _said(sums.measured, rows, plan)
        view = measured_view(sums, rows, learned, memory, fold)
        for part, names in zip(pairs, (tags, words), strict=True):
            part.append(_pairs(learned.witnesses(names, votes, classes), view, said[:, names]))
    mentioned = sum(len(set(json.loads(given))) for given in sums.measured.texts["tags"])
    return _joined(pairs[0], mentioned), _joined(pairs[1], None)


def measured_view(
    sums: PixelSums, rows: NDArray[np.intp], learned: Learned, memory: Memory, fold: int
) -> View:
    """Some of the measured photos as a solution places them; remembered photos of their fold do not vote."""
    columns = sums.measured.columns
    phi = columns["phi"][rows].astype(np.float32)
    place = unit_rows(phi @ learned.text)
    zero_shot = unit_rows(columns["zero_shot"][rows].astype(np.float32) - zero_shot_mean(sums))
    detected = columns["detected"][rows].astype(np.float32)
    return View(phi, place, zero_shot, memory.nearest(place, fold=fold), detected)


def zero_shot_mean(sums: PixelSums) -> Array:
    """Mean zero-shot place of all photos. Shape (384,)."""
    return np.asarray(sums.zero_shot / max(sums.photos, 1), dtype=np.float32)


def _pairs(witnesses: Witnesses, view: View, said: csr_array) -> Measurement:
    testimony = witnesses.testify(view)
    photo, name = leading_pairs(testimony)
    truth = said.toarray() >= 1
    return Measurement(testimony[photo, name], truth[photo, name], int(truth.sum()))


def _joined(parts: list[Measurement], total: int | None) -> Measurement:
    if not parts:
        return Measurement(np.zeros((0, 5), dtype=np.float32), np.zeros(0, dtype=np.bool_), 0)
    return Measurement(
        np.concatenate([part.inputs for part in parts]),
        np.concatenate([part.right for part in parts]),
        sum(part.total for part in parts) if total is None else total,
    )


def _said(measured: Sketch, rows: NDArray[np.intp], plan: Plan) -> csr_array:
    chosen = rows.tolist()
    return _names(
        [measured.texts["description"][row] for row in chosen],
        [json.loads(measured.texts["tags"][row]) for row in chosen],
        [json.loads(measured.texts["removed"][row]) for row in chosen],
        plan,
    )


def measured_photos(shard: Shard, plan: Plan, seen: Worded) -> Sketch:
    """The worded photos of a shard that choices are made on, as a sample that adds."""
    kept = np.ones(len(seen.rows), dtype=np.bool_) if plan.cross_fitted else seen.held_out
    rows = seen.rows[kept].tolist()
    return Sketch.of(
        sys.maxsize if plan.cross_fitted else MEASURED,
        np.asarray([uniform_key(shard.ids[row]) for row in rows], dtype=np.float64),
        [shard.ids[row] for row in rows],
        {
            "phi": seen.phi[kept],
            "fold": seen.fold[kept],
            "burst": np.asarray([plan.burst_of[shard.ids[row]] for row in rows], dtype=np.int64),
            "zero_shot": shard.zero_shot[rows],
            "text": shard.words[rows] - plan.text_mean,
            "detected": detections(shard.features, len(shard))[rows],
        },
        {
            "description": [shard.descriptions[row] or "" for row in rows],
            "tags": [json.dumps(shard.tags[row]) for row in rows],
            "removed": [json.dumps(shard.removed_tags[row]) for row in rows],
            "generic": [shard.generic[row] for row in rows],
            "labels": [json.dumps(shard.labels[row]) for row in rows],
        },
    )


def _names(
    descriptions: Sequence[str | None],
    tags: Sequence[Sequence[str]],
    removed: Sequence[Sequence[str]],
    plan: Plan,
) -> csr_array:
    blocks = [
        tag_targets(descriptions, tags, removed, target_tags(plan)),
        word_targets(descriptions, tags, target_words(plan)),
    ]
    return csr_array(hstack(blocks, format="csr"))


def _groups(held_out: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return np.flatnonzero(held_out), np.flatnonzero(~held_out)
