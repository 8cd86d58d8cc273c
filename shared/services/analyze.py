"""Look at one uploaded object now: absent is a deletion, present is analyzed into its record.

An event only says that something happened to a key. What the record will hold is decided by what stands at
the key when it is looked at, so duplicate, late and out-of-order events all end in the same record.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum

from shared.domain.errors import ObjectMissing, TransientError, UnreadablePhoto
from shared.domain.limits import MOST_UPLOAD_BYTES
from shared.domain.observation import Observation
from shared.domain.record import Origin, Record, Status
from shared.domain.suppression import Suppression
from shared.photos import Photo, decode, thumbnail
from shared.services.enhancing import Enhancer
from shared.storage import keys
from shared.storage.keys import ObjectEvent
from shared.storage.observability import logger
from shared.storage.records import Quarantine, RecordRepository, newer
from shared.storage.store import Entry, Object, ObjectStore
from shared.storage.suppressions import SuppressionRepository
from shared.storage.unfinished import UnfinishedLooks
from shared.vision.observer import Observer

LOOKS = 4
MOST_UNFINISHED = 3


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
    max_pixels : int
        Photos with more are quarantined.
    now : callable
        The clock.
    """

    uploads: ObjectStore
    library: ObjectStore
    records: RecordRepository
    observer: Callable[[], Observer]
    enhancer: Enhancer
    max_pixels: int = 100_000_000
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    unfinished: UnfinishedLooks = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "unfinished", UnfinishedLooks(self.library))

    def handle(self, event: ObjectEvent, *, attempt: int = 1) -> Outcome:
        """Make the record of `event`'s key agree with what stands there now.

        Parameters
        ----------
        attempt : int
            How often this event was delivered. From the second delivery on it is noted that a look begins
            and that it ends; a photo whose looks began three times and never ended is quarantined unseen.

        Raises
        ------
        TransientError
            Where the object changes faster than it can be looked at; the event should come again.
        """
        again = attempt > 1
        for _ in range(LOOKS):
            head = self.uploads.head(event.key)
            if head is None:
                outcome = self._delete(event, again=again)
            elif reason := _refusal(head):
                outcome = self._quarantine(event, head, reason, again=again)
            else:
                outcome = self._look(event, head, again=again)
            now = self.uploads.head(event.key)
            if (now and now.etag) == (head and head.etag):
                return outcome
        raise TransientError(f"{event.key!r} changed while it was looked at; it will be looked at again")

    def _look(self, event: ObjectEvent, head: Entry, *, again: bool) -> Outcome:
        photo_id = keys.photo_id(event.bucket, event.key)
        stored = self.records.get(photo_id)
        if stored and self._is_current(stored.record, head):
            self._settle(event, stored.record, again=again)
            return Outcome.UNCHANGED
        before = self.unfinished.count(photo_id, head.etag) if again else 0
        if before >= MOST_UNFINISHED:
            reason = "Analysis stopped several times without a result"
            return self._quarantine(event, head, reason, again=again)
        try:
            body = self.uploads.get(event.key)
        except ObjectMissing:
            return self._delete(event, again=again)
        if again:
            self.unfinished.begin(photo_id, body.etag, before)
        try:
            photo, observation = self._seen(body, photo_id, again=again)
        except UnreadablePhoto as unreadable:
            self.unfinished.end(photo_id)
            return self._quarantine(event, head, str(unreadable), again=again)
        hidden = self._suppressed(photo_id, photo)
        self._show(photo_id, body.etag, photo, hidden)
        seen = replace(head, etag=body.etag, size=len(body.body))
        since = self._write(event, seen, photo, observation, again=again)
        if since.boxes != hidden.boxes:
            self._show(photo_id, body.etag, photo, since)
        return Outcome.ANALYZED

    def _seen(self, body: Object, photo_id: str, *, again: bool) -> tuple[Photo, Observation]:
        try:
            photo = decode(body.body, max_pixels=self.max_pixels)
            return photo, self.observer().observe(photo, photo_id)
        finally:
            if again:
                self.unfinished.end(photo_id)

    def _settle(self, event: ObjectEvent, record: Record, *, again: bool) -> None:
        """Do what another look left undone that was stopped after its record, or undid that saw less."""
        if again:
            self.records.update(record.photo_id, lambda standing: standing, again=True)
        if not self._clear(record.photo_id, keep=record.origin.etag):
            body = self.uploads.get(event.key)
            if body.etag == record.origin.etag:
                photo = decode(body.body, max_pixels=self.max_pixels)
                self._show(record.photo_id, body.etag, photo, self._suppressed(record.photo_id, photo))

    def _clear(self, photo_id: str, *, keep: str | None) -> bool:
        """Take away what stood of the photo while it was held back, and all thumbnails but one.

        Returns
        -------
        bool
            Whether that one is there.
        """
        self.records.release(photo_id)
        self.unfinished.end(photo_id)
        return self._drop_thumbnails(photo_id, keep=keep)

    def _is_current(self, record: Record, head: Entry) -> bool:
        return (
            record.status is Status.ANALYZED
            and record.origin.etag == head.etag
            and record.observation is not None
            and record.observation.models == self.observer().models
        )

    def _overtaken(self, existing: Record, event: ObjectEvent, etag: str) -> bool:
        """Whether what was seen no longer stands at the key, while the record tells of something else."""
        if existing.origin.etag == etag:
            return False
        standing = self.uploads.head(event.key)
        return standing is None or standing.etag != etag

    def _write(
        self, event: ObjectEvent, head: Entry, photo: Photo, observation: Observation, *, again: bool
    ) -> Suppression:
        """Write the record; returns what was suppressed in it, asked for at the last moment."""
        photo_id = keys.photo_id(event.bucket, event.key)
        hidden = Suppression()

        def change(existing: Record | None) -> Record:
            nonlocal hidden
            hidden = self._suppressed(photo_id, photo)
            if existing and self._overtaken(existing, event, head.etag):
                return existing
            seen, words = hidden.seen(observation), hidden.said(photo.words)
            owner = self.enhancer.fold_words(photo_id, words)
            return Record(
                photo_id=photo_id,
                origin=_origin(event, head, existing),
                status=Status.ANALYZED,
                observation=seen,
                file_words=words,
                owner=owner,
                enhancement=self.enhancer.enhance(seen, owner),
            )

        written = self.records.update(photo_id, change, again=again)
        self._clear(photo_id, keep=written.origin.etag)
        return hidden

    def _quarantine(self, event: ObjectEvent, head: Entry, reason: str, *, again: bool) -> Outcome:
        photo_id = keys.photo_id(event.bucket, event.key)
        advice = "Export it again as JPEG, PNG or HEIC and upload it under the same name"
        self.records.quarantine(
            Quarantine(photo_id=photo_id, key=event.key, reason=reason, advice=advice, at=self.now())
        )

        def change(existing: Record | None) -> Record:
            if existing and self._overtaken(existing, event, head.etag):
                return existing
            origin = _origin(event, head, existing)
            return Record(photo_id=photo_id, origin=origin, status=Status.QUARANTINED, reason=reason)

        written = self.records.update(photo_id, change, again=again)
        if written.status is Status.QUARANTINED:
            self._drop_thumbnails(photo_id, keep=None)
        else:
            self.records.release(photo_id)
        logger.warning("Photo quarantined", extra={"photo_id": photo_id, "reason": reason})
        return Outcome.QUARANTINED

    def _delete(self, event: ObjectEvent, *, again: bool) -> Outcome:
        photo_id = keys.photo_id(event.bucket, event.key)

        def change(existing: Record | None) -> Record:
            if existing and existing.status is Status.DELETED:
                return existing
            return Record(photo_id=photo_id, origin=_tombstone(event, existing), status=Status.DELETED)

        self.records.update(photo_id, change, again=again)
        self._clear(photo_id, keep=None)
        return Outcome.DELETED

    def _suppressed(self, photo_id: str, photo: Photo) -> Suppression:
        return SuppressionRepository(self.library).of(photo_id, photo.content_sha256)

    def _show(self, photo_id: str, etag: str, photo: Photo, hidden: Suppression) -> None:
        body = thumbnail(photo, hidden=hidden.boxes)
        self.library.put(keys.thumbnail(photo_id, etag), body, "image/webp")

    def _drop_thumbnails(self, photo_id: str, *, keep: str | None) -> bool:
        kept = keys.thumbnail(photo_id, keep) if keep else None
        standing = [entry.key for entry in self.library.list(keys.thumbnails(photo_id))]
        for key in standing:
            if key != kept:
                self.library.delete(key)
        return kept in standing


def _refusal(head: Entry) -> str | None:
    """Why an object is not even read; None where it is."""
    if head.size > MOST_UPLOAD_BYTES:
        return f"The file has {head.size / 2**20:.0f} MB; at most {MOST_UPLOAD_BYTES / 2**20:.0f} MB are read"
    return None


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


def _tombstone(event: ObjectEvent, existing: Record | None) -> Origin:
    """Where a photo was: nothing of what it was, so that it is the same whatever was seen of it before."""
    sequencer = _newest(existing.origin.sequencer, event.sequencer) if existing else event.sequencer
    uploaded = existing.origin.uploaded_at if existing else event.time
    return Origin(event.bucket, event.key, etag="", size=0, sequencer=sequencer, uploaded_at=uploaded)
