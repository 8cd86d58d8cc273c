import pytest

from shared.domain.errors import LostRace, TrainingBusy
from shared.storage import keys
from shared.storage.locks import TrainingLock
from shared.storage.store import ObjectStore


def never(_execution: str) -> bool:
    return False


def test_one_execution_trains_at_a_time(store: ObjectStore) -> None:
    lock = TrainingLock(store, never)
    assert lock.holder() is None
    lock.acquire("arn:1")
    lock.acquire("arn:1")
    with pytest.raises(TrainingBusy, match="arn:1"):
        lock.acquire("arn:2")
    assert lock.holder() == "arn:1"


def test_a_released_lock_is_free(store: ObjectStore) -> None:
    lock = TrainingLock(store, never)
    lock.acquire("arn:1")
    assert lock.release("arn:1")
    assert lock.holder() is None
    lock.acquire("arn:2")
    assert lock.holder() == "arn:2"


def test_only_the_holder_releases(store: ObjectStore) -> None:
    lock = TrainingLock(store, never)
    assert not lock.release("arn:1")
    lock.acquire("arn:1")
    assert not lock.release("arn:2")
    assert lock.holder() == "arn:1"


def test_who_held_the_lock_last_stays_named(store: ObjectStore) -> None:
    lock = TrainingLock(store, never)
    assert lock.last() is None
    lock.acquire("arn:1")
    assert lock.last() == "arn:1"
    lock.release("arn:1")
    assert (lock.holder(), lock.last()) == (None, "arn:1")
    lock.acquire("arn:2")
    assert lock.last() == "arn:2"


def test_the_lock_of_an_ended_execution_is_taken_over(store: ObjectStore) -> None:
    TrainingLock(store, never).acquire("arn:dead")
    lock = TrainingLock(store, lambda execution: execution == "arn:dead")
    assert lock.holder() is None
    lock.acquire("arn:2")
    assert lock.holder() == "arn:2"
    assert not lock.release("arn:dead")


def test_who_comes_second_to_a_dead_lock_is_busy(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    TrainingLock(store, never).acquire("arn:dead")

    def lost(*_arguments: object) -> str:
        raise LostRace("changed")

    monkeypatch.setattr(store, "swap_if_match", lost)
    with pytest.raises(TrainingBusy, match="just started"):
        TrainingLock(store, lambda _: True).acquire("arn:2")
    assert b"arn:dead" in store.get(keys.TRAINING_LOCK).body
