"""The algebra of the pixel phases: sums that add, samples that add, kernels that are exact, honest odds."""

from functools import reduce
from operator import add

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from shared.learning.calibration import NEVER, Logistic, choose_cuts
from shared.learning.features import compose, face_centre, signed_power
from shared.learning.kernel import GAMMA, KernelMap
from shared.learning.ridge import RidgeSums, solve
from shared.learning.sketch import Sketch, pack_texts, unpack_texts, weighted_key

NO_FACES = np.zeros(128, dtype=np.float32)


def random(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(cut=st.integers(0, 30), seed=st.integers(0, 5))
def test_ridge_of_two_parts_is_the_ridge_of_the_whole(cut: int, seed: int) -> None:
    x, y = random(30, 6, seed=seed), random(30, 4, seed=seed + 9)
    held_out = np.arange(30) % 5 == 0
    whole = RidgeSums.observe(x, [y], held_out)
    parts = [
        RidgeSums.observe(x[rows], [y[rows]], held_out[rows]) for rows in (slice(0, cut), slice(cut, 30))
    ]
    added = reduce(add, parts)
    np.testing.assert_allclose(added.solve_all(0.5), whole.solve_all(0.5), atol=1e-5)
    np.testing.assert_allclose(added.solve_rest(0.5), whole.solve_rest(0.5), atol=1e-5)
    np.testing.assert_allclose(
        whole.solve_all(0.5), solve((x.T @ x).astype(float), (x.T @ y).astype(float), 0.5), atol=1e-4
    )


def test_ridge_without_some_photos_never_saw_them() -> None:
    x, y = random(40, 5), random(40, 3, seed=1)
    some = np.arange(40) < 8
    everything = RidgeSums.observe(x, [y], np.zeros(40, dtype=bool))
    others = RidgeSums.observe(x[~some], [y[~some]], np.zeros(32, dtype=bool))
    left = everything.solve_without(x[some], [y[some]], 1.0)
    np.testing.assert_allclose(left, others.solve_all(1.0), atol=1e-4)


def test_ridge_takes_sparse_and_dense_targets_side_by_side() -> None:
    x, y = random(20, 4), random(20, 6, seed=2)
    held_out = np.zeros(20, dtype=bool)
    mixed = RidgeSums.observe(x, [csr_array(y[:, :2]), y[:, 2:]], held_out)
    np.testing.assert_allclose(
        mixed.solve_all(1.0), RidgeSums.observe(x, [y], held_out).solve_all(1.0), atol=1e-5
    )


def test_ridge_sums_survive_storage() -> None:
    sums = RidgeSums.observe(random(9, 3), [random(9, 2, seed=1)], np.arange(9) < 2)
    again = RidgeSums.from_arrays(sums.arrays())
    np.testing.assert_array_equal(again.solve_all(1.0), sums.solve_all(1.0))


def test_kernel_map_gives_the_kernel_between_landmarks_and_any_photo() -> None:
    blocks, zero_shot = {"lite2": random(12, 20)}, random(12, 8, seed=1)
    others, others_shot = {"lite2": random(5, 20, seed=2)}, random(5, 8, seed=3)
    kernel = KernelMap.fit(blocks, zero_shot)
    phi = kernel.transform(blocks, zero_shot) @ kernel.transform(others, others_shot).T
    x, y = compose(blocks, zero_shot, NO_FACES), compose(others, others_shot, NO_FACES)
    expected = np.exp(-GAMMA * (2 - 2 * x @ y.T))
    np.testing.assert_allclose(phi, expected, atol=2e-3)


def test_kernel_map_survives_storage() -> None:
    blocks, zero_shot = {"lite2": random(6, 10)}, random(6, 8)
    kernel = KernelMap.fit(blocks, zero_shot)
    again = KernelMap.from_arrays(kernel.arrays())
    np.testing.assert_array_equal(again.transform(blocks, zero_shot), kernel.transform(blocks, zero_shot))


def test_kernel_map_of_no_landmark_maps_photos_to_nothing() -> None:
    kernel = KernelMap.fit({}, np.zeros((0, 8), dtype=np.float32))
    assert kernel.transform({"lite2": random(3, 10)}, random(3, 8)).shape == (3, 0)


def test_composed_photos_have_unit_length_whatever_the_scale_of_a_block() -> None:
    blocks = {"lite2": 1000 * random(4, 10), "coco": np.abs(random(4, 5)), "an owner's model": random(4, 7)}
    rows = compose(blocks, random(4, 8), NO_FACES)
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)


def test_a_photo_without_any_feature_stays_zero() -> None:
    rows = compose({"lite2": np.zeros((1, 4), np.float32)}, np.zeros((1, 8), np.float32), NO_FACES)
    assert not rows.any()


@pytest.mark.parametrize("power", [0.5, 0.7, 0.75, 1.0])
def test_signed_power_keeps_signs(power: float) -> None:
    block = np.array([[-4.0, 0.0, 9.0]], dtype=np.float32)
    raised = np.sign(block) * np.abs(block) ** power
    np.testing.assert_allclose(signed_power(block, power), raised / np.linalg.norm(raised), atol=1e-6)


