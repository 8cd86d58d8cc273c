"""Records as JSON objects, changed by compare-and-swap, each change noted for readers that tail them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import NamedTuple, overload

from pydantic import TypeAdapter, ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from shared.domain.errors import InvalidInput, LostRace, ObjectMissing
from shared.domain.record import Record, Status
from shared.storage import keys
from shared.storage.concurrency import WORKERS, mapped
from shared.storage.store import Object, ObjectStore
from shared.storage.ulids import new_ulid

JSON = "application/json"
TOMBSTONE_KEPT = timedelta(days=30)
TOMBSTONE_BYTES = 4_096
"""A record with more is none."""
CLOCK_FIELDS = ("origin.sequencer", "origin.uploaded_at", "updated_at")
"""What of a record, as JSON paths, tells when things happened; the same photos give all else the same."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """Why a photo could not be read (`reason`), and what its owner can do (`advice`)."""

    photo_id: str
    key: str
    reason: str
    advice: str
    at: datetime


class Stored(NamedTuple):
    """A record with the etag of the version read."""

    record: Record
    etag: str


_record = TypeAdapter(Record)
_quarantine = TypeAdapter(Quarantine)


def dumps(record: Record) -> bytes:
    """A record as compact JSON; vectors are base64 of little-endian float16."""
    return _record.dump_json(record)


def loads(body: bytes) -> Record:
    """The record that `dumps` wrote; `InvalidInput` where it is none."""
    try:
        return _record.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"The record cannot be read: {where}: {first['msg']}") from error


def newer(sequencer: str, than: str) -> bool:
    """Whether an event's sequencer is strictly later than another of the same key.

    Sequencers are hex numbers of any length, compared as text after padding the shorter with zeros on its
    right. An event without one is never newer.

    References
    ----------
    Amazon S3 User Guide, "Event message structure": how to compare sequencers.
    """
    length = max(len(sequencer), len(than))
    return sequencer.upper().ljust(length, "0") > than.upper().ljust(length, "0")


def forgettable(record: Record, now: datetime) -> bool:
    """Whether the record is a tombstone that has stood for its 30 days."""
    return (
        record.status is Status.DELETED
        and record.updated_at is not None
        and now - record.updated_at > TOMBSTONE_KEPT
    )


class RecordRepository:
    """The records of a library.

    Parameters
    ----------
    store : ObjectStore
        The library bucket.
    now : callable returning datetime
        The clock, with a zone.
    """

    def __init__(self, store: ObjectStore, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._store = store
        self._now = now
        self._racing = Retrying(
            retry=retry_if_exception_type(LostRace),
            stop=stop_after_attempt(20),
            wait=wait_random_exponential(multiplier=0.02, max=1),
            reraise=True,
        )

    def get(self, photo_id: str) -> Stored | None:
        """The record of a photo; None where there is none."""
        found = self._fetch(photo_id)
        return Stored(loads(found.body), found.etag) if found else None

    def get_many(
        self, photo_ids: Iterable[str], workers: int = WORKERS, *, in_a_row: int = 1
    ) -> Iterator[Stored]:
        """Records of many photos in the order asked; those without one are left out.

        Bytes are fetched concurrently and parsed by one thread: many would only wait for each other.

        Parameters
        ----------
        in_a_row : int
            Records that a worker fetches before it hands them over: for thousands a few cost less than one,
            for a page one comes sooner.
        """
        asked = iter(photo_ids)
        parts = iter(lambda: list(islice(asked, in_a_row)), [])
        fetched = chain.from_iterable(mapped(self._fetch_all, parts, workers))
        return (Stored(loads(found.body), found.etag) for found in fetched)

    def _fetch_all(self, photo_ids: Iterable[str]) -> list[Object]:
        return [found for photo_id in photo_ids if (found := self._fetch(photo_id))]

    def _fetch(self, photo_id: str) -> Object | None:
        try:
            return self._store.get(keys.record(photo_id))
        except ObjectMissing:
            return None

    def list(self, prefix: str = "") -> Iterator[tuple[str, str]]:
        """(photo id, etag) of every record whose id begins so, sorted by id, tombstones included."""
        for entry in self._store.list(keys.RECORDS + prefix):
            yield keys.photo_of_record(entry.key), entry.etag

    @overload
    def update(
        self, photo_id: str, change: Callable[[Record | None], Record], *, again: bool = False
    ) -> Record: ...

    @overload
    def update(
        self, photo_id: str, change: Callable[[Record | None], Record | None], *, again: bool = False
    ) -> Record | None: ...

    def update(
        self, photo_id: str, change: Callable[[Record | None], Record | None], *, again: bool = False
    ) -> Record | None:
        """Change a record by compare-and-swap, and note the change for those who tail them.

        Parameters
        ----------
        change : callable
            Gets the record as it stands (None where there is none) and gives what it should be; None, or an
            equal record, changes nothing. Called again with the newer record after a lost race, so it must
            change its own part only and be repeatable.
        again : bool
            Whether an earlier try may have ended between the record and its note: then the change is noted
            even where the record already is what it should be.

        Returns
        -------
        Record or None
            As it now stands, `updated_at` set where it was written.

        Raises
        ------
        LostRace
            Where the record kept changing underneath.
        """
        return self._racing(self._try_update, photo_id, change, again)

    def _try_update(
        self, photo_id: str, change: Callable[[Record | None], Record | None], again: bool
    ) -> Record | None:
        stored = self.get(photo_id)
        standing = stored.record if stored else None
        wanted = change(standing)
        if wanted is None:
            return standing
        if standing and dumps(replace(wanted, updated_at=standing.updated_at)) == dumps(standing):
            if again:
                self._note(photo_id, self._now())
            return standing
        at = self._now()
        written = replace(wanted, updated_at=at)
        body = dumps(written)
        if stored:
            self._store.swap_if_match(keys.record(photo_id), body, stored.etag, JSON)
        elif not self._store.put_if_absent(keys.record(photo_id), body, JSON):
            raise LostRace(f"The record of {photo_id} was created by somebody else: read it again")
        self._note(photo_id, at)
        return written

    def _note(self, photo_id: str, at: datetime) -> None:
        self._store.put(keys.change(at, new_ulid(), photo_id), b"")

    def forget(self, photo_id: str, etag: str) -> None:
        """Remove the version `etag` of a record for good; `LostRace` where it has changed since."""
        self._store.delete_if_match(keys.record(photo_id), etag)

    def quarantine(self, note: Quarantine) -> None:
        """Say why a photo could not be read."""
        self._store.put(keys.quarantine(note.photo_id), _quarantine.dump_json(note), JSON)

    def release(self, photo_id: str) -> None:
        """Take a photo's quarantine note away, if there is one."""
        self._store.delete(keys.quarantine(photo_id))

    def quarantined(self) -> Iterator[Quarantine]:
        """All quarantine notes, sorted by photo id."""
        listed = (entry.key for entry in self._store.list(keys.QUARANTINE))
        found = (key for key in listed if not key.startswith(keys.UNFINISHED))
        return (note for note in mapped(self._why, found) if note)

    def _why(self, key: str) -> Quarantine | None:
        try:
            return _quarantine.validate_json(self._store.get(key).body)
        except ObjectMissing:
            return None
