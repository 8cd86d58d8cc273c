"""The catalogue: a cold reader reads few objects, and never believes what no longer holds."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from shared.domain.observation import Exif, Place
from shared.domain.record import (
    Appearance,
    Enhancement,
    OwnerWords,
    Record,
    Sentence,
    Source,
    Standpoint,
    Status,
    Tag,
)
from shared.search.entry import Entry
from shared.services.browsing import Library
from shared.storage import keys
from shared.storage.catalogue import VERSION, Catalogue
from shared.storage.catalogue_rows import Row, rows_of, table_of
from shared.storage.objects import Object
from shared.storage.records import RecordRepository
from shared.storage.store import DirectoryStore
from tests.unit.api_records import record

FIRST, SECOND, THIRD = "a" * 32, "b" * 32, "c" * 32


class CountingStore(DirectoryStore):
    """Counts what is read, by the first part of the key."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.read: Counter[str] = Counter()

    def get(self, key: str) -> Object:
        self.read[key.split("/")[0]] += 1
        return super().get(key)


@pytest.fixture
def store(tmp_path: Path) -> CountingStore:
    return CountingStore(tmp_path)


@pytest.fixture
def records(store: CountingStore) -> RecordRepository:
    made = RecordRepository(store)
    for photo_id in (FIRST, SECOND):
        write(made, record(photo_id, f"{photo_id}-face"))
    return made


def write(records: RecordRepository, made: Record) -> None:
    records.update(made.photo_id, lambda _: made)


def learned(photo_id: str) -> Record:
    """A record with everything a catalogue keeps."""
    taken = datetime(2024, 5, 1, 12, tzinfo=UTC)
    exif = Exif(taken, "X100V", 38.7, -9.1, Place("Lisbon", "Lisbon", "Portugal"))
    plain = record(photo_id, "face-1", "face-2", exif=exif)
    return replace(
        plain,
        owner=OwnerWords(
            description="Tram in Lisbon", tags=("tram", "été"), text_vector=np.full(384, 0.5, np.float32)
        ),
        enhancement=Enhancement(
            bundle="b",
            generic="a street",
            description=Sentence("Tram in Lisbon", Source.OWNER),
            tags=(Tag("tram", Source.OWNER, 1.0), Tag("street", Source.LEARNED, 0.9)),
            people=(Appearance("face-2", "p", "Ann", 0.97, Source.LEARNED),),
            stands=Standpoint(np.full(384, 0.25, np.float32), 0.125),
        ),
    )


def shown(library: Library) -> list[str]:
    return sorted(card.photo_id for card in library.cards())


def plain(entry: Entry | None) -> tuple[object, ...] | None:
    if entry is None:
        return None
    named = {name: getattr(entry, name) for name in Entry.__slots__}
    vector = named.pop("vector")
    return (*named.items(), None if vector is None else vector.tolist())


@pytest.mark.parametrize(
    "made",
    [
        learned(FIRST),
        record(FIRST, "face-1"),
        replace(
            record(FIRST), observation=None, enhancement=None, status=Status.QUARANTINED, reason="broken"
        ),
        replace(record(FIRST), status=Status.DELETED),
    ],
    ids=["learned", "plain", "quarantined", "deleted"],
)
def test_a_row_says_what_the_record_says(made: Record, records: RecordRepository) -> None:
    write(records, made)
    stored = records.get(FIRST)
    assert stored is not None
    row = Row.of(stored)
    (back,) = rows_of(table_of([row]))
    assert back.card == row.card
    assert back.etag == stored.etag
    assert plain(back.entry) == plain(row.entry)


def test_a_cold_reader_reads_the_catalogue_and_no_record(
    store: CountingStore, records: RecordRepository
) -> None:
    Catalogue(store, records).refresh("")
    store.read.clear()
    heard: dict[str, Entry | None] = {}
    library = Library(store, records, listener=heard.__setitem__)
    assert shown(library) == [FIRST, SECOND]
    assert sorted(heard) == [FIRST, SECOND]
    assert store.read == {"catalogue": 1}
    assert library.cards().with_face(f"{FIRST}-face") is not None


