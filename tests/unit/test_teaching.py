"""Corrections teach: the more photos a tag is given to, the better it is found among others."""

import numpy as np
import pytest

from shared.learning import categories
from shared.learning.teaching import Taught, average_precision
from shared.services.evaluation.photos import make_plan
from shared.services.reporting.facts import learning_curve
from shared.storage.records import Stored
from shared.storage.rows import RowMaker, to_shard
from shared.vision.faces import ENCODING_SPACE
from shared.vision.generic import generic_tags
from tests.synthetic_library import NARROW, SyntheticLibrary


def solved(photos: int) -> categories.CategoryPatterns:
    """Phase 1 over a library where everybody writes."""
    records = SyntheticLibrary(photos, widths=NARROW, worded=1.0)
    shard = to_shard(RowMaker(generic_tags, ENCODING_SPACE).table(Stored(record, "") for record in records))
    plan = make_plan(shard)
    return categories.solve(categories.observe(shard, plan), plan)


@pytest.fixture(scope="module")
def patterns() -> categories.CategoryPatterns:
    return solved(240)


def test_more_corrections_find_a_tag_better(patterns: categories.CategoryPatterns) -> None:
    taught = patterns.taught
    assert isinstance(taught, Taught)

    found = taught.precision.mean(axis=1)

    assert taught.corrections[:4] == (0, 1, 2, 4)
    assert found[-1] > found[1] > found[0]


def test_the_curve_is_in_the_bundle_with_intervals(patterns: categories.CategoryPatterns) -> None:
    curve = learning_curve(patterns.files()["category_patterns.json"])

    assert patterns.taught
    assert [point.corrections for point in curve] == list(patterns.taught.corrections)
    assert all(point.precision.low is not None for point in curve)


def test_a_library_too_small_for_it_has_no_curve() -> None:
    assert learning_curve(solved(20).files()["category_patterns.json"]) == ()


def test_average_precision_is_that_of_the_ranking() -> None:
    scores = np.asarray([0.9, 0.8, 0.7, 0.6], dtype=np.float32)

    assert average_precision(scores, np.asarray([True, False, True, False])) == pytest.approx((1 + 2 / 3) / 2)
    assert average_precision(scores, np.zeros(4, dtype=np.bool_)) == 0.0
