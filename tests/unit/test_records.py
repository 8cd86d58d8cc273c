from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput, LostRace
from shared.domain.record import OwnerWords, Record, Status
from shared.storage import keys
from shared.storage.records import (
    Quarantine,
    RecordRepository,
    Stored,
    dumps,
    forgettable,
    loads,
    newer,
)
from shared.storage.store import DirectoryStore, ObjectStore

Make = Callable[..., Record]
NOON = datetime(2025, 3, 1, 12, 0, tzinfo=UTC)
sequencers = st.text("0123456789ABCDEFabcdef", max_size=20)


def found(repository: RecordRepository, photo_id: str) -> Stored:
    stored = repository.get(photo_id)
    assert stored is not None
    return stored


def test_a_record_survives_json(make_record: Make) -> None:
    record = make_record(2, owner=OwnerWords(tags=("dog",), text_vector=np.ones(384, np.float32)))
    again = loads(dumps(record))
    assert dumps(again) == dumps(record)
    assert again.observation is not None
    assert record.observation is not None
    assert again.observation.exif == record.observation.exif
    seen = record.observation.features["lite2"].astype(np.float16)
    np.testing.assert_array_equal(again.observation.features["lite2"], seen)
    np.testing.assert_array_equal(again.observation.faces[1].encoding, record.observation.faces[1].encoding)
    np.testing.assert_array_equal(again.owner.text_vector, record.owner.text_vector)


def test_a_broken_record_names_the_field() -> None:
    with pytest.raises(InvalidInput, match="origin"):
        loads(b'{"photo_id": "a", "status": "analyzed"}')


@given(sequencers, sequencers, sequencers)
def test_sequencers_have_one_order(a: str, b: str, c: str) -> None:
    assert not newer(a, a)
    assert not (newer(a, b) and newer(b, a))
    assert newer(a, b) or not newer(a, c) or newer(b, c) or not newer(c, b)
    assert newer(a, b) == newer(a.lower(), b.upper())
    assert newer(a + "000", b) == newer(a, b)


def test_a_shorter_sequencer_is_padded_on_its_right() -> None:
    assert newer("1", "0F")
    assert newer("0A1", "0A")
    assert not newer("0A0", "0A")
    assert not newer("", "0A")


def test_a_change_is_written_and_noted(store: ObjectStore, make_record: Make) -> None:
    repository = RecordRepository(store, lambda: NOON)
    record = make_record(1)
    written = repository.update(record.photo_id, lambda _: record)
    assert written.updated_at == NOON
    assert found(repository, record.photo_id).record.origin == record.origin
    notes = [entry.key for entry in store.list(keys.CHANGES)]
    assert len(notes) == 1
    assert notes[0].startswith("changes/2025-03-01T12/")
    assert keys.changed_photo(notes[0]) == record.photo_id


def test_no_change_is_neither_written_nor_noted(store: ObjectStore, make_record: Make) -> None:
    repository = RecordRepository(store)
    record = make_record(1)
    repository.update(record.photo_id, lambda _: record)
    before = found(repository, record.photo_id).etag
    repository.update(record.photo_id, lambda standing: standing)
    repository.update(record.photo_id, lambda _: record)
    assert repository.update(record.photo_id, lambda _: None) is not None
    assert repository.update("f" * 32, lambda _: None) is None
    assert found(repository, record.photo_id).etag == before
    assert len(list(store.list(keys.CHANGES))) == 1


def test_a_lost_race_applies_the_change_to_the_newer_record(store: ObjectStore, make_record: Make) -> None:
    repository, other = RecordRepository(store), RecordRepository(store)
    record = make_record(1)
    repository.update(record.photo_id, lambda _: record)
    seen: list[tuple[str, ...]] = []

    def change(standing: Record | None) -> Record:
        assert standing is not None
        seen.append(standing.owner.tags)
        if len(seen) == 1:
            other.update(record.photo_id, lambda _: replace(record, owner=OwnerWords(tags=("theirs",))))
        return replace(standing, reason="mine")

    written = repository.update(record.photo_id, change)
    assert seen == [(), ("theirs",)]
    assert (written.owner.tags, written.reason) == (("theirs",), "mine")


def test_sixteen_writers_lose_nothing(store: ObjectStore, make_record: Make) -> None:
    record = make_record(1)

    def add(number: int) -> None:
        def change(standing: Record | None) -> Record:
            base = standing or record
            return replace(base, owner=OwnerWords(tags=(*base.owner.tags, f"tag{number:02d}")))

        RecordRepository(store).update(record.photo_id, change)

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(add, range(16)))
    stored = found(RecordRepository(store), record.photo_id)
    assert sorted(stored.record.owner.tags) == [f"tag{number:02d}" for number in range(16)]
    assert len(list(store.list(keys.CHANGES))) == 16


def test_records_are_listed_and_read_in_order(directory: DirectoryStore, make_record: Make) -> None:
    repository = RecordRepository(directory)
    for number in range(10):
        record = make_record(number)
        repository.update(record.photo_id, lambda _, record=record: record)
    listed = list(repository.list())
    ids = [photo_id for photo_id, _ in listed]
    assert ids == sorted(ids)
    for in_a_row in (1, 4, 100):
        asked = [ids[0], "f" * 32, *ids[1:]]
        found = repository.get_many(asked, in_a_row=in_a_row)
        assert [(one.record.photo_id, one.etag) for one in found] == listed
    assert [i for i, _ in repository.list(ids[3][:4])] == [i for i in ids if i.startswith(ids[3][:4])]


def test_a_tombstone_stands_for_thirty_days(directory: DirectoryStore, make_record: Make) -> None:
    repository = RecordRepository(directory, lambda: NOON)
    record = make_record(1, status=Status.DELETED, observation=None)
    written = repository.update(record.photo_id, lambda _: record)
    assert not forgettable(written, NOON + timedelta(days=30))
    assert forgettable(written, NOON + timedelta(days=31))
    assert not forgettable(replace(written, status=Status.ANALYZED), NOON + timedelta(days=31))


def test_a_record_that_came_back_is_not_forgotten(directory: DirectoryStore, make_record: Make) -> None:
    repository = RecordRepository(directory)
    record = make_record(1, status=Status.DELETED)
    repository.update(record.photo_id, lambda _: record)
    etag = found(repository, record.photo_id).etag
    repository.update(record.photo_id, lambda _: replace(record, status=Status.ANALYZED))
    with pytest.raises(LostRace):
        repository.forget(record.photo_id, etag)
    repository.forget(record.photo_id, found(repository, record.photo_id).etag)
    assert repository.get(record.photo_id) is None


def test_quarantine_says_why_until_the_photo_is_mended(store: ObjectStore) -> None:
    repository = RecordRepository(store)
    note = Quarantine("a" * 32, "broken.jpg", "It is cut off", "Export it again", NOON)
    repository.quarantine(note)
    assert list(repository.quarantined()) == [note]
    repository.release(note.photo_id)
    assert list(repository.quarantined()) == []
