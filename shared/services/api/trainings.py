"""Trainings as clients see them: started, followed, remembered; and when the next one is due."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.domain.errors import MetadataNotFound, ObjectMissing, TrainingBusy
from shared.services.api import views
from shared.services.retrain import decide, due_at
from shared.services.retrainer import Retrainer
from shared.services.schedule import next_firing
from shared.services.training_input import TrainingInput
from shared.storage import executions, standing
from shared.storage.locks import TrainingLock
from shared.storage.runs import Run
from shared.storage.standing import Standing
from shared.storage.store import ObjectStore
from shared.storage.ulids import new_ulid

LOG_LINES = 200


@dataclass(frozen=True, slots=True)
class Trainings:
    """Starts and follows executions of the training state machine.

    Parameters
    ----------
    machine : str
        Its ARN.
    lock : TrainingLock
        Who trains now.
    schedules : sequence of str
        When the rules ask whether to train.
    """

    machine: str
    store: ObjectStore
    lock: TrainingLock
    retrainer: Retrainer
    schedules: Sequence[str] = ()
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def start(self, given: Mapping[str, Any]) -> views.TrainingView:
        """Start a training.

        Raises
        ------
        InvalidInput
            Where the input is wrong.
        TrainingBusy
            While another training runs.
        """
        asked = TrainingInput.parse({"reason": "asked for on the page", **given})
        holder = self.lock.holder()
        if holder:
            raise TrainingBusy(f"The training {holder.rpartition(':')[2]} is under way: wait for it to end")
        value = asked.model_dump(mode="json", exclude_defaults=True)
        execution = executions.start(self.machine, f"page-{new_ulid()}", value)
        return views.TrainingView(
            run_id=execution.rpartition(":")[2], status=standing.RUNNING, started=self.now()
        )

    def one(self, run_id: str) -> views.TrainingView:
        """A training with its steps and its log so far.

        Raises
        ------
        ObjectMissing
            Where there was none of that name.
        """
        found = next((e for e in executions.recent(self.machine) if e.name == run_id), None)
        if found is None:
            raise ObjectMissing(f"There is no training {run_id}: look at the list of trainings again")
        looked = standing.look(found.arn)
        return _view(found, looked, self._log(run_id))

    def list(self) -> views.Trainings:
        """The last trainings, newest first."""
        return views.Trainings(trainings=tuple(_view(found) for found in executions.recent(self.machine)))

    def retraining(self) -> views.RetrainingView:
        """When the next one starts if nothing else happens, and why or why not."""
        now = self.now()
        situation = self.retrainer.situation({})
        due = due_at(situation, now)
        decision = decide(situation, due or now)
        return views.RetrainingView(
            due=decision.start,
            starts_at=next_firing(self.schedules, due) if due else None,
            asked_at=next_firing(self.schedules, now),
            reasons=decision.reasons,
            photos=situation.photos,
            new_photos=situation.new_photos,
            new_corrections=situation.new_corrections,
            trained_at=situation.trained_at,
        )

    def _log(self, run_id: str) -> tuple[str, ...]:
        try:
            lines = [f"{at} {line}" for at, line in Run(self.store, run_id).log_lines()]
        except (MetadataNotFound, ObjectMissing, json.JSONDecodeError):
            return ()
        return tuple(lines[-LOG_LINES:])


def _view(
    found: executions.Execution, looked: Standing | None = None, log: tuple[str, ...] = ()
) -> views.TrainingView:
    output = looked.output if looked else {}
    return views.TrainingView(
        run_id=found.name,
        status=looked.status if looked else found.status,
        started=found.started,
        ended=found.ended_at,
        outcome=output.get("status"),
        bundle=output.get("version") or output.get("bundle"),
        error=": ".join(part for part in (looked.error, looked.cause) if part) or None if looked else None,
        steps=tuple(
            views.StepView(name=step.name, started=step.started, ended=step.ended) for step in looked.steps
        )
        if looked
        else (),
        log=log,
    )
