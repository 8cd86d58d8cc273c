"""The figures of the evaluation tasks, and their intervals."""

import numpy as np
import pytest

from shared.domain.errors import InvalidInput
from shared.services import evaluation
from shared.services.evaluation import descriptions, search, tags
from shared.services.evaluation.base import (
    LEARNED,
    Figure,
    TaskResult,
    bootstrap_mean,
    bootstrap_ratio,
    paired_difference,
)


def test_an_interval_covers_the_mean_and_narrows_with_more_items() -> None:
    values = np.random.default_rng(0).random(1_000)
    few, many = bootstrap_mean(values[:50]), bootstrap_mean(values)
    for found in (few, many):
        assert found.low is not None
        assert found.high is not None
        assert found.low < found.value < found.high
    assert many.high - many.low < few.high - few.low


def test_the_same_items_give_the_same_interval() -> None:
    values = np.arange(20.0)
    assert bootstrap_mean(values) == bootstrap_mean(values)


def test_a_ratio_of_nothing_is_undefined() -> None:
    assert np.isnan(bootstrap_ratio(np.zeros(3), np.zeros(3)).value)


def test_a_better_method_is_better_pair_by_pair() -> None:
    base = np.random.default_rng(1).random(200)
    change = paired_difference(base + 0.1, base)
    assert change.low is not None
    assert change.low > 0


def test_flat_figures_name_method_and_bounds() -> None:
    result = TaskResult("t", 2, {LEARNED: {"f1": Figure(0.5, 0.4, 0.6)}, "before": {"f1": Figure(0.1)}})
    assert result.flat() == {"items": 2.0, "f1": 0.5, "f1_low": 0.4, "f1_high": 0.6, "before.f1": 0.1}


def test_an_unknown_task_is_named_with_those_there_are(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="tags"):
        evaluation.run("dreams", tmp_path)


def test_photos_are_asked_for_where_the_folder_has_none(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="--data"):
        evaluation.run("tags", tmp_path)


def test_tags_count_what_is_applied_and_what_the_cut_gives() -> None:
    answers = [
        tags.Answer((("dog", 0.9), ("cat", 0.4)), frozenset({"dog", "cat"}), frozenset({"dog"})),
        tags.Answer((("car", 0.8),), frozenset({"car"}), frozenset({"car"})),
    ]
    found = tags.figures(answers, [frozenset({"dog"}), frozenset({"bus", "road"})])
    assert found["p_at_1"].value == 0.5
    assert found["applied_precision"].value == 0.5
    assert found["applied_recall"].value == pytest.approx(1 / 3)
    assert found["f1"].value == pytest.approx(2 * 1 / (3 + 3))
    assert found["suggested_a_photo"].value == 0.5


def test_search_ranks_count_ties_against_the_right_photo() -> None:
    scores = np.array([[0.9, 0.1, 0.2], [0.5, 0.5, 0.1], [0.3, 0.2, 0.1]], dtype=np.float32)
    assert search.ranks(scores).tolist() == [0, 1, 2]


def test_descriptions_count_right_and_unsupported_words_once() -> None:
    found = descriptions.figures(
        ["A dog runs. A dog barks."], [frozenset({"dog", "bark", "grass"})], [frozenset({"dog", "run"})]
    )
    assert found["right"].value == 2
    assert found["precision"].value == pytest.approx(2 / 3)
    assert found["unsupported"].value == 1
