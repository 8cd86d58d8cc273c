from collections.abc import Callable, Iterable
from dataclasses import replace
from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput, MetadataNotFound, StoreUnavailable
from shared.domain.named_faces import names_of
from shared.domain.observation import Box, Face, Observation
from shared.domain.record import NamedFace, OwnerWords, Record, Status
from shared.storage import keys, rows
from shared.storage.dataset import DatasetRepository, ShardExport, assign
from shared.storage.records import RecordRepository, Stored
from shared.storage.rows import RowMaker
from shared.storage.store import DirectoryStore, Object, ObjectStore

Make = Callable[..., Record]
SPACE = "dlib_resnet_128"


def labels(observation: Observation) -> list[tuple[str, float]]:
    return [(label.name, label.score) for label in observation.labels]


def table_of(records: Iterable[Record]) -> pa.Table:
    return RowMaker(labels, SPACE).table(Stored(record, "etag") for record in records)


class Counting(DirectoryStore):
    """A directory that counts how many records are read."""

    reads = 0

    def get(self, key: str) -> Object:
        Counting.reads += key.startswith(keys.RECORDS)
        return super().get(key)


@pytest.fixture
def library(tmp_path, make_record: Make) -> RecordRepository:
    store = Counting(tmp_path)
    repository = RecordRepository(store)
    for number in range(12):
        record = make_record(number)
        repository.update(record.photo_id, lambda _, record=record: record)
    Counting.reads = 0
    return repository


def export_of(repository: RecordRepository) -> tuple[DatasetRepository, ShardExport]:
    dataset = DatasetRepository(repository._store)
    return dataset, ShardExport(dataset, repository, RowMaker(labels, SPACE))


def retag(repository: RecordRepository, record: Record, *tags: str) -> None:
    repository.update(record.photo_id, lambda _: replace(record, owner=OwnerWords(tags=tags)))


def test_a_shard_holds_what_the_records_say(make_record: Make) -> None:
    words = np.full(384, 0.5, np.float32)
    owner = OwnerWords("a dog", ("sea", "dog"), ("cat",), text_vector=words)
    records = [make_record(1), make_record(2, owner=owner)]
    shard = rows.to_shard(table_of(records))
    row = shard.ids.index(records[1].photo_id)
    seen = records[1].observation
    assert seen is not None
    assert shard.ids == tuple(sorted(record.photo_id for record in records))
    assert shard.keys[row] == "album/0002.jpg"
    assert (shard.tags[row], shard.removed_tags[row], shard.descriptions[row]) == (
        ("dog", "sea"),
        ("cat",),
        "a dog",
    )
    assert shard.labels[row] == (("dog", 0.75),)
    assert shard.places[row] == "Kyoto, Japan"
    assert shard.dhash[row] == 2
    assert shard.generic[row] == "one dog"
    np.testing.assert_array_equal(shard.features["lite2"][row], seen.features["lite2"])
    np.testing.assert_array_equal(shard.words[row], words)
    np.testing.assert_array_equal(shard.words[1 - row], np.zeros(384))
    np.testing.assert_array_equal(shard.zero_shot[row], seen.text_vector)
    mine = shard.faces.photo == row
    assert [i for i, is_mine in zip(shard.faces.ids, mine, strict=True) if is_mine] == [
        f.face_id for f in seen.faces
    ]
    np.testing.assert_array_equal(shard.faces.encodings[mine], [face.encoding for face in seen.faces])


