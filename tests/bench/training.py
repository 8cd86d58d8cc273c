"""How long a training takes, step by step, and what a library keeps: one process, one directory."""

import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from shared.learning.patterns import Patterns
from shared.services.report import PHASES
from shared.storage.store import DirectoryStore
from tests.bench.table import MB, console
from tests.synthetic_library import SyntheticLibrary
from tests.training_steps import ALL_PHASES, LANES, TrainingSteps

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
        """Bytes of each file of the bundle."""
        return {
            entry.key.rpartition("/")[2]: entry.size
            for entry in self.store.list("bundles/")
            if not entry.key.endswith("manifest.json")
        }

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
    """Fill a library and take every step of the training state machine."""
    steps = TrainingSteps(DirectoryStore(folder))
    timer = Timer()
    with timer("write records"):
        steps.fill(SyntheticLibrary(photos, seed))
    steps.train(RUN, timing=timer)
    return Trained(photos, steps.store, timer)


def rows(trained: Trained, promised: Mapping[str, float]) -> Iterator[tuple[str, ...]]:
    """A line a step, for the table of trainings."""
    timer = trained.timer
    for name in ("export", *PHASES, ALL_PHASES, "report"):
        alone = name not in chain.from_iterable(LANES)
        processor = f"{timer.processor[name]:.1f} s" if alone else "side by side"
        promise = f"{promised[name]:.0f} s" if name in promised else ""
        yield f"{trained.photos:,}", name, f"{timer.clock[name]:.1f} s", processor, promise


def storage_rows(trained: Trained, promised_bytes: float) -> Iterator[tuple[str, ...]]:
    """A line a kind of object kept."""
    kept = trained.bytes_kept()
    for name, size in sorted(kept.items(), key=lambda item: -item[1]):
        yield name, f"{size / MB:.1f} MB", f"{size / trained.photos:,.0f} B", ""
    total = sum(kept.values())
    promise = f"{promised_bytes / MB:.0f} MB"
    yield "all", f"{total / MB:.1f} MB", f"{total / trained.photos:,.0f} B", promise
