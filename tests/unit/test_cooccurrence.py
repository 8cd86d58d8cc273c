"""Tags that go together: sums that add, and guesses that beat chance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.learning.cooccurrence import (
    CoSums,
    Moments,
    Settings,
    conditional,
    count_sets,
    counts,
    ease,
    fit,
    gram,
    learn,
    left_out,
    ppmi,
    ranks,
)

VOCABULARY = ("beach", "boat", "cake", "candle", "dog", "river")
rows = st.lists(st.tuples(st.integers(0, 9), st.sets(st.sampled_from(VOCABULARY), min_size=1)), max_size=30)


def party_and_shore() -> CoSums:
    """Cakes come with candles; boats on a river or a beach; a beach without a boat has a dog."""
    photos = [{"cake", "candle"}, {"boat", "river"}, {"boat", "beach"}, {"dog", "beach"}] * 30
    return count_sets(((row % 10, tags) for row, tags in enumerate(photos)), VOCABULARY)


@given(rows, rows)
def test_sums_of_two_shards_are_the_sums_of_both(
    one: list[tuple[int, set[str]]], other: list[tuple[int, set[str]]]
) -> None:
    together = count_sets(one, VOCABULARY) + count_sets(other, VOCABULARY)
    assert together == count_sets(one + other, VOCABULARY)
    assert together == count_sets(other, VOCABULARY) + count_sets(one, VOCABULARY)


@given(rows)
def test_sums_survive_being_stored(given_rows: list[tuple[int, set[str]]]) -> None:
    sums = count_sets(given_rows, VOCABULARY)
    assert CoSums.from_arrays(sums.arrays()) == sums


def test_tags_outside_the_vocabulary_are_not_counted() -> None:
    assert count_sets([(0, {"beach", "ufo"}), (0, {"ufo"})], VOCABULARY).sets == {(0, (0,)): 1}


def test_a_hidden_tag_is_guessed_from_the_others() -> None:
    model = fit(Moments.of(*party_and_shore().rows(len(VOCABULARY))), Settings())
    present = np.zeros((1, len(VOCABULARY)), dtype=np.float32)
    present[0, VOCABULARY.index("candle")] = 1
    assert VOCABULARY[int(model.scores(present).argmax())] == "cake"


def test_a_tag_never_predicts_itself_nor_does_a_pair_it_is_in() -> None:
    model = fit(Moments.of(*party_and_shore().rows(len(VOCABULARY))), Settings(mix=0.0))
    assert not np.diag(model.weights[: len(VOCABULARY)]).any()
    for row, pair in enumerate(model.pairs, len(VOCABULARY)):
        assert not model.weights[row, pair].any()


def test_without_pairs_it_is_ease() -> None:
    tags, weights = party_and_shore().rows(len(VOCABULARY))
    model = fit(Moments.of(tags, weights, pairs=0), Settings(ridge=10.0, mix=0.0))
    np.testing.assert_allclose(model.weights, ease(gram(tags, weights), 10.0), atol=1e-6)


def test_single_precision_gives_the_same_weights_within_its_rounding() -> None:
    moments = Moments.of(*party_and_shore().rows(len(VOCABULARY)))
    double, single = fit(moments, Settings()), fit(moments, Settings(), np.float32)
    np.testing.assert_allclose(single.weights, double.weights, atol=1e-5)


def test_weights_solve_the_ridge_regression_of_each_tag() -> None:
    """Given any data, EASE's closed form is the ridge solution with the tag itself left out."""
    rng = np.random.default_rng(0)
    x = (rng.random((60, 5)) < 0.4).astype(float)
    weights = ease(x.T @ x, 2.0)
    others = [0, 1, 3, 4]
    direct = np.linalg.solve(x[:, others].T @ x[:, others] + 2.0 * np.eye(4), x[:, others].T @ x[:, 2])
    np.testing.assert_allclose(weights[others, 2], direct, atol=1e-9)


def test_baselines_say_what_they_are_named_for() -> None:
    together = gram(*party_and_shore().rows(len(VOCABULARY)))
    beach, boat = VOCABULARY.index("beach"), VOCABULARY.index("boat")
    assert counts(together)[boat, beach] == 30
    assert conditional(together)[boat, beach] == pytest.approx(0.5)
    assert ppmi(together, 120)[boat, VOCABULARY.index("river")] == pytest.approx(np.log(30 * 120 / (60 * 30)))


def test_learning_is_the_same_whatever_the_order_of_photos() -> None:
    photos = [(row % 10, {VOCABULARY[row % 6], VOCABULARY[(row * 5 + 1) % 6]}) for row in range(60)]
    one, other = learn(count_sets(photos, VOCABULARY), 6), learn(count_sets(photos[::-1], VOCABULARY), 6)
    assert one.weights.tobytes() == other.weights.tobytes()


def test_nothing_seen_gives_nothing_expected() -> None:
    model = learn(CoSums({}), len(VOCABULARY))
    assert not model.scores(np.ones((1, len(VOCABULARY)), dtype=np.float32)).any()


def test_ranks_leave_out_what_is_present_and_break_ties_by_place() -> None:
    present, hidden = left_out(count_sets([(0, {"beach", "boat"})], VOCABULARY), 6, {0})
    assert present.sum() == 1
    assert ranks(np.ones((1, 6), dtype=np.float32), present, hidden).tolist() == [1]