@pytest.mark.parametrize("group", [2, rows.GROUP_ROWS])
def test_a_shard_survives_parquet_and_is_the_same_bytes_in_any_order(
    make_record: Make, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(rows, "GROUP_ROWS", group)
    records = [make_record(number) for number in range(6)]
    body = rows.to_parquet(table_of(records))
    assert rows.to_parquet(table_of(reversed(records))) == body
    again = rows.from_parquet(BytesIO(body))
    assert again.equals(table_of(records))
    assert rows.to_parquet(again) == body
    assert len(rows.to_shard(again)) == 6


def test_some_photos_and_blocks_of_a_shard_are_read_alone(
    directory: DirectoryStore, make_record: Make
) -> None:
    dataset, table = DatasetRepository(directory), table_of([make_record(number) for number in range(6)])
    entry = dataset.save("", table, "listing")
    whole = dataset.load("", entry.digest)
    block = sorted(whole.features)[0]

    some = dataset.load("", entry.digest, [block], among=[whole.ids[4], whole.ids[1], "elsewhere"])

    assert some.ids == (whole.ids[1], whole.ids[4])
    assert list(some.features) == [block]
    np.testing.assert_array_equal(some.features[block], whole.features[block][[1, 4]])
    np.testing.assert_array_equal(some.words, whole.words[[1, 4]])


def test_an_empty_shard_is_a_shard() -> None:
    shard = rows.to_shard(rows.from_parquet(BytesIO(rows.to_parquet(table_of([])))))
    assert len(shard) == 0
    assert shard.zero_shot.shape == (0, 384)
    assert shard.faces.encodings.shape == (0, 128)


def test_deleted_and_quarantined_photos_have_no_row(make_record: Make) -> None:
    gone = make_record(1, status=Status.DELETED)
    unread = make_record(2, status=Status.QUARANTINED, observation=None)
    assert table_of([gone, unread, make_record(3)]).num_rows == 1


def test_faces_of_another_space_are_left_out(make_record: Make) -> None:
    record = make_record(2)
    assert record.observation is not None
    other = replace(record, observation=replace(record.observation, encoding_space="other"))
    assert rows.to_shard(table_of([other])).faces.ids == ()


@pytest.mark.parametrize("group", [1, rows.GROUP_ROWS])
def test_photos_seen_by_different_models_are_not_mixed(
    make_record: Make, monkeypatch: pytest.MonkeyPatch, group: int
) -> None:
    monkeypatch.setattr(rows, "GROUP_ROWS", group)
    record = make_record(2)
    assert record.observation is not None
    narrow = replace(record.observation, features={"lite2": np.zeros(3, np.float32)})
    with pytest.raises(InvalidInput, match="different models"):
        table_of([make_record(1), replace(record, observation=narrow)])


def test_the_digest_follows_the_content_not_the_version(make_record: Make) -> None:
    maker = RowMaker(labels, SPACE)
    one, other = Stored(make_record(1), "a"), Stored(make_record(1), "b")
    changed = Stored(make_record(1, owner=OwnerWords(tags=("dog",))), "a")
    digest = rows.digest_of(maker.table([one]))
    assert rows.digest_of(maker.table([other])) == digest
    assert rows.digest_of(maker.table([changed])) != digest


@given(st.sets(st.text("0123456789abcdef", min_size=8, max_size=8), max_size=200), st.integers(1, 30))
def test_every_photo_is_in_one_shard_that_is_not_too_full(ids: set[str], full: int) -> None:
    prefixes = assign(ids, full)
    assert list(prefixes) == sorted(prefixes)
    held = [[one for one in ids if one.startswith(prefix)] for prefix in prefixes]
    assert sum(map(len, held)) == len(ids)
    assert all(len(members) <= full for members in held)
    assert all(any(late.startswith(prefix) for prefix in prefixes) for late in ("00000000", "f1234567"))


def test_a_small_library_is_one_shard_and_a_full_one_splits() -> None:
    ids = [f"{number:04x}" for number in range(0, 65536, 4)]
    assert assign(ids, 16_384) == ("",)
    assert assign(ids, 16_383) == tuple("0123456789abcdef")
    assert assign([]) == ("",)


def test_the_first_export_reads_everything_the_next_nothing(library: RecordRepository) -> None:
    dataset, export = export_of(library)
    first = export.refresh("")
    assert (first.photos, Counting.reads) == (12, 12)
    assert export.refresh("") == first
    assert Counting.reads == 12
    assert len(dataset.load("", first.digest)) == 12


def test_an_export_reads_only_what_changed_and_ends_as_one_from_nothing(
    library: RecordRepository, make_record: Make
) -> None:
    dataset, export = export_of(library)
    first = export.refresh("")
    retag(library, make_record(3), "dog")
    gone = make_record(4, status=Status.DELETED, observation=None)
    library.update(gone.photo_id, lambda _: gone)
    retag(library, make_record(20), "new")
    Counting.reads = 0
    second = export.refresh("")
    assert Counting.reads == 3
    assert second.photos == 12
    incremental = dataset.table("", second.digest)
    assert export.refresh("", force=True) == second
    assert dataset.table("", second.digest).equals(incremental)
    with pytest.raises(MetadataNotFound):
        dataset.load("", first.digest)


def test_a_shard_that_was_split_reads_no_record_again(library: RecordRepository) -> None:
    dataset, export = export_of(library)
    export.refresh("")
    Counting.reads = 0
    prefixes = assign([photo_id for photo_id, _ in library.list()], full=4)
    entries = [export.refresh(prefix) for prefix in prefixes]
    dataset.prune(prefixes)
    assert Counting.reads == 0
    assert sum(entry.photos for entry in entries) == 12
    assert dataset.entry("") is None
    assert [len(dataset.load(e.prefix, e.digest)) for e in entries] == [e.photos for e in entries]


def test_a_reprocessed_record_leaves_the_digest(library: RecordRepository, make_record: Make) -> None:
    _, export = export_of(library)
    first = export.refresh("")
    record = make_record(3)
    assert record.enhancement is not None
    newer = replace(record, enhancement=replace(record.enhancement, bundle="v2"))
    library.update(record.photo_id, lambda _: newer)
    second = export.refresh("")
    assert (second.digest, second.listing == first.listing) == (first.digest, False)


def test_a_lost_file_of_the_dataset_is_made_anew(library: RecordRepository) -> None:
    dataset, export = export_of(library)
    first = export.refresh("")
    dataset.store.delete(keys.dataset_shard("", first.digest))
    record = next(iter(library.get_many([next(iter(library.list()))[0]]))).record
    retag(library, record, "dog")
    assert export.refresh("").photos == 12


def test_a_dataset_that_was_never_exported_says_so(store: ObjectStore) -> None:
    with pytest.raises(MetadataNotFound, match="run export first"):
        DatasetRepository(store).load("", "d")


def face(number: int, left: float) -> Face:
    return Face(f"f{number}", Box(left, 0.2, left + 0.1, 0.4), 0.9, np.zeros(128, np.float32), 0.8)


def test_names_go_to_the_faces_they_surround() -> None:
    faces = [face(0, 0.1), face(1, 0.5), face(2, 0.8)]
    named = [
        NamedFace("Ben", Box(0.45, 0.1, 0.65, 0.5)),
        NamedFace("Ana", Box(0.0, 0.0, 0.3, 0.6)),
        NamedFace("Nobody here", Box(0.0, 0.8, 0.1, 0.9)),
        NamedFace("Cid", Box(0, 0, 0.01, 0.01), face_id="f2"),
    ]
    assert names_of(faces, named) == ("Ana", "Ben", "Cid")


def test_two_names_over_two_faces_are_given_once_each() -> None:
    faces = [face(0, 0.10), face(1, 0.16)]
    named = [NamedFace("Left", Box(0.08, 0.1, 0.25, 0.5)), NamedFace("Right", Box(0.16, 0.2, 0.26, 0.4))]
    assert names_of(faces, named) == ("Left", "Right")


def test_an_outage_while_reading_records_ends_the_export(library: RecordRepository, monkeypatch) -> None:
    def fail(_self: DirectoryStore, key: str) -> Object:
        raise StoreUnavailable("no answer: try again")

    _, export = export_of(library)
    monkeypatch.setattr(Counting, "get", fail)
    with pytest.raises(StoreUnavailable):
        export.refresh("")
