"""Vectors in records: short text that gives the float16 numbers back, also as records were written before."""

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.vectors import DEFLATED, decode, encode


@given(st.lists(st.floats(-1e3, 1e3, width=16), max_size=200))
def test_a_vector_comes_back_as_it_was(numbers: list[float]) -> None:
    vector = np.asarray(numbers, dtype=np.float32)

    assert np.array_equal(decode(encode(vector)), vector)


def test_what_deflates_is_deflated_and_what_does_not_is_left_alone() -> None:
    noise = np.random.default_rng(0).standard_normal(384).astype(np.float32)

    assert encode(np.zeros(1_280, dtype=np.float32)).startswith(DEFLATED)
    assert len(encode(np.zeros(1_280, dtype=np.float32))) < 100
    assert not encode(noise).startswith(DEFLATED)


def test_vectors_of_older_records_are_read() -> None:
    vector = np.arange(8, dtype=np.float32)
    plain = base64.b64encode(vector.astype("<f2").tobytes()).decode()

    assert np.array_equal(decode(plain), vector)


@pytest.mark.parametrize("broken", ["no base64!", DEFLATED + "AAAA", DEFLATED])
def test_what_is_no_vector_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match="base64"):
        decode(broken)
