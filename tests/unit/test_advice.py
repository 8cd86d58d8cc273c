"""Advice: each thing that is wrong with a library is told, with where to begin; a good one hears of none."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from shared.domain.dataset import Shard
from shared.services.measuring import Answers
from shared.services.reporting.advice import advise
from shared.services.reporting.totals import Totals
from shared.storage.records import Stored
from shared.storage.rows import RowMaker, to_shard
from shared.vision.faces import ENCODING_SPACE
from shared.vision.generic import generic_tags
from tests.synthetic_library import NARROW, SyntheticLibrary

GOOD = Totals(
    images=9_000,
    worded=9_000,
    tags=Counter({"dog": 900, "cat": 800, "sea": 700}),
    bursts=Counter(range(9_000)),
)


@pytest.fixture(scope="module")
def shard() -> Shard:
    records = SyntheticLibrary(12, widths=NARROW, worded=1.0)
    return to_shard(RowMaker(generic_tags, ENCODING_SPACE).table(Stored(record, "") for record in records))


def test_a_good_library_needs_no_advice() -> None:
    assert advise(GOOD, None, None) == ()


@pytest.mark.parametrize(
    ("totals", "said"),
    [
        (replace(GOOD, images=65, worded=65, bursts=Counter(range(65))), "Describe or tag 35 more photos"),
        (
            replace(GOOD, tags=Counter({"dog": 8_000, "cat": 800})),
            "More than half of your tagged photos say “dog”",
        ),
        (
            replace(GOOD, tags=Counter({"dog": 900, "fog": 1, "log": 2, "bog": 1})),
            "3 of your 4 tags stand on fewer than 3 photos, too few to learn them (bog, fog, log)",
        ),
        (
            replace(GOOD, bursts=Counter({1: 2_000, 2: 7_000}), named_by={1: "a.jpg", 2: "b.jpg"}),
            "8998 photos nearly repeat another and teach nothing new: keep the best (7000 like b.jpg",
        ),
        (
            replace(GOOD, blank=("fog.jpg", "cap.jpg")),
            "2 photos show next to nothing: leave them out (cap.jpg",
        ),
    ],
)
def test_what_is_wrong_with_a_library_is_told(totals: Totals, said: str) -> None:
    assert [line for line in advise(totals, None, None) if line.startswith(said)]


def test_a_tag_unlike_all_others_of_its_name_is_doubted(shard: Shard) -> None:
    chances = [{"dog": 0.9}] * 11 + [{"dog": 0.001}]
    answers = Answers(("",) * 12, ((),) * 12, np.zeros((12, 12), dtype=np.float32), tuple(chances))

    doubts = [line for line in advise(GOOD, shard, answers) if line.startswith("Is ")]

    assert doubts == [
        f"Is “dog” right for {shard.keys[11]}? It looks like none of your other photos with that tag"
    ]


def test_a_tag_that_is_never_recognised_is_not_doubted(shard: Shard) -> None:
    answers = Answers(("",) * 12, ((),) * 12, np.zeros((12, 12), dtype=np.float32), ({"dog": 0.001},) * 12)

    assert not [line for line in advise(GOOD, shard, answers) if line.startswith("Is ")]


def test_the_poorest_descriptions_are_to_be_mended_first(shard: Shard) -> None:
    poor = replace(shard, descriptions=("Dog", *(["a dog runs along a wide sandy beach"] * 11)))
    made = Answers(("a brown dog runs on a beach",) * 12, ((),) * 12, np.zeros((12, 12), dtype=np.float32))

    assert advise(GOOD, poor, made) == (f"Write more than 1 word about {shard.keys[0]}",)


def test_totals_find_blank_pictures_and_bursts(shard: Shard) -> None:
    fog = replace(shard, dhash=np.asarray([0, *shard.dhash[1:].tolist()], dtype=np.uint64))

    totals = Totals.of(fog, dict.fromkeys(shard.ids, 5)) + Totals.of(fog, dict.fromkeys(shard.ids, 6))

    assert totals.blank == (shard.keys[0],) * 2
    assert totals.bursts == {5: 12, 6: 12}
