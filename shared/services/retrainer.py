"""The one place besides a person that starts a training: it looks at the situation, decides, and says why."""

from collections.abc import Callable, Mapping
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
from shared.storage.runs import CHECKED, Run
from shared.storage.store import ObjectStore
from shared.storage.ulids import new_ulid


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
        """What happened since the live bundle was trained, by listings and records that hold little.

        Parameters
        ----------
        asked : mapping
            The training input the rule brings, where it brings one.
        """
        live = self.bundles.latest()
        trained_at = datetime.fromisoformat(live.manifest.about["trained_at"]) if live else None
        learned_until = self._learned_until(live) if live else None
        written = {
            entry.key.removeprefix(keys.RECORDS).removesuffix(".json"): entry
            for entry in self.store.list(keys.RECORDS)
        }
        said = [
            entry.modified
            for prefix in (keys.CORRECTIONS, keys.PEOPLE)
            for entry in self.store.list(prefix)
            if learned_until is None or entry.modified > learned_until
        ]
        known = self._known(live, written)
        unknown = {photo_id: entry for photo_id, entry in written.items() if photo_id not in known}
        never = self._never_learned(unknown)
        new = [entry.modified for photo_id, entry in unknown.items() if photo_id not in never]
        changes = [*new, *said]
        return Situation(
            trained_at=trained_at,
            photos=len(written) - len(never),
            new_photos=len(new),
            new_corrections=len(said),
            new_categories=_own_categories(asked, live),
            last_change=max(changes) if changes else None,
            running=self.lock.holder() is not None,
            since=trained_at or min((entry.modified for entry in written.values()), default=None),
            erased=bool(live and ErasureRepository(self.store).unmet(live.manifest.about)),
        )

    def _learned_until(self, live: Bundle) -> datetime:
        """Until when people's words were learned: when the run of the live bundle began.

        Or a later one that found nothing new; by the clock of the store, as all that is compared with it.
        """
        run_id = live.manifest.run_id
        with suppress(MetadataNotFound):
            run_id = Run(self.store, run_id).json(CHECKED)["run_id"]
        begun = self.store.head(keys.run(run_id, "input.json"))
        return begun.modified if begun else datetime.fromisoformat(live.manifest.about["trained_at"])

    def _never_learned(self, unknown: Mapping[str, Entry]) -> frozenset[str]:
        """Photos no training will take in: unreadable and deleted ones, whose records are small."""
        small = [photo_id for photo_id, entry in unknown.items() if entry.size <= TOMBSTONE_BYTES]
        found = (stored.record for stored in self.records.get_many(small))
        return frozenset(one.photo_id for one in found if one.status is not Status.ANALYZED)

    def _known(self, live: Bundle | None, written: Mapping[str, Entry]) -> frozenset[str]:
        """Photos the live bundle was trained on; once its run has expired, those written before its end."""
        if live is None:
            return frozenset()
        run = Run(self.store, live.manifest.run_id)
        try:
            return frozenset(photo_id for prefix in run.prefixes() for photo_id in run.photo_ids(prefix))
        except MetadataNotFound:
            until = datetime.fromisoformat(live.manifest.about["trained_at"])
            return frozenset(photo_id for photo_id, entry in written.items() if entry.modified <= until)


def _asked(event: object) -> Mapping[str, Any]:
    """The training input in what a rule sends; `InvalidInput` where it is none."""
    asked = event.get("input") if isinstance(event, Mapping) else event
    if not isinstance(asked, Mapping | None):
        raise InvalidInput("input: it is not a JSON object: mend the rule that sends it")
    return asked or {}


def _own_categories(asked: Mapping[str, Any], live: Bundle | None) -> bool:
    """Whether the rule brings categories that the live bundle was not trained with."""
    wanted = TrainingInput.parse(asked).model_dump(mode="json")["categories"]
    known = live.manifest.about.get("input", {}).get("categories", {}) if live else {}
    return bool(wanted) and wanted != known