def test_what_changed_since_is_read_from_its_records(store: CountingStore, records: RecordRepository) -> None:
    write(records, record(THIRD))
    Catalogue(store, records).refresh("")
    write(records, learned(FIRST))
    records.update(SECOND, lambda known: known and replace(known, status=Status.DELETED))
    stored = records.get(THIRD)
    assert stored is not None
    records.forget(THIRD, stored.etag)
    write(records, record("d" * 32))
    store.read.clear()
    library = Library(store, records)
    assert shown(library) == [FIRST, "d" * 32]
    card = library.cards().get(FIRST)
    assert card is not None
    assert card.tags == ("tram", "street")
    assert store.read["records"] == 3, "the changed, the deleted and the new one"


def test_a_warm_reader_finds_new_photos_through_the_changes(
    store: CountingStore, records: RecordRepository
) -> None:
    Catalogue(store, records).refresh("")
    library = Library(store, records, seconds=0.0)
    assert shown(library) == [FIRST, SECOND]
    write(records, record(THIRD))
    store.read.clear()
    assert shown(library) == [FIRST, SECOND, THIRD]
    assert store.read["records"] == 3, "the tail goes back two minutes once"
    write(records, learned(THIRD))
    store.read.clear()
    assert shown(library) == [FIRST, SECOND, THIRD]
    assert store.read == {"records": 1}


def test_refreshing_reads_only_what_nobody_has_heard_of(
    store: CountingStore, records: RecordRepository
) -> None:
    catalogue = Catalogue(store, records)
    catalogue.refresh("")
    write(records, learned(FIRST))
    write(records, record(THIRD))
    heard = {photo_id: Row.of(stored) for photo_id in (FIRST,) if (stored := records.get(photo_id))}
    store.read.clear()
    catalogue.refresh("", heard)
    assert store.read["records"] == 1
    assert {row.card.photo_id for row in catalogue.rows()} == {FIRST, SECOND, THIRD}


def test_a_row_that_was_heard_of_too_early_is_not_kept(
    store: CountingStore, records: RecordRepository
) -> None:
    stored = records.get(FIRST)
    assert stored is not None
    heard = {FIRST: Row.of(stored)}
    write(records, learned(FIRST))
    Catalogue(store, records).refresh("", heard)
    (row,) = (row for row in Catalogue(store, records).rows() if row.card.photo_id == FIRST)
    assert row.card.description == "Tram in Lisbon"


def test_a_part_that_splits_is_not_read_anew(store: CountingStore, records: RecordRepository) -> None:
    catalogue = Catalogue(store, records)
    catalogue.refresh("")
    store.read.clear()
    for prefix in ("a", "b"):
        catalogue.refresh(prefix)
    assert store.read["records"] == 0
    assert sorted(row.card.photo_id for row in catalogue.rows()) == [FIRST, SECOND]
    catalogue.prune(["a", "b"])
    parts = [entry.key for entry in store.list(keys.CATALOGUE)]
    assert parts == [keys.catalogue(VERSION, "a"), keys.catalogue(VERSION, "b")]
    assert sorted(row.card.photo_id for row in catalogue.rows()) == [FIRST, SECOND]


def test_a_broken_part_costs_time_and_nothing_else(store: CountingStore, records: RecordRepository) -> None:
    store.put(keys.catalogue(VERSION, ""), b"no parquet")
    assert shown(Library(store, records)) == [FIRST, SECOND]


def test_the_same_records_make_the_same_part(store: CountingStore, records: RecordRepository) -> None:
    refresh = partial(Catalogue(store, records).refresh, "")
    refresh()
    first = store.get(keys.catalogue(VERSION, "")).body
    refresh()
    assert store.get(keys.catalogue(VERSION, "")).body == first
