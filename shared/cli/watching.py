"""Wait until uploads have become records: what is done, what is on its way, what cannot be read."""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from shared.cli.target import Target
from shared.domain.record import Record, Status
from shared.storage import aws, keys
from shared.storage.changes import ChangeTail
from shared.storage.records import RecordRepository

IDLE_SECONDS = 60.0
BUSY_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Depth:
    """How many events wait in a queue, and how many are being worked on."""

    waiting: int
    working: int

    @property
    def total(self) -> int:
        """All that have not ended."""
        return self.waiting + self.working


def depth(queue_url: str) -> Depth:
    """How deep a queue is, as SQS estimates it."""
    answer = aws.sqs().get_queue_attributes(
        QueueUrl=queue_url,
        AttributeNames=[
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesDelayed",
            "ApproximateNumberOfMessagesNotVisible",
        ],
    )
    counts = {str(name): int(count) for name, count in answer["Attributes"].items()}
    waiting, delayed, working = (
        counts.get(f"ApproximateNumberOfMessages{which}", 0) for which in ("", "Delayed", "NotVisible")
    )
    return Depth(waiting + delayed, working)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the analysis stands at one look.

    Attributes
    ----------
    new : tuple of Record
        Records that settled since the look before.
    done, left : int
        Photos settled and photos awaited.
    queue, dead : Depth
        The upload queue, and the queue of events that failed five times.
    """

    new: tuple[Record, ...]
    done: int
    left: int
    queue: Depth
    dead: Depth

    @property
    def settled(self) -> bool:
        """Whether nothing is awaited any more and no event is on its way."""
        return self.left == 0 and self.queue.total == 0


@dataclass(slots=True)
class Watch:
    """Looks at a library again and again until its uploads have settled.

    Parameters
    ----------
    target : Target
    awaited : dict of str to str
        Etag that each photo's record has to be of, by photo id; an empty etag stands for any.
    since : datetime
        Changes before are not looked at.
    others : bool
        Whether photos that are not awaited are told of, too, when they come in.
    idle, busy : float
        Seconds without a new record after which waiting ends: with an empty queue, and with events in work.
    """

    target: Target
    awaited: dict[str, str]
    since: datetime
    others: bool = False
    idle: float = IDLE_SECONDS
    busy: float = BUSY_SECONDS
    done: dict[str, Record] = field(default_factory=dict)

    def looks(self, every: float = 0.5) -> Iterator[Progress]:
        """Progress at each look; ends when all has settled, or when nothing moves any more."""
        records = RecordRepository(self.target.library)
        tail = ChangeTail(self.target.library, self.since)
        moved = time.monotonic()
        while True:
            new = tuple(self._settle(found.record for found in records.get_many(dict.fromkeys(tail.new()))))
            progress = Progress(
                new,
                len(self.done),
                len(self.awaited),
                depth(self.target.queue_url),
                depth(self.target.dead_letter_queue_url),
            )
            yield progress
            if new:
                moved = time.monotonic()
            patience = self.busy if progress.queue.total else self.idle
            if progress.settled or time.monotonic() - moved > patience:
                return
            time.sleep(every)

    def _settle(self, changed: Iterable[Record]) -> Iterator[Record]:
        for record in changed:
            if record.status is not Status.DELETED and self._is_meant(record):
                self.awaited.pop(record.photo_id, None)
                self.done[record.photo_id] = record
                yield record

    def _is_meant(self, record: Record) -> bool:
        if record.photo_id in self.awaited:
            return self.awaited[record.photo_id] in ("", record.origin.etag)
        return self.others and record.updated_at is not None and record.updated_at >= self.since


def of_uploads(target: Target, etags: Mapping[str, str], since: datetime, *, others: bool = False) -> Watch:
    """Watch the photos just uploaded, by key and etag; those whose record is of this version are done."""
    awaited = {keys.photo_id(target.uploads_bucket, key): etag for key, etag in etags.items()}
    return Watch(target, awaited, since, others=others)


def of_library(target: Target) -> Watch:
    """Watch every photo of the bucket that has no record yet."""
    now = datetime.now(UTC)
    known = {photo_id for photo_id, _ in RecordRepository(target.library).list()}
    ids = (keys.photo_id(target.uploads_bucket, entry.key) for entry in target.uploads.list())
    return Watch(target, {photo_id: "" for photo_id in ids if photo_id not in known}, now, others=True)
