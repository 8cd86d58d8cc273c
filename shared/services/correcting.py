"""Owners put photos right: what they say is kept first, then folded into the record."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from shared.domain.corrections import Correction, CorrectionWord, UndoCorrection
from shared.domain.errors import EyeError, InvalidCorrection, ObjectMissing
from shared.domain.record import Record, Status
from shared.services.enhancing import Enhancer
from shared.storage.concurrency import mapped
from shared.storage.corrections import CorrectionRepository
from shared.storage.records import RecordRepository

WORKERS = 8
MOST_PHOTOS = 200


@dataclass(frozen=True, slots=True)
class Corrected:
    """What became of one photo's corrections.

    Attributes
    ----------
    corrections : tuple of Correction
        As kept, in the order said.
    record : Record or None
        As it now stands.
    problem : str or None
        Why nothing was kept; or, where corrections are given, why they show only after the next export.
    """

    photo_id: str
    corrections: tuple[Correction, ...] = ()
    record: Record | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Corrector:
    """Keeps corrections and shows them at once.

    Parameters
    ----------
    refresh : callable
        Folds a record's words anew and enhances it by the live bundle (`Enhancer.refresh`).
    """

    records: RecordRepository
    corrections: CorrectionRepository
    refresh: Callable[[Record], Record]
    _turn: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def correct(self, photo_ids: Sequence[str], words: Sequence[CorrectionWord]) -> list[Corrected]:
        """Say the same of each photo.

        Raises
        ------
        ObjectMissing
            Where no photo named is in the library; nothing was kept.
        InvalidCorrection
            Where nothing is said, or of too many photos.
        """
        if not words or not photo_ids:
            raise InvalidCorrection("The correction says nothing: give at least one photo and one word")
        return self._all([(photo_id, tuple(words)) for photo_id in dict.fromkeys(photo_ids)])

    def undo(self, said: Sequence[tuple[str, str]]) -> list[Corrected]:
        """Take corrections back, each named by its photo and its id."""
        if not said:
            raise InvalidCorrection("Nothing is named to take back: give at least one correction")
        words: dict[str, list[CorrectionWord]] = {}
        for photo_id, correction_id in said:
            words.setdefault(photo_id, []).append(UndoCorrection(correction_id))
        return self._all([(photo_id, tuple(undone)) for photo_id, undone in words.items()])

    def history(self, photo_id: str) -> tuple[Correction, ...]:
        """All that was said of a photo, in order."""
        return self.corrections.of(photo_id)

    def _all(self, said: list[tuple[str, tuple[CorrectionWord, ...]]]) -> list[Corrected]:
        if len(said) > MOST_PHOTOS:
            raise InvalidCorrection(
                f"At most {MOST_PHOTOS} photos are corrected at once, not {len(said)}: send them in parts"
            )
        done = list(mapped(lambda one: self._one(*one), said, WORKERS))
        if all(one.record is None and not one.corrections for one in done):
            raise ObjectMissing(done[0].problem or "The library has none of these photos")
        return done

    def _one(self, photo_id: str, words: tuple[CorrectionWord, ...]) -> Corrected:
        stored = self.records.get(photo_id)
        if stored is None or stored.record.status is Status.DELETED:
            gone = f"The library has no photo {photo_id}: it was deleted, or never uploaded"
            return Corrected(photo_id, problem=gone)
        kept = tuple(self.corrections.add(photo_id, word) for word in words)
        try:
            return Corrected(photo_id, kept, self.records.update(photo_id, self._refreshed))
        except EyeError as error:
            return Corrected(photo_id, kept, problem=f"Kept, and shown after the next training: {error}")

    def _refreshed(self, record: Record | None) -> Record | None:
        if record is None or record.status is not Status.ANALYZED:
            return record
        with self._turn:
            return self.refresh(record)


def refold(records: RecordRepository, corrections: CorrectionRepository, enhancer: Enhancer) -> None:
    """Fold corrections that a crash, or a photo analyzed meanwhile, left beside their record."""
    said: dict[str, set[str]] = {}
    for photo_id, correction_id in corrections.ids():
        said.setdefault(photo_id, set()).add(correction_id)
    for stored in records.get_many(sorted(said)):
        photo_id = stored.record.photo_id
        if stored.record.observation and said[photo_id] - set(stored.record.owner.applied):
            records.update(photo_id, lambda record: record and enhancer.refresh(record))
