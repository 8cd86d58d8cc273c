"""A worse bundle is not promoted over a good one; an honest one is."""

import numpy as np
import pytest

from shared.services.evaluation.base import Figure
from shared.services.gate import Guarded, judge

RNG = np.random.default_rng(1)
GOOD = RNG.uniform(0.3, 0.7, 200)
COMMON = np.full(200, 0.2)


def test_judge_accepts_a_retraining_like_the_live_one() -> None:
    same = Guarded("Tags", GOOD + RNG.normal(0, 0.02, 200), GOOD, COMMON, Figure(0.5, 0.47, 0.53))

    assert judge([same], measured_before=True).accepted


def test_judge_refuses_a_clear_fall_and_names_the_figure() -> None:
    verdict = judge([Guarded("Tags", GOOD - 0.1, GOOD, COMMON)], measured_before=True)

    assert not verdict.accepted
    assert verdict.reasons[0].startswith("Tags fell by 0.100")


def test_judge_refuses_what_popularity_beats() -> None:
    shuffled = np.full(200, 0.1)

    verdict = judge([Guarded("Tags", shuffled, shuffled, COMMON)], measured_before=False)

    assert not verdict.accepted
    assert "most common" in verdict.reasons[0]


@pytest.mark.parametrize("common", [0.0, 0.95, 1.0])
def test_judge_accepts_what_is_as_good_as_popularity_can_be(common: float) -> None:
    same = np.full(40, common)

    assert judge([Guarded("Tags", same, same, same)], measured_before=False).accepted


def test_judge_refuses_what_is_worse_than_an_easy_guess() -> None:
    verdict = judge(
        [Guarded("Tags", np.full(40, 0.5), np.zeros(40), np.full(40, 0.95))], measured_before=False
    )

    assert not verdict.accepted


def test_judge_lets_no_single_photo_decide() -> None:
    one = Guarded("Tags", np.zeros(1), np.ones(1), np.ones(1))

    assert judge([one], measured_before=False).accepted


def test_judge_refuses_what_only_repeats_popularity() -> None:
    assert not judge([Guarded("Tags", COMMON, COMMON, COMMON)], measured_before=False).accepted


def test_judge_refuses_poison_that_spoils_the_held_out_photos_too() -> None:
    spoiled = np.full(200, 0.25)
    poisoned = Guarded("Tags", spoiled, spoiled, COMMON, Figure(0.5, 0.47, 0.53))

    assert not judge([poisoned], measured_before=True).accepted


def test_judge_refuses_an_emptied_library_over_a_measured_one() -> None:
    assert not judge([], measured_before=True).accepted
    assert judge([], measured_before=False).accepted
