"""Look at one uploaded object now: absent is a deletion, present is analyzed into its record.

An event only says that something happened to a key. What the record will hold is decided by what stands at
the key when it is looked at, so duplicate, late and out-of-order events all end in the same record.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from shared.domain.errors import ObjectMissing, TransientError, UnreadablePhoto
from shared.domain.limits import MOST_UPLOAD_BYTES
from shared.domain.observation import Observation
from shared.domain.record import Origin, Record, Status
from shared.photos import Photo, decode, thumbnail
from shared.services.enhancing import Enhancer
from shared.storage import keys
from shared.storage.keys import ObjectEvent
from shared.storage.observability import logger
from shared.storage.records import Quarantine, RecordRepository, newer
from shared.storage.store import Entry, ObjectStore
from shared.vision import Observer

LOOKS = 4
LAST_TRY = 5


class Outcome(StrEnum):
    """What looking at an object led to."""

    ANALYZED = "analyzed"
    QUARANTINED = "quarantined"
    DELETED = "deleted"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Analyzer:
    """Turns objects of the uploads bucket into records of the library bucket.

    Parameters
    ----------
    uploads, library : ObjectStore
    records : RecordRepository
        Over `library`.
    observer : callable returning Observer
        Called when the first photo has to be looked at, so that a deletion loads no model.
    enhancer : Enhancer
    now : callable
        The clock.
    """

    uploads: ObjectStore
    library: ObjectStore
    records: RecordRepository
    observer: Callable[[], Observer]
    enhancer: Enhancer
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def handle(self, event: ObjectEvent, *, attempt: int = 1) -> Outcome:
        """Make the record of `event`'s key agree with what stands there now.

        Parameters
        ----------
        attempt : int
            How often this event was delivered. The last delivery before the dead-letter queue does not try
            again what ended the process before: it quarantines the photo.

        Raises
        ------
        TransientError
            Where the object changes faster than it can be looked at; the event should come again.
        """
        for _ in range(LOOKS):
            head = self.uploads.head(event.key)
            if head is None:
                outcome = self._delete(event)
            elif reason := _refusal(head, attempt):
                outcome = self._quarantine(event, head, reason)
            else:
                outcome = self._look(event, head)
            now = self.uploads.head(event.key)
            if (now and now.etag) == (head and head.etag):
                return outcome
        raise TransientError(f"{event.key!r} changed while it was looked at; it will be looked at again")

    def _look(self, event: ObjectEvent, head: Entry) -> Outcome:
        photo_id = keys.photo_id(event.bucket, event.key)
        stored = self.records.get(photo_id)
        if stored and self._is_current(stored.record, head):
            return Outcome.UNCHANGED
        try:
            body = self.uploads.get(event.key)
            photo = decode(body.body)
        except ObjectMissing:
            return self._delete(event)
        except UnreadablePhoto as unreadable:
            return self._quarantine(event, head, str(unreadable))
        observation = self.observer().observe(photo, photo_id)
        self.library.put(keys.thumbnail(photo_id, body.etag), thumbnail(photo), "image/webp")
        self._write(event, replace(head, etag=body.etag), photo, observation)
        return Outcome.ANALYZED

    def _is_current(self, record: Record, head: Entry) -> bool:
        return (
            record.status is Status.ANALYZED
            and record.origin.etag == head.etag
            and record.observation is not None
            and record.observation.models == self.observer().models
        )

    def _write(self, event: ObjectEvent, head: Entry, photo: Photo, observation: Observation) -> None:
        photo_id = keys.photo_id(event.bucket, event.key)

        def change(existing: Record | None) -> Record:
            if existing and _later(existing, event, head.etag):
                return existing
            owner = self.enhancer.fold_words(photo_id, photo.words)
            return Record(
                photo_id=photo_id,
                origin=_origin(event, head, existing),
                status=Status.ANALYZED,
                observation=observation,
                file_words=photo.words,
                owner=owner,
                enhancement=self.enhancer.enhance(observation, owner),
            )

        written = self.records.update(photo_id, change)
        self.records.release(photo_id)
        self._drop_thumbnails(photo_id, keep=written.origin.etag)

    def _quarantine(self, event: ObjectEvent, head: Entry, reason: str) -> Outcome:
        photo_id = keys.photo_id(event.bucket, event.key)
        advice = "Export it again as JPEG, PNG or HEIC and upload it under the same name"
        self.records.quarantine(
            Quarantine(photo_id=photo_id, key=event.key, reason=reason, advice=advice, at=self.now())
        )

        def change(existing: Record | None) -> Record:
            if existing and _later(existing, event, head.etag):
                return existing
            origin = _origin(event, head, existing)
            return Record(photo_id=photo_id, origin=origin, status=Status.QUARANTINED, reason=reason)

        written = self.records.update(photo_id, change)
        self._drop_thumbnails(photo_id, keep=None)
        if written.status is not Status.QUARANTINED:
            self.records.release(photo_id)
        logger.warning("Photo quarantined", extra={"photo_id": photo_id, "reason": reason})
        return Outcome.QUARANTINED

    def _delete(self, event: ObjectEvent) -> Outcome:
        photo_id = keys.photo_id(event.bucket, event.key)
        if self.records.get(photo_id) is None:
            return Outcome.UNCHANGED

        def change(existing: Record | None) -> Record | None:
            if existing is None or existing.status is Status.DELETED:
                return existing
            origin = replace(existing.origin, sequencer=_newest(existing.origin.sequencer, event.sequencer))
            return Record(photo_id=photo_id, origin=origin, status=Status.DELETED)

        self.records.update(photo_id, change)
        self.records.release(photo_id)
        self._drop_thumbnails(photo_id, keep=None)
        return Outcome.DELETED

    def _drop_thumbnails(self, photo_id: str, *, keep: str | None) -> None:
        kept = keys.thumbnail(photo_id, keep) if keep else None
        for entry in self.library.list(keys.thumbnails(photo_id)):
            if entry.key != kept:
                self.library.delete(entry.key)


def _refusal(head: Entry, attempt: int) -> str | None:
    """Why an object is not even read; None where it is."""
    if head.size > MOST_UPLOAD_BYTES:
        return f"The file has {head.size / 2**20:.0f} MB; at most {MOST_UPLOAD_BYTES / 2**20:.0f} MB are read"
    if attempt >= LAST_TRY:
        return "Analysis stopped several times without a result"
    return None


def _later(existing: Record, event: ObjectEvent, etag: str) -> bool:
    """Whether another look, led by a newer event, already wrote what it saw."""
    return existing.origin.etag != etag and newer(existing.origin.sequencer, event.sequencer)


def _newest(first: str, second: str) -> str:
    return first if newer(first, second) else second


def _origin(event: ObjectEvent, head: Entry, existing: Record | None) -> Origin:
    sequencer = _newest(existing.origin.sequencer, event.sequencer) if existing else event.sequencer
    return Origin(
        bucket=event.bucket,
        key=event.key,
        etag=head.etag,
        size=head.size,
        sequencer=sequencer,
        uploaded_at=head.modified,
    )
