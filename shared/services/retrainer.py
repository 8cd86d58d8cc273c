"""The one place besides a person that starts a training: it looks at the situation, decides, and says why."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from shared.domain.errors import InvalidInput, MetadataNotFound
from shared.domain.record import Status
from shared.services.retrain import Situation, decide
from shared.services.training_input import TrainingInput
from shared.storage import keys
from shared.storage.bundles import Bundle, BundleRepository
from shared.storage.erasures import ErasureRepository
from shared.storage.locks import TrainingLock
from shared.storage.objects import Entry
from shared.storage.observability import MetricUnit, metrics
from shared.storage.records import TOMBSTONE_BYTES, RecordRepository
from shared.storage.runs import Run
from shared.storage.store import ObjectStore
from shared.storage.ulids import new_ulid

TOOK_IN = frozenset({"completed", "refused", "nothing_new"})
"""How a training of the whole library ends: another one would learn the same until something is new."""


class Starter(Protocol):
    """Starts an execution of the training state machine."""

    def __call__(self, name: str, value: Mapping[str, Any]) -> str:
        """Start it under a name with an input; returns its ARN."""
        ...


@dataclass(frozen=True, slots=True)
class Retrainer:
    """Asked by the schedule and by the 15-minute rule."""

    store: ObjectStore
    records: RecordRepository
    bundles: BundleRepository
    lock: TrainingLock
    start: Starter
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def ask(self, event: Mapping[str, Any]) -> dict[str, Any]:
        """Decide, and start a training if there is reason to.

        Parameters
        ----------
        event : mapping
            What the rule sends; `input` in it is handed on to the training.
        """
        asked = _asked(event)
        situation = self.situation(asked)
        now = self.now()
        days = (now - situation.since).days if situation.since else 0
        metrics.add_metric(name="DaysSinceTraining", unit=MetricUnit.Count, value=days)
        decision = decide(situation, now)
        answer: dict[str, Any] = {"start": decision.start, "reasons": list(decision.reasons)}
        if not decision.start:
            return answer
        value = {**asked, "reason": "; ".join(decision.reasons)}
        return {**answer, "execution": self.start(f"retrain-{new_ulid()}", value)}

    def situation(self, asked: Mapping[str, Any]) -> Situation:
        """What happened since the library was last taken in, by listings and records that hold little.

        Parameters
        ----------
        asked : mapping
            The training input the rule brings, where it brings one.
        """
        live = self.bundles.latest()
        last = self._last()
        taught = Run(self.store, live.manifest.run_id) if live else None
        basis = last if last and last.ending() in TOOK_IN else taught
        trained_at = datetime.fromisoformat(live.manifest.about["trained_at"]) if live else None
        learned_until = (self._begun(basis) if basis else None) or trained_at
        running = self.lock.holder() is not None
        written = {keys.photo_of_record(entry.key): entry for entry in self.store.list(keys.RECORDS)}
        said = [
            entry.modified
            for prefix in (keys.CORRECTIONS, keys.PEOPLE)
            for entry in self.store.list(prefix)
            if learned_until is None or entry.modified > learned_until
        ]
        known = self._known((basis, taught), written, trained_at)
        unknown = {photo_id: entry for photo_id, entry in written.items() if photo_id not in known}
        never = self._never_learned(unknown)
        new = [entry.modified for photo_id, entry in unknown.items() if photo_id not in never]
        changes = [*new, *said]
        return Situation(
            trained_at=trained_at,
            photos=len(written) - len(never),
            new_photos=len(new),
            new_corrections=len(said),
            new_categories=_own_categories(asked, basis, live),
            last_change=max(changes) if changes else None,
            running=running,
            since=trained_at or min((entry.modified for entry in written.values()), default=None),
            erased=bool(live and ErasureRepository(self.store).unmet(live.manifest.about)),
            failed_at=None if running else self._failed_at(last),
        )

    def _last(self) -> Run | None:
        """The last training that was started; None before the first, and once its files have expired."""
        execution = self.lock.last()
        run = Run(self.store, execution.rpartition(":")[2]) if execution else None
        return run if run and self._begun(run) else None

    def _begun(self, run: Run) -> datetime | None:
        """When a run began, by the clock of the store as all that is compared with it."""
        begun = self.store.head(keys.run(run.run_id, "input.json"))
        return begun.modified if begun else None

    def _failed_at(self, last: Run | None) -> datetime | None:
        """When the last training failed, or took the lock that it never gave back."""
        if last is None or last.ending() not in (None, "failed"):
            return None
        locked = self.store.head(keys.TRAINING_LOCK)
        return locked.modified if locked else None

    def _never_learned(self, unknown: Mapping[str, Entry]) -> frozenset[str]:
        """Photos no training will take in: unreadable and deleted ones, whose records are small."""
        small = [photo_id for photo_id, entry in unknown.items() if entry.size <= TOMBSTONE_BYTES]
        found = (stored.record for stored in self.records.get_many(small))
        return frozenset(one.photo_id for one in found if one.status is not Status.ANALYZED)

    @staticmethod
    def _known(
        runs: Iterable[Run | None], written: Mapping[str, Entry], trained_at: datetime | None
    ) -> frozenset[str]:
        """Photos the first of some runs took in whose files are there; else those older than the bundle."""
        for run in (run for run in runs if run):
            with suppress(MetadataNotFound):
                return frozenset(photo_id for prefix in run.prefixes() for photo_id in run.photo_ids(prefix))
        if trained_at is None:
            return frozenset()
        return frozenset(photo_id for photo_id, entry in written.items() if entry.modified <= trained_at)


def _asked(event: object) -> Mapping[str, Any]:
    """The training input in what a rule sends; `InvalidInput` where it is none."""
    asked = event.get("input") if isinstance(event, Mapping) else event
    if not isinstance(asked, Mapping | None):
        raise InvalidInput("input: it is not a JSON object: mend the rule that sends it")
    return asked or {}


def _own_categories(asked: Mapping[str, Any], basis: Run | None, live: Bundle | None) -> bool:
    """Whether the rule brings categories that nothing was trained with yet."""
    wanted = TrainingInput.parse(asked).model_dump(mode="json")["categories"]
    given = live.manifest.about.get("input", {}) if live else {}
    if basis:
        with suppress(MetadataNotFound):
            given = basis.json("input.json")["input"]
    return bool(wanted) and wanted != given.get("categories", {})
