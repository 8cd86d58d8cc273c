"""Following the changes of a library."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.storage import keys
from shared.storage.changes import ChangeTail
from shared.storage.directory_store import DirectoryStore
from shared.storage.ulids import earliest, moment, new_ulid

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Clock:
    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


def note(store: DirectoryStore, at: datetime, photo_id: str) -> None:
    store.put(keys.change(at, earliest(at)[:10] + new_ulid()[10:], photo_id), b"")


@pytest.fixture
def store(tmp_path):
    return DirectoryStore(tmp_path)


def test_each_change_is_told_once_in_order(store):
    clock = Clock(NOON)
    tail = ChangeTail(store, NOON, clock)
    note(store, NOON + timedelta(seconds=2), "b" * 32)
    note(store, NOON + timedelta(seconds=1), "a" * 32)
    clock.at = NOON + timedelta(seconds=5)
    assert tail.new() == ("a" * 32, "b" * 32)
    assert tail.new() == ()
    note(store, NOON + timedelta(seconds=6), "a" * 32)
    clock.at = NOON + timedelta(seconds=7)
    assert tail.new() == ("a" * 32,)


def test_a_change_that_appears_late_is_told(store):
    clock = Clock(NOON + timedelta(minutes=5))
    tail = ChangeTail(store, NOON, clock)
    assert tail.new() == ()
    note(store, NOON + timedelta(minutes=4), "c" * 32)
    assert tail.new() == ("c" * 32,)
    clock.at = NOON + timedelta(minutes=30)
    assert tail.new() == ()


def test_changes_before_the_moment_and_across_hours(store):
    note(store, NOON - timedelta(minutes=30), "d" * 32)
    note(store, NOON - timedelta(seconds=30), "e" * 32)
    note(store, NOON + timedelta(hours=2), "f" * 32)
    tail = ChangeTail(store, NOON, Clock(NOON + timedelta(hours=2, minutes=1)))
    assert tail.new() == ("e" * 32, "f" * 32)


def test_the_earliest_name_of_a_moment_sorts_before_every_name_of_it():
    name = new_ulid()
    assert earliest(moment(name)) <= name