def test_face_centre_weighs_faces_by_their_quality() -> None:
    faces = np.zeros((2, 258), dtype=np.float32)
    faces[0, :128], faces[0, 128] = 1.0 * 0.5, 0.5
    faces[1, :128], faces[1, 128] = 4.0 * 1.0, 1.0
    np.testing.assert_allclose(face_centre(faces), 3.0, atol=1e-6)


keyed = st.lists(
    st.tuples(st.floats(0, 1), st.text("abcdef", min_size=1, max_size=6)),
    max_size=12,
    unique_by=lambda r: r[1],
)


def sketch(rows: list[tuple[float, str]]) -> Sketch:
    keys = np.array([key for key, _ in rows], dtype=np.float64)
    return Sketch.of(4, keys, [name for _, name in rows], {"key": keys}, {"name": [name for _, name in rows]})


@given(first=keyed, second=keyed, third=keyed)
def test_samples_add_in_any_order_and_grouping(
    first: list[tuple[float, str]], second: list[tuple[float, str]], third: list[tuple[float, str]]
) -> None:
    a, b, c = (
        sketch([(key, f"{mark}{name}") for key, name in rows])
        for mark, rows in (("x", first), ("y", second), ("z", third))
    )
    assert (a + (b + c)).ids == ((c + a) + b).ids
    assert len(a + b + c) <= 4


def test_a_sample_survives_storage() -> None:
    made = sketch([(0.3, "b"), (0.1, "a")])
    again = Sketch.from_arrays(made.arrays("s"), "s")
    assert again.ids == ("a", "b")
    assert again.texts == made.texts


def test_heavier_rows_are_sampled_more_often() -> None:
    heavy = sum(weighted_key(f"{i}", 5.0) < weighted_key(f"other {i}", 1.0) for i in range(600))
    assert 450 < heavy < 550


@given(st.lists(st.text(max_size=20), max_size=5))
def test_texts_survive_packing(texts: list[str]) -> None:
    assert unpack_texts(pack_texts(texts)) == tuple(texts)


def test_logistic_curve_finds_the_odds_that_made_the_data() -> None:
    rng = np.random.default_rng(0)
    inputs = rng.standard_normal((20_000, 1)).astype(np.float32)
    right = rng.random(20_000) < 1 / (1 + np.exp(-(2 * inputs[:, 0] - 1)))
    curve = Logistic.fit(inputs, right)
    np.testing.assert_allclose(curve.coefficients, [-1, 2], atol=0.1)


def test_logistic_curve_of_nothing_is_undecided() -> None:
    curve = Logistic.fit(np.zeros((0, 3), dtype=np.float32), np.zeros(0, dtype=bool))
    np.testing.assert_allclose(curve.probability(np.ones((2, 3), dtype=np.float32)), 0.5)


def test_cut_is_the_lowest_that_reaches_the_precision_asked_for() -> None:
    probability = np.linspace(1, 0, 100, dtype=np.float32)
    right = np.arange(100) % 10 != 9
    right[50:] = False
    cuts = choose_cuts(probability, right, 60, 0.85)
    kept = probability >= cuts.apply
    assert right[kept].mean() >= 0.85
    assert cuts.apply >= cuts.suggest
    assert 0.4 < cuts.apply < 0.6


def test_no_tag_is_applied_where_no_cut_is_precise_enough() -> None:
    cuts = choose_cuts(np.array([0.9, 0.8], np.float32), np.array([False, False]), 3, 0.85)
    assert cuts.apply == NEVER


@pytest.mark.parametrize("first", [True, False])
def test_no_cut_falls_between_pairs_that_look_the_same(first: bool) -> None:
    alike = np.full(40, 0.9, np.float32)
    right = np.repeat([first, not first], 20)

    cuts = choose_cuts(alike, right, 20, 0.85)

    assert cuts.apply == NEVER
    assert (alike >= cuts.suggest).all()


def test_what_the_cuts_say_of_themselves_is_so() -> None:
    random = np.random.default_rng(2)
    probability = np.round(random.random(300), 2).astype(np.float32)
    right = random.random(300) < probability**2

    cuts = choose_cuts(probability, right, 120, 0.6)

    kept = probability >= cuts.apply
    assert cuts.precision == pytest.approx(right[kept].mean())
    assert cuts.recall == pytest.approx(right[kept].sum() / 120)


def test_two_lucky_hits_are_not_enough_to_apply_tags() -> None:
    lucky = choose_cuts(np.array([0.9, 0.8], np.float32), np.array([True, True]), 9, 0.85)
    proven = choose_cuts(np.full(20, 0.9, np.float32), np.ones(20, np.bool_), 90, 0.85)
    assert lucky.apply == NEVER
    assert proven.apply == pytest.approx(0.9, abs=0.01)
