"""How long a training takes, step by step, and what a library keeps: one process, one directory."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from shared.domain.record import Record
from shared.learning.patterns import Patterns
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
from tests.bench.analyzing import MODELS
from tests.bench.table import MB, console
from tests.synthetic_library import SyntheticLibrary

RUN = "bench"


@dataclass
class Timer:
    """Seconds by step: on the clock, and of the processor."""

    clock: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, step: str) -> Iterator[None]:
        started, used = time.perf_counter(), time.process_time()
        yield
        self.clock[step] = self.clock.get(step, 0) + time.perf_counter() - started
        self.processor[step] = self.processor.get(step, 0) + time.process_time() - used
        console.print(f"[dim]  {step}: {self.clock[step]:.1f} s so far[/]")


@dataclass(frozen=True)
class Trained:
    """A synthetic library after its training, in a directory that goes with the process.

    Attributes
    ----------
    photos : int
    store : DirectoryStore
    timer : Timer
    """

    photos: int
    store: DirectoryStore
    timer: Timer

    def bytes_kept(self) -> dict[str, int]:
        """Bytes by the first part of the key."""
        kept: Counter[str] = Counter()
        for entry in self.store.list():
            kept[entry.key.split("/")[0]] += entry.size
        return dict(kept)

    def bundle_bytes(self) -> dict[str, int]:
        """Bytes of each file the phases solved."""
        run = Run(self.store, RUN)
        return {name: len(body) for phase in PHASES for name, body in run.solved(phase).items()}

    @property
    def loaded_bytes(self) -> int:
        """Of the files that `analyze` loads."""
        return sum(size for name, size in self.bundle_bytes().items() if name in Patterns.NEEDS)


@dataclass
class Trainings:
    """Trains libraries of a size once, however many benchmarks look at it."""

    seed: int
    _kept: dict[int, Trained] = field(default_factory=dict)
    _folders: list[tempfile.TemporaryDirectory[str]] = field(default_factory=list)

    def of(self, photos: int) -> Trained:
        """A trained library of so many photos."""
        if photos not in self._kept:
            folder = tempfile.TemporaryDirectory(prefix="eye-bench-")
            self._folders.append(folder)
            self._kept[photos] = train(photos, self.seed, Path(folder.name))
        return self._kept[photos]


def train(photos: int, seed: int, folder: Path) -> Trained:
    """Fill a library and take every step of the training state machine, one after the other."""
    steps = _Steps(DirectoryStore(folder))
    timer = Timer()
    records = RecordRepository(steps.store)
    with timer("write records"):
        for record in SyntheticLibrary(photos, seed):
            records.update(record.photo_id, partial(_returning, record))
    for action in (steps.export.plan, partial(steps.each_shard, steps.export.shard), steps.export.count):
        with timer("export"):
            action(step())
    for name in PHASES:
        phase = PhaseSteps(steps.dataset, partial(make_phase, name, MODELS))
        with timer(name):
            steps.each_shard(phase.observe, step())
            phase.solve(step())
    with timer("report"):
        steps.report.publish(step())
    return Trained(photos, steps.store, timer)


def _returning(made: Record, _before: Record | None) -> Record:
    return made


def step(prefix: str = "") -> Step:
    """What the state machine hands a step of the one run."""
    return Step.model_validate(
        {"action": "bench", "run_id": RUN, "execution": RUN, "shard": {"prefix": prefix}}
    )


@dataclass(frozen=True)
class _Steps:
    store: DirectoryStore

    @cached_property
    def dataset(self) -> DatasetRepository:
        return DatasetRepository(self.store)

    @cached_property
    def lock(self) -> TrainingLock:
        return TrainingLock(self.store, lambda _execution: False)

    @cached_property
    def export(self) -> Export:
        records, bundles = RecordRepository(self.store), BundleRepository(self.store)
        corrections = CorrectionRepository(self.store)
        return Export(
            bucket="library",
            store=self.store,
            records=records,
            corrections=corrections,
            people=PeopleLog(self.store),
            bundles=bundles,
            dataset=self.dataset,
            shards=ShardExport(self.dataset, records, RowMaker(generic_tags, ENCODING_SPACE)),
            catalogue=Catalogue(self.store, records),
            lock=self.lock,
            enhancer=Enhancer(LatestBundle(bundles, Patterns.NEEDS), corrections, _no_encoder),
        )

    @cached_property
    def report(self) -> Report:
        return Report(self.store, self.dataset, BundleRepository(self.store), self.lock)

    def each_shard(self, action: Callable[[Step], Mapping[str, Any]], _step: Step) -> None:
        for prefix in Run(self.store, RUN).prefixes():
            action(step(prefix))


def _no_encoder() -> TextEncoder:
    raise AssertionError("an export without corrections encodes no words")


def rows(trained: Trained, promised: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    """A line a step, for the table of trainings."""
    timer = trained.timer
    for name in ("export", *PHASES, "report"):
        yield _line(f"{trained.photos:,}", name, timer.clock[name], timer.processor[name], promised.get(name))
    clock, processor = (sum(times[name] for name in PHASES) for times in (timer.clock, timer.processor))
    yield _line(f"{trained.photos:,}", "all five phases", clock, processor, promised.get("phases"))


def _line(photos: str, name: str, clock: float, processor: float, promised: float | None) -> tuple[str, ...]:
    return photos, name, f"{clock:.1f} s", f"{processor:.1f} s", f"{promised:.0f} s" if promised else ""


def storage_rows(trained: Trained, promised_bytes: float) -> Iterator[tuple[str, ...]]:
    """A line a kind of object kept."""
    kept = trained.bytes_kept()
    for name, size in sorted(kept.items(), key=lambda item: -item[1]):
        yield name, f"{size / MB:.1f} MB", f"{size / trained.photos:,.0f} B", ""
    total = sum(kept.values())
    promise = f"{promised_bytes / MB:.0f} MB"
    yield "all", f"{total / MB:.1f} MB", f"{total / trained.photos:,.0f} B", promise
