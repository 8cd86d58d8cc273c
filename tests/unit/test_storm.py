"""Uploads under a seeded storm end in the state of a calm run, but for the fields of the clock."""

import logging
from types import SimpleNamespace

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from shared.domain.record import Status
from shared.storage import keys
from shared.storage.records import CLOCK_FIELDS
from tests.faults.storm import GARBAGE, Storm


@pytest.fixture(autouse=True, scope="module")
def _no_waiting() -> object:
    """Nobody waits between tries, and thousands of quarantines go unlogged."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))
        logging.getLogger("avinash-eye").setLevel(logging.CRITICAL)
        yield
        logging.getLogger("avinash-eye").setLevel(logging.INFO)


def assert_like_calm(uploads: int, seed: int) -> Storm:
    calm, storm = Storm.calm(uploads, seed).play(), Storm(uploads, seed).play()

    assert storm.state() == calm.state(), f"make storm SEED={seed} UPLOADS={uploads}"
    assert storm.untold() <= storm.redriven_photos()
    assert {message.body for message in storm.queue.dead} == {GARBAGE}
    return storm


@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_uploads_in_a_storm_end_as_in_calm(seed: int) -> None:
    storm = assert_like_calm(200, seed)

    happened = storm.happened
    print(f"seed {seed}: {dict(sorted(happened.items()))}")
    assert all(happened[kind] for kind in ("refused", "lost", "killed", "meanwhile", "twice", "disordered"))


@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(seed=st.integers(0, 2**32), uploads=st.integers(1, 30))
def test_any_seed_passes(seed: int, uploads: int) -> None:
    assert_like_calm(uploads, seed)


def test_a_storm_leaves_photos_of_every_status_and_is_the_same_for_the_same_seed() -> None:
    one, two = Storm(60, 5).play(), Storm(60, 5).play()

    statuses = {record["status"] for record in one.state()["records"].values()}
    assert statuses == set(Status)
    assert one.happened == two.happened
    assert one.state() == two.state()
    uploaded = {keys.photo_id("uploads", entry.key) for entry in one.photos.list()}
    assert uploaded <= set(one.state()["records"])


def test_what_the_clock_sets_is_named_and_nothing_else_differs() -> None:
    assert set(CLOCK_FIELDS) == {"origin.sequencer", "origin.uploaded_at", "updated_at"}
