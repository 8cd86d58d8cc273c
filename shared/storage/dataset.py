"""The dataset: Parquet shards by photo-id prefix, of which an export makes anew only what changed."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass

import pyarrow as pa
from pydantic import TypeAdapter

from shared.domain.dataset import Shard
from shared.domain.errors import MetadataNotFound, ObjectMissing
from shared.storage import keys, rows
from shared.storage.records import RecordRepository, Stored
from shared.storage.store import ObjectStore

FULL = 16_000
IN_A_ROW = 8
HEX = "0123456789abcdef"
JSON = "application/json"


def assign(photo_ids: Iterable[str], full: int = FULL) -> tuple[str, ...]:
    """Prefixes of photo ids, sorted, that share the photos out into shards.

    Parameters
    ----------
    photo_ids : iterable of str
        Hex, in any order.
    full : int
        Photos a shard may have; one with more splits by one more hex digit.

    Returns
    -------
    tuple of str
        Every id begins with exactly one of them; ``("",)`` while one shard is enough.
    """
    ids = sorted(photo_ids)
    shards: list[str] = []
    waiting = [("", ids)]
    while waiting:
        prefix, members = waiting.pop()
        if len(members) <= full:
            shards.append(prefix)
            continue
        by_digit = Counter(one[len(prefix)] for one in members)
        start = 0
        for digit in HEX:
            waiting.append((prefix + digit, members[start : start + by_digit[digit]]))
            start += by_digit[digit]
    return tuple(sorted(shards))


def listing_digest(etags: dict[str, str]) -> str:
    """32 hex digits that change with any record of a listing (photo id to etag)."""
    lines = "".join(f"{photo_id} {etags[photo_id]}\n" for photo_id in sorted(etags))
    return hashlib.sha256(f"{rows.FORMAT}\n{lines}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class ShardEntry:
    """What stands of a shard.

    Attributes
    ----------
    prefix : str
    digest : str
        Of its rows' content; names the file.
    photos : int
        Rows; tombstones and quarantined photos have none.
    listing : str
        Digest of the listing of records it was made of (`listing_digest`).
    """

    prefix: str
    digest: str
    photos: int
    listing: str


_entry = TypeAdapter(ShardEntry)


class DatasetRepository:
    """The dataset's files under `dataset/`: for each prefix an index and the Parquet file it names."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    def entry(self, prefix: str) -> ShardEntry | None:
        """What stands of a shard; None where it was never exported."""
        try:
            return _entry.validate_json(self.store.get(keys.dataset_index(prefix)).body)
        except ObjectMissing:
            return None

    def load(
        self,
        prefix: str,
        digest: str,
        blocks: Collection[str] | None = None,
        among: Collection[str] | None = None,
    ) -> Shard:
        """A shard's photos.

        Parameters
        ----------
        blocks : collection of str, optional
            Feature blocks to read, all by default: they are most of the file.
        among : collection of str, optional
            Photo ids to keep, all by default.

        Raises
        ------
        MetadataNotFound
            Where it was never exported.
        """
        table = self.table(prefix, digest, blocks)
        return rows.to_shard(table if among is None else rows.among(table, among))

    def table(self, prefix: str, digest: str, blocks: Collection[str] | None = None) -> pa.Table:
        """A shard's rows as they are stored; `MetadataNotFound` where it was never exported."""
        try:
            with self.store.open(keys.dataset_shard(prefix, digest)) as file:
                return rows.from_parquet(file, blocks)
        except ObjectMissing as error:
            raise MetadataNotFound from error

    def save(self, prefix: str, table: pa.Table, listing: str) -> ShardEntry:
        """Store a shard's rows: the file first, then the index that names it."""
        entry = ShardEntry(prefix, rows.digest_of(table), table.num_rows, listing)
        before = self.entry(prefix)
        self.store.put(keys.dataset_shard(prefix, entry.digest), rows.to_parquet(table))
        self.store.put(keys.dataset_index(prefix), _entry.dump_json(entry), JSON)
        if before and before.digest != entry.digest:
            self.store.delete(keys.dataset_shard(prefix, before.digest))
        return entry

    def prune(self, prefixes: Collection[str]) -> None:
        """Remove the shards of all other prefixes: those that were split, or joined."""
        wanted = {keys.dataset_index(prefix).rpartition("/")[0] for prefix in prefixes}
        for entry in self.store.list(keys.DATASET):
            if entry.key.rpartition("/")[0] not in wanted:
                self.store.delete(entry.key)


class ShardExport:
    """Brings shards up to the records, reading only those that changed.

    Parameters
    ----------
    dataset : DatasetRepository
    records : RecordRepository
    maker : RowMaker
    """

    def __init__(self, dataset: DatasetRepository, records: RecordRepository, maker: rows.RowMaker) -> None:
        self._dataset = dataset
        self._records = records
        self._maker = maker

    def refresh(
        self, prefix: str, *, force: bool = False, hear: Callable[[Stored], None] | None = None
    ) -> ShardEntry:
        """Make one shard agree with the records as they stand.

        Parameters
        ----------
        force : bool
            Read every record anew.
        hear : callable
            Told of every record that is read: reading is what takes time.
        """
        etags = dict(self._records.list(prefix))
        listing = listing_digest(etags)
        standing = None if force else self._dataset.entry(prefix)
        if standing and standing.listing == listing:
            return standing
        old = None if force else self._standing_rows(prefix, etags)
        have = set(old["id"].to_pylist()) if old is not None else set()
        new = self._maker.table(self._read((i for i in sorted(etags) if i not in have), hear))
        if old is not None and old.num_rows and new.num_rows and old.schema != new.schema:
            new = self._maker.table(self._read(sorted(etags), hear))
            old = None
        table = self._joined(old, new)
        return self._dataset.save(prefix, table, listing)

    def _read(self, ids: Iterable[str], hear: Callable[[Stored], None] | None) -> Iterator[Stored]:
        for stored in self._records.get_many(ids, in_a_row=IN_A_ROW):
            if hear:
                hear(stored)
            yield stored

    def _standing_rows(self, prefix: str, etags: dict[str, str]) -> pa.Table | None:
        """Rows that are still right, from this shard or the one it was split off."""
        for length in range(len(prefix), -1, -1):
            entry = self._dataset.entry(prefix[:length])
            if entry is None:
                continue
            try:
                table = self._dataset.table(entry.prefix, entry.digest)
            except MetadataNotFound:
                return None
            return rows.kept(rows.below(table, prefix), etags)
        return None

    @staticmethod
    def _joined(old: pa.Table | None, new: pa.Table) -> pa.Table:
        if old is None or not old.num_rows:
            return new
        return rows.joined(old, new) if new.num_rows else old
