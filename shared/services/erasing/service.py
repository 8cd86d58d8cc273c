"""Erasures from the first word to the last version: found, scrubbed, waited for, swept.

An erasure is a ticket while it is under way, so that whoever asks next takes up what a crash left. A training
in between makes the bundle without the erased; the sweep takes away all that was made before it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from shared.domain.errors import InvalidInput
from shared.domain.people import PeopleEvent
from shared.domain.record import Record
from shared.domain.record import Status as PhotoStatus
from shared.learning.faces.patterns import FacePatterns
from shared.services.erasing.finding import Sought, merged, person
from shared.services.erasing.scrubbing import Scrubber
from shared.services.erasing.sweeping import Sweeper
from shared.services.people import People
from shared.storage import keys
from shared.storage import records as record_files
from shared.storage.erasures import Affected, ErasureRepository, Ticket, met, originals
from shared.storage.locks import TrainingLock
from shared.storage.ulids import new_ulid


class Status(StrEnum):
    """How far the erasures are."""

    ERASED = "erased"
    TRAINING_NEEDED = "training_needed"
    TRAINING_RUNS = "training_runs"


@dataclass(frozen=True, slots=True)
class Progress:
    """What came of asking.

    Attributes
    ----------
    photos, faces : int
        That the ticket is about.
    originals : tuple of str
        Keys in the uploads bucket that still show or name the person: their owner's to change.
    said : str
        What is waited for, as a sentence.
    """

    status: Status
    said: str
    photos: int = 0
    faces: int = 0
    originals: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erasing:
    """The actions of the `erase` function."""

    scrubber: Scrubber
    sweeper: Sweeper
    erasures: ErasureRepository
    lock: TrainingLock
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def person(self, asked: str) -> Progress:
        """Take a person out of all records and words; then go on as far as it goes.

        Raises
        ------
        InvalidInput
            Where the name or id means nobody, or more than one person.
        """
        events = self.scrubber.people.events()
        live = self.sweeper.bundles.latest()
        people = People(FacePatterns.load(live.files) if live else None, events)
        sought = _widened(Sought.of(person(people, asked)), events)
        photos, faces = self._holding(sought)
        ticket = Ticket(
            erasure_id=new_ulid(),
            at=self.now(),
            kind="person",
            photos=photos,
            face_ids=tuple(sorted(sought.faces | faces)),
            person_ids=tuple(sorted(sought.ids)),
            names=tuple(sorted(sought.names)),
        )
        return self._go_on(ticket)

    def deleted(self) -> Progress:
        """Take away what came of photos whose originals were deleted since; then go on as far as it goes."""
        known = self.erasures.erased_photos()
        open_ids = {photo.photo_id for ticket in self.erasures.tickets() for photo in ticket.photos}
        photos, faces = [], set()
        for photo_id, record in self._tombstones():
            erased_at = known.get(photo_id)
            is_new = erased_at is None or record.updated_at is None or record.updated_at > erased_at
            if is_new and photo_id not in open_ids:
                photos.append(Affected(photo_id, record.origin.key))
                faces |= self._former_faces(photo_id)
        if not photos:
            return self.finish()
        ticket = Ticket(new_ulid(), self.now(), "photos", merged(photos), tuple(sorted(faces)))
        return self._go_on(ticket)

    def finish(self) -> Progress:
        """Take every erasure under way as far as it goes."""
        tickets = self.erasures.tickets()
        recorded = set(self.erasures.ids())
        for ticket in tickets:
            if ticket.erasure_id not in recorded:
                self.scrubber.scrub(ticket)
                self.erasures.record(ticket)
        if not tickets:
            return Progress(Status.ERASED, "No erasure is under way")
        if self.lock.holder() is not None:
            said = "A training is under way: ask again when it has ended"
            return Progress(Status.TRAINING_RUNS, said)
        live = self.sweeper.bundles.latest()
        erased = self.erasures.ids()
        if live and set(erased) - met(live.manifest.about):
            said = "The live bundle was trained before: run a training, then ask again"
            return Progress(Status.TRAINING_NEEDED, said)
        self.sweeper.sweep(erased, lambda key: any(_concerns(ticket, key) for ticket in tickets))
        for ticket in tickets:
            self.scrubber.bucket.destroy(keys.erasing(ticket.erasure_id))
        return Progress(Status.ERASED, "Nothing in the library holds them any more")

    def _go_on(self, ticket: Ticket) -> Progress:
        self.erasures.open(ticket)
        done = self.finish()
        return Progress(
            done.status,
            done.said,
            len(ticket.photos),
            sum(len(photo.boxes) for photo in ticket.photos) or len(ticket.face_ids),
            tuple(originals(ticket)),
        )

    def _holding(self, sought: Sought) -> tuple[tuple[Affected, ...], frozenset[str]]:
        """The photos that hold a person, and the ids of their faces on them."""
        records, found = self.scrubber.records, []
        faces: set[str] = set()
        worded = {photo_id for photo_id, text in self._said() if sought.is_in(text)}
        for stored in records.get_many(photo_id for photo_id, _ in records.list()):
            record = stored.record
            if held := sought.affected(record):
                found.append(held)
                faces |= {face for face, _ in sought.faces_in(record)}
            elif record.photo_id in worded:
                content = record.observation.content_sha256 if record.observation else ""
                found.append(Affected(record.photo_id, record.origin.key, content))
        return merged(found), frozenset(faces)

    def _said(self) -> list[tuple[str, str]]:
        """(photo id, text) of all corrections, those that were taken back included."""
        corrections = self.scrubber.corrections
        photos = dict.fromkeys(photo_id for photo_id, _ in corrections.ids())
        return [
            (photo_id, str(getattr(said.word, "text", "") or getattr(said.word, "tag", "")))
            for photo_id in photos
            for said in corrections.of(photo_id)
        ]

    def _tombstones(self) -> list[tuple[str, Record]]:
        records = self.scrubber.records
        small = (
            keys.photo_of_record(entry.key)
            for entry in self.scrubber.store.list(keys.RECORDS)
            if entry.size <= record_files.TOMBSTONE_BYTES
        )
        found = (stored.record for stored in records.get_many(small))
        return [(one.photo_id, one) for one in found if one.status is PhotoStatus.DELETED]

    def _former_faces(self, photo_id: str) -> set[str]:
        """Ids of the faces that former versions of a record have."""
        bucket, faces = self.scrubber.bucket, set()
        for version in bucket.versions(keys.record(photo_id)):
            if version.marker:
                continue
            try:
                record = record_files.loads(bucket.read(version))
            except InvalidInput:
                continue
            faces |= {face.face_id for face in record.observation.faces} if record.observation else set()
        return faces


def _widened(sought: Sought, events: tuple[PeopleEvent, ...]) -> Sought:
    """The same person with every name that they ever had."""
    said = {
        name
        for event in events
        if getattr(event.word, "person_id", None) in sought.ids and (name := getattr(event.word, "name", ""))
    }
    return Sought(sought.names | {" ".join(name.split()) for name in said}, sought.ids, sought.faces)


def _concerns(ticket: Ticket, key: str) -> bool:
    if ticket.kind == "photos":
        return any(photo.key == key for photo in ticket.photos)
    sought = Sought(frozenset(ticket.names), frozenset(), frozenset())
    return sought.is_in(key.replace("_", " "))
