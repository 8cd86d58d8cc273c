"""A whole training without a cloud: every step of the state machine over a directory, phases side by side."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from shared.domain.record import Record
from shared.learning.patterns import Patterns
from shared.services.collector import collector_paused
from shared.services.enhancing import Enhancer
from shared.services.export import Export
from shared.services.phases import PhaseSteps
from shared.services.report import PHASES, Report
from shared.services.steps import Step
from shared.services.training_phases import make_phase
from shared.storage.bundles import BundleRepository, LatestBundle
from shared.storage.catalogue import Catalogue
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.dataset import DatasetRepository, ShardExport
from shared.storage.locks import TrainingLock
from shared.storage.records import RecordRepository
from shared.storage.rows import RowMaker
from shared.storage.runs import Run
from shared.storage.store import DirectoryStore
from shared.vision.faces import ENCODING_SPACE
from shared.vision.generic import generic_tags
from shared.vision.text import TextEncoder

MODELS = Path(__file__).parents[1] / "models"
ALL_PHASES = "all five phases"
LANES = (("categories",), ("descriptions", "faces", "search_index"))
"""Phases side by side, as in the state machine; the last one needs what they found."""
Timing = Callable[[str], AbstractContextManager[None]]


@contextmanager
def _untimed(_step: str) -> Iterator[None]:
    yield


@dataclass(frozen=True)
class TrainingSteps:
    """The steps over one library.

    Attributes
    ----------
    store : DirectoryStore
        The library.
    """

    store: DirectoryStore

    def fill(self, records: Iterable[Record]) -> None:
        """Put records in place, those that stand there already as they are given."""
        for record in records:
            self.records.update(record.photo_id, partial(_given, record))

    @collector_paused()
    def train(
        self, run_id: str, given: Mapping[str, Any] | None = None, timing: Timing = _untimed
    ) -> Mapping[str, Any]:
        """Take every step of a run; what the last one answers."""
        step = partial(_step, run_id, given or {})
        with timing("export"):
            self.export.plan(step())
            for prefix in Run(self.store, run_id).prefixes():
                self.export.shard(step(prefix))
            counted = self.export.count(step())
        if counted["status"] != "counted":
            return counted
        take = partial(self._phase, step, timing)
        with timing(ALL_PHASES), threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor() as pool:
            for _ in pool.map(lambda lane: list(map(take, lane)), LANES):
                pass
            take(PHASES[-1])
        with timing("report"):
            return self.report.publish(step())

    def _phase(self, step: Callable[..., Step], timing: Timing, name: str) -> None:
        phase = PhaseSteps(self.dataset, partial(make_phase, name, MODELS))
        with timing(name):
            for prefix in Run(self.store, step().run_id).prefixes():
                phase.observe(step(prefix))
            phase.solve(step())

    @cached_property
    def records(self) -> RecordRepository:
        """Of the library."""
        return RecordRepository(self.store)

    @cached_property
    def bundles(self) -> BundleRepository:
        """Of the library."""
        return BundleRepository(self.store)

    @cached_property
    def dataset(self) -> DatasetRepository:
        """Of the library."""
        return DatasetRepository(self.store)

    @cached_property
    def export(self) -> Export:
        """The actions of the `export` function."""
        corrections = CorrectionRepository(self.store)
        return Export(
            bucket="library",
            store=self.store,
            records=self.records,
            corrections=corrections,
            people=PeopleLog(self.store),
            bundles=self.bundles,
            dataset=self.dataset,
            shards=ShardExport(self.dataset, self.records, RowMaker(generic_tags, ENCODING_SPACE)),
            catalogue=Catalogue(self.store, self.records),
            lock=self._lock,
            enhancer=Enhancer(LatestBundle(self.bundles, Patterns.NEEDS), corrections, _no_encoder),
        )

    @cached_property
    def report(self) -> Report:
        """The actions of the `report` function."""
        return Report(self.store, self.dataset, self.bundles, self._lock)

    @cached_property
    def _lock(self) -> TrainingLock:
        return TrainingLock(self.store, lambda _execution: False)


def _step(run_id: str, given: Mapping[str, Any], prefix: str = "") -> Step:
    return Step.model_validate(
        {
            "action": "step",
            "run_id": run_id,
            "execution": run_id,
            "input": dict(given),
            "shard": {"prefix": prefix},
        }
    )


def _given(made: Record, _before: Record | None) -> Record:
    return made


def _no_encoder() -> TextEncoder:
    raise AssertionError("an export without corrections encodes no words")
