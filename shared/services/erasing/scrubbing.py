"""The first half of an erasure: suppress, and take somebody out of all that people and models said."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from shared.domain.record import Record, Status
from shared.domain.suppression import Suppression, hidden_names
from shared.photos.thumbnails import blanked
from shared.services.erasing.finding import Sought, without_faces, without_name
from shared.storage import keys
from shared.storage.concurrency import mapped
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.erasures import Affected, Ticket
from shared.storage.records import RecordRepository
from shared.storage.store import ObjectStore
from shared.storage.suppressions import SuppressionRepository
from shared.storage.versions import VersionedBucket

WORKERS = 8


@dataclass(frozen=True, slots=True)
class Scrubber:
    """Each step may be taken again: what is done already is left as it is.

    What it writes anew leaves a former version; those of the whole library go when it is swept.

    Parameters
    ----------
    refresh : callable
        Folds a record's words anew and enhances it by the live bundle (`Enhancer.refresh`).
    """

    store: ObjectStore
    bucket: VersionedBucket
    records: RecordRepository
    corrections: CorrectionRepository
    people: PeopleLog
    suppressions: SuppressionRepository
    refresh: Callable[[Record], Record]

    def scrub(self, ticket: Ticket) -> None:
        """Do all of it, what keeps others from bringing it back first."""
        if ticket.kind == "person":
            self._each(ticket, lambda photo: self._suppress(ticket, photo))
            self._each(ticket, lambda photo: self._forget_person(ticket, photo))
        else:
            self._each(ticket, self._forget_photo)
        self._forget_events(ticket)

    def _each(self, ticket: Ticket, step: Callable[[Affected], None]) -> None:
        for _ in mapped(step, ticket.photos, WORKERS):
            pass

    def _suppress(self, ticket: Ticket, photo: Affected) -> None:
        for name in (photo.photo_id, photo.content_sha256):
            if name:
                hidden = hidden_names(ticket.names, name, parts=bool(photo.boxes))
                self.suppressions.add(name, Suppression(photo.boxes, hidden))

    def _forget_person(self, ticket: Ticket, photo: Affected) -> None:
        photo_id = photo.photo_id
        hidden = Suppression(
            photo.boxes, hidden_names(ticket.names, photo_id, parts=bool(photo.boxes))
        ) | self.suppressions.of(photo_id)
        self._forget_words(photo_id, hidden)
        self.records.update(photo_id, lambda record: self._without(record, hidden))
        if photo.boxes:
            for entry in list(self.store.list(keys.thumbnails(photo_id))):
                self.store.put(entry.key, blanked(self.store.get(entry.key).body, hidden.boxes), "image/webp")

    def _without(self, record: Record | None, hidden: Suppression) -> Record | None:
        if record is None or record.status is not Status.ANALYZED or record.observation is None:
            return None
        return self.refresh(
            replace(
                record,
                observation=hidden.seen(record.observation),
                file_words=hidden.said(record.file_words),
                enhancement=None,
            )
        )

    def _forget_words(self, photo_id: str, hidden: Suppression) -> None:
        """Take the name out of what was said of a photo: out of sentences, and tags that are the name."""
        for correction in self.corrections.of(photo_id):
            left = without_name(correction.word, hidden)
            if left is None:
                self.bucket.destroy(keys.correction(photo_id, correction.correction_id))
            elif left != correction.word:
                self.corrections.reword(photo_id, replace(correction, word=left))

    def _forget_photo(self, photo: Affected) -> None:
        """Leave the tombstone of a deleted photo, and nothing that came of the photo."""
        photo_id = photo.photo_id
        for prefix in (keys.corrections(photo_id), keys.thumbnails(photo_id), keys.quarantine(photo_id)):
            self.bucket.destroy(prefix)

    def _forget_events(self, ticket: Ticket) -> None:
        sought = Sought(frozenset(ticket.names), frozenset(ticket.person_ids), frozenset(ticket.face_ids))
        for event in self.people.events():
            if not sought.speaks(event):
                continue
            left = without_faces(event.word, sought)
            if left is None:
                self.bucket.destroy(keys.person_event(event.event_id))
            else:
                self.people.reword(replace(event, word=left))
