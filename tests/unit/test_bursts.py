"""Near-duplicates stay together, whatever the order photos come in."""

import hashlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.learning.bursts import burst_name, bursts, fold


def _ids(n: int) -> list[str]:
    return [hashlib.sha256(str(i).encode()).hexdigest()[:32] for i in range(n)]


def test_bursts_of_the_same_picture_share_a_number() -> None:
    base = 0x1234_5678_9ABC_DEF0
    hashes = np.array([base, base ^ 0b101, ~base & (2**64 - 1)], dtype=np.uint64)

    found = bursts(_ids(3), hashes, np.full(3, np.nan))

    assert found[0] == found[1] != found[2]


def test_bursts_of_one_moment_need_a_similar_picture() -> None:
    base = 0x0F0F_3C3C_55AA_1234
    twelve_bits_away = base ^ 0x0F_0F_0F
    hashes = np.array([base, twelve_bits_away, twelve_bits_away], dtype=np.uint64)
    seconds = np.array([100.0, 101.0, 5000.0])

    found = bursts(_ids(2), hashes[:2], seconds[:2])
    apart = bursts(_ids(2), hashes[::2], seconds[::2])

    assert found[0] == found[1]
    assert apart[0] != apart[1]


@given(st.permutations(range(12)))
def test_bursts_do_not_depend_on_order(order: list[int]) -> None:
    rng = np.random.default_rng(0)
    hashes = rng.integers(0, 2**63, 12, dtype=np.uint64)
    hashes[5:8] = hashes[4]
    times = np.where(np.arange(12) % 3 == 0, np.nan, np.arange(12) * 10.0)
    ids = _ids(12)

    straight = bursts(ids, hashes, times)
    shuffled = bursts([ids[i] for i in order], hashes[order], times[order])

    assert np.array_equal(straight[order], shuffled)


@pytest.mark.parametrize(("told", "leading"), [([0, 0, 1], 2), ([1, 0, 2], 2), ([1, 1, 1], 0)])
def test_bursts_are_named_after_the_photo_that_most_is_said_of(told: list[int], leading: int) -> None:
    ids = sorted(_ids(3))
    same = np.full(3, 7, dtype=np.uint64)

    found = bursts(ids, same, np.full(3, np.nan), np.array(told))

    assert set(found.tolist()) == {burst_name(ids[leading])}


def test_folds_are_about_even() -> None:
    sizes = np.bincount([fold(burst) for burst in range(10_000)], minlength=10)

    assert sizes == pytest.approx(np.full(10, 1000), abs=120)
