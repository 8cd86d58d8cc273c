"""The catalogue: compact columns of all photos, so that a cold reader need not read every record.

It is a copy of what the records say. Each row carries the etag of the record it was made of, and a reader
takes the rows that a listing of the records confirms, and reads the records of the others: the catalogue is
never wrong, only behind, which costs what has changed.
"""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

import pyarrow as pa

from shared.domain.errors import InvalidInput, ObjectMissing
from shared.storage import catalogue_rows, keys
from shared.storage.catalogue_rows import Row
from shared.storage.concurrency import mapped
from shared.storage.observability import logger
from shared.storage.records import RecordRepository
from shared.storage.store import ObjectStore

VERSION = "2"
HEX = "0123456789abcdef"
NOTHING: Mapping[str, Row] = MappingProxyType({})


class Catalogue:
    """The catalogue of a library, in parts by the prefix of photo ids as the dataset is.

    Parameters
    ----------
    store : ObjectStore
        The library bucket.
    records : RecordRepository
    """

    def __init__(self, store: ObjectStore, records: RecordRepository) -> None:
        self._store = store
        self._records = records

    def rows(self) -> Iterator[Row]:
        """A row of every record as it stands; only records that the catalogue does not know so are read."""
        etags = self._etags()
        have = set()
        for row in catalogue_rows.rows_of(self._holding("", etags)):
            have.add(row.card.photo_id)
            yield row
        yield from map(Row.of, self._records.get_many(sorted(etags.keys() - have)))

    def _etags(self) -> dict[str, str]:
        """Of all records by photo id, listed in parts side by side."""
        listed = mapped(lambda digit: list(self._records.list(digit)), HEX)
        return dict(found for part in listed for found in part)

    def refresh(self, prefix: str, heard: Mapping[str, Row] = NOTHING) -> None:
        """Bring one part up to the records; those that nobody has heard of and that changed are read.

        Parameters
        ----------
        heard : mapping
            Rows of records just read, by photo id.
        """
        etags = dict(self._records.list(prefix))
        standing = self._holding(prefix, etags)
        have = set(standing["id"].to_pylist())
        fresh = {
            photo_id: row
            for photo_id, row in heard.items()
            if photo_id not in have and etags.get(photo_id) == row.etag
        }
        missing = sorted(etags.keys() - have - fresh.keys())
        rows = (*fresh.values(), *map(Row.of, self._records.get_many(missing)))
        table = pa.concat_tables([standing, catalogue_rows.table_of(rows)])
        self._store.put(keys.catalogue(VERSION, prefix), catalogue_rows.to_parquet(table))

    def prune(self, prefixes: Collection[str]) -> None:
        """Remove all parts but those of these prefixes, other versions' too."""
        wanted = {keys.catalogue(VERSION, prefix) for prefix in prefixes}
        for entry in self._store.list(keys.CATALOGUE):
            if entry.key not in wanted:
                self._store.delete(entry.key)

    def _holding(self, prefix: str, etags: Mapping[str, str]) -> pa.Table:
        return catalogue_rows.holding(self._tables(prefix), etags)

    def _tables(self, prefix: str) -> Iterator[pa.Table]:
        """Parts that hold photos whose ids begin so; one that cannot be read is passed over."""
        for entry in self._store.list(keys.catalogues(VERSION)):
            held = keys.catalogue_prefix(entry.key)
            if not (held.startswith(prefix) or prefix.startswith(held)):
                continue
            try:
                yield catalogue_rows.from_parquet(self._store.get(entry.key).body)
            except ObjectMissing:
                continue
            except InvalidInput as error:
                logger.warning("A part of the catalogue was passed over", extra={"reason": str(error)})
