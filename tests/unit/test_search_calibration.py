"""How far search trusts what pixels taught: little in small libraries, on one scale with words."""

import numpy as np
import pytest

from shared.domain import arrays as npz
from shared.domain.vectors import Array
from shared.learning.ridge import RidgeSums, unit_rows
from shared.learning.search_calibration import HIGHEST_CUT, LOWEST_CUT, calibrated
from shared.learning.search_vectors import CUT, MODEL, PlaceSums, SearchSpace
from shared.learning.sketch import Sketch

WIDTH, TOPICS, FOLDS = 24, 8, 10


def library(photos: int, *, labels: bool, pixels: bool, seed: int = 0) -> tuple[PlaceSums, Sketch]:
    """Photos of eight topics whose labels, or pixels, tell the topic, or nothing at all."""
    rng = np.random.default_rng(seed)
    topic = rng.normal(size=(TOPICS, WIDTH))[rng.integers(0, TOPICS, photos)]

    def near(what: Array, noise: float) -> Array:
        return unit_rows(what + noise * rng.normal(size=what.shape))

    text = near(topic, 0.7)
    text -= text.mean(axis=0)
    phi = near(topic, 0.5) if pixels else near(np.zeros_like(topic), 1.0)
    zero_shot = near(topic, 0.5) if labels else near(np.zeros_like(topic), 1.0)
    fold = np.arange(photos) % FOLDS
    ridge = RidgeSums.observe(phi, [text], fold == 0)
    spread = text.T.astype(np.float64) @ text
    columns = {"text": text, "phi": phi, "zero_shot": zero_shot, "fold": fold}
    ids = [f"{row:04d}" for row in range(photos)]
    measured = Sketch.of(photos, np.arange(photos) / photos, ids, columns, {})
    return PlaceSums(ridge, spread, zero_shot.sum(axis=0, dtype=np.float64), photos), measured


def space_of(photos: int, *, labels: bool = True, pixels: bool = True) -> SearchSpace:
    sums, measured = library(photos, labels=labels, pixels=pixels)
    return calibrated(SearchSpace.solve(sums, np.zeros(WIDTH, np.float32)), sums, measured, photos)


def test_a_small_library_trusts_the_labels_more_than_itself() -> None:
    assert space_of(20).share[0] <= 0.2
    assert space_of(300).share[0] >= 0.5


def test_pixels_that_teach_nothing_count_little_where_labels_tell() -> None:
    assert space_of(300, pixels=False).share[0] < space_of(300).share[0]


def test_labels_that_tell_nothing_leave_the_word_to_the_pixels() -> None:
    assert space_of(60, labels=False).share[0] > space_of(60, pixels=False).share[0]


def test_strangers_score_as_unrelated_words_do() -> None:
    sums, measured = library(200, labels=True, pixels=True)
    space = calibrated(SearchSpace.solve(sums, np.zeros(WIDTH, np.float32)), sums, measured, 200)
    words = unit_rows(measured.columns["text"].astype(np.float32))
    cosines = (words @ words.T)[~np.eye(len(words), dtype=np.bool_)]
    standing = space.stand(
        measured.columns["phi"].astype(np.float32), space.seen(measured.columns["zero_shot"]), words
    )
    scores = standing.scores(words)[~np.eye(len(words), dtype=np.bool_)]
    assert scores.mean() == pytest.approx(cosines.mean(), abs=0.05)
    assert scores.std() == pytest.approx(cosines.std(), rel=0.2)


def test_the_cut_off_stays_within_its_bounds() -> None:
    for photos in (12, 60, 300):
        assert LOWEST_CUT <= space_of(photos).cut[0] <= HIGHEST_CUT


def test_one_photo_with_words_breaks_nothing() -> None:
    sums, measured = library(1, labels=True, pixels=True)
    space = calibrated(SearchSpace.solve(sums, np.zeros(WIDTH, np.float32)), sums, measured, 1)
    assert np.isfinite(space.scale).all()


def test_nobodys_words_leave_the_labels_alone_to_speak() -> None:
    sums, measured = library(4, labels=True, pixels=True)
    nothing = {name: column[:0] for name, column in measured.columns.items()}
    empty = Sketch.of(4, np.zeros(0), [], nothing, {})
    space = calibrated(SearchSpace.solve(sums, np.zeros(WIDTH, np.float32)), sums, empty, 0)
    assert space.share[0] == 0


def test_a_bundle_written_before_there_was_a_scale_still_loads() -> None:
    space = space_of(60)
    older = {name: array for name, array in space.arrays().items() if name not in ("scale", "cut")}
    loaded = SearchSpace.load({MODEL: npz.dumps(older)})
    assert loaded.scale.tolist() == [1.0, 0.0]
    assert loaded.cut[0] == np.float32(CUT)
