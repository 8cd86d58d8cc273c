"""A training in one process, step by step as the state machine takes them, in any weather."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from shared.domain import pickles
from shared.domain.errors import TransientError
from shared.services import wiring
from shared.services.steps import ShardItem, Step
from shared.storage.bundles import BundleRepository
from shared.storage.locks import TrainingLock
from shared.storage.store import ObjectStore
from tests.faults.faulty_store import CALM, FaultyStore, Process, Weather
from tests.unit.deployed import start_anew

FACES = "face_clusters.pkl"
REPORT = ("training_report.json", "training_report.html")
MOST_TRIES = 6
PHASES = ("categories", "descriptions", "faces", "search_index", "improved_descriptions")
SEQUENCE = (
    ("export", "plan"),
    ("export", "shard"),
    ("export", "count"),
    *((phase, action) for phase in PHASES for action in ("observe", "solve")),
    ("report", "publish"),
)


@dataclass
class Trainings:
    """Executions over one library; `running` names those that the engine says have not ended."""

    library: ObjectStore
    patch: pytest.MonkeyPatch
    running: set[str] = field(default_factory=set)

    def process(self, weather: Weather = CALM, last: int | None = None, seed: int = 0) -> Process:
        """Start a fresh process: every service is put together anew over its sight of the library."""
        process = Process(weather, random.Random(seed), last=last)
        seen = FaultyStore(self.library, process)
        start_anew()
        self.patch.setattr(wiring, "library", lambda: seen)
        self.patch.setattr(wiring, "lock", lambda: TrainingLock(seen, lambda arn: arn not in self.running))
        return process

    def run(
        self,
        run_id: str,
        *,
        after: int = 0,
        killed: Callable[[int], None] | None = None,
        force: bool = True,
    ) -> str:
        """Take the steps from the one numbered `after`; returns how the last one ended.

        A step that fails for a transient reason is taken again, as the state machine would.
        """
        self.running = {run_id}
        status = ""
        for number, (function, action) in enumerate(SEQUENCE[after:], start=after):
            if killed:
                killed(number)
            status = self._take(run_id, function, action, force)
            if status in ("busy", "nothing_new"):
                break
        self.running = set()
        return status

    def _take(self, run_id: str, function: str, action: str, force: bool) -> str:
        step = Step(action=action, run_id=run_id, execution=run_id, input={"force": force}, shard=ShardItem())
        for tried in range(MOST_TRIES):
            service = (
                getattr(wiring, function)() if function in ("export", "report") else wiring.phase(function)
            )
            try:
                return str(getattr(service, action)(step).get("status", ""))
            except TransientError:
                if tried == MOST_TRIES - 1:
                    raise
        raise AssertionError("unreachable")


def learned(library: ObjectStore) -> dict[str, Any]:
    """The live bundle's files, verified, but for what tells of the run, and of what was asked before it."""
    bundle = BundleRepository(library).latest()
    assert bundle is not None
    bundle.verify()
    people = {**pickles.loads(bundle.files[FACES]), "questions": None}
    files = {name: bundle.files[name] for name in bundle.files if name not in REPORT}
    return {**files, FACES: people}


@contextmanager
def one_thread() -> Iterator[None]:
    """Requests one after the other, so that the n-th is always the same."""

    class Serial:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def submit(self, function: Callable[..., object], *arguments: object) -> "Done":
            return Done(function(*arguments))

        def shutdown(self, **_: object) -> None:
            pass

    class Done:
        def __init__(self, value: object) -> None:
            self._value = value

        def result(self) -> object:
            return self._value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("shared.storage.concurrency.ThreadPoolExecutor", Serial)
        yield
