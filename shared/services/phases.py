"""One training phase as two steps: `observe` sums a shard, `solve` adds the sums and writes the patterns."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from operator import add
from threading import Lock
from typing import Any, Generic, Protocol, Self, TypeVar

from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from shared.domain import arrays
from shared.domain.dataset import Plan, Shard
from shared.domain.errors import ObjectMissing
from shared.learning.kernel import map_shard, plan_map
from shared.learning.planning import select
from shared.learning.worded import DETECTIONS
from shared.services.steps import Step
from shared.storage import keys
from shared.storage.dataset import DatasetRepository
from shared.storage.runs import Run

_MAPPING = Lock()
"""Of phases side by side in one process, one maps; the others find it done."""


class Sums(Protocol):
    """What a phase keeps of a shard: adds over shards and travels as arrays."""

    def __add__(self, other: Self) -> Self:
        """The sums of both."""
        ...

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The sums as named arrays."""
        ...

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read back what `arrays` gave."""
        ...


S = TypeVar("S", bound=Sums)


class Patterns(Protocol):
    """What a phase learned, as the files of a bundle."""

    def files(self) -> dict[str, bytes]:
        """Bundle file names with their bytes, the same bytes for the same patterns."""
        ...


@dataclass(frozen=True, slots=True)
class Phase(Generic[S]):
    """One of the five training phases.

    Attributes
    ----------
    name : str
    version : int
        Goes into the digest that sums are kept under: raise it when what is summed changes.
    whole_library : bool
        Whether a trial's selection is ignored, as for people.
    pixels : bool
        Whether it works on what the pixels show: its shards come with their kernel features.
    """

    name: str
    version: int
    sums: type[S]
    observe: Callable[[Shard, Plan], S]
    solve: Callable[[S, Plan], Patterns]
    whole_library: bool = False
    pixels: bool = False


@dataclass(frozen=True, slots=True)
class PhaseRunner:
    """Runs phases over the dataset of one training run."""

    run: Run
    dataset: DatasetRepository

    def shard(
        self,
        prefix: str,
        plan: Plan,
        *,
        whole_library: bool = False,
        blocks: Collection[str] | None = None,
        among: Collection[str] | None = None,
    ) -> Shard:
        """The photos of a shard, or those among some, that take part; see `DatasetRepository.load`."""
        shard = self.dataset.load(prefix, self.run.shard(prefix).digest, blocks, among)
        return shard if whole_library else select(shard, plan.options, plan.since)

    def mapped_shard(self, prefix: str, plan: Plan) -> Shard:
        """The photos of a shard with kernel features, which the first phase to ask computes for all."""
        with _MAPPING:
            phi = self.run.mapped(prefix)
            if phi is None:
                shard = self.shard(prefix, plan)
                phi = map_shard(shard, plan_map(plan))
                self.run.put_mapped(prefix, phi)
                return replace(shard, mapped=phi)
        return replace(self.shard(prefix, plan, blocks=(DETECTIONS,)), mapped=phi)

    def observe(self, phase: Phase[Any], prefix: str) -> None:
        """Sum one shard, unless the same rows were summed under the same plan before."""
        key = self._sums_key(phase, prefix)
        if self.dataset.store.head(key) is not None:
            self.run.log(
                f"{phase.name}-observe-{_number(prefix)}", [f"{phase.name}: shard {prefix!r} unchanged"]
            )
            return
        plan = self.run.plan(prefix)
        with threadpool_limits(limits=1, user_api="blas"):
            if phase.pixels:
                shard = self.mapped_shard(prefix, plan)
            else:
                shard = self.shard(prefix, plan, whole_library=phase.whole_library, blocks=())
            sums = phase.observe(shard, plan)
        self.dataset.store.put(key, arrays.dumps(sums.arrays(), deflate=False), "application/octet-stream")
        self.run.log(f"{phase.name}-observe-{_number(prefix)}", [f"{phase.name}: {len(shard)} photos summed"])

    def solve(self, phase: Phase[Any]) -> None:
        """Add the sums in the order of the shards and write what the phase learned."""
        sums = reduce(add, (self._sums(phase, prefix) for prefix in self.run.prefixes()))
        with threadpool_limits(limits=1, user_api="blas"):
            files = phase.solve(sums, self.run.plan()).files()
        self.run.put_solved(phase.name, files)
        written = ", ".join(f"{name} ({len(body)} bytes)" for name, body in sorted(files.items()))
        self.run.log(f"{phase.name}-solve", [f"{phase.name}: wrote {written}"])

    def _sums(self, phase: Phase[Any], prefix: str) -> Any:
        try:
            body = self.dataset.store.get(self._sums_key(phase, prefix)).body
        except ObjectMissing:
            self.observe(phase, prefix)
            body = self.dataset.store.get(self._sums_key(phase, prefix)).body
        return phase.sums.from_arrays(arrays.loads(body))

    def _sums_key(self, phase: Phase[Any], prefix: str) -> str:
        parts = (phase.name, str(phase.version), self.run.shard(prefix).digest, self.run.plan_digest(prefix))
        return keys.sums(phase.name, hashlib.sha256("/".join(parts).encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class PhaseSteps:
    """The actions of a phase's function.

    Parameters
    ----------
    make : callable
        From the run to the phase: some phases build on what others solved in the same run.
    """

    dataset: DatasetRepository
    make: Callable[[Run], Phase[Any]]

    def observe(self, step: Step) -> Mapping[str, Any]:
        """Sum one shard."""
        run = Run(self.dataset.store, step.run_id)
        PhaseRunner(run, self.dataset).observe(self.make(run), step.shard.prefix)
        return {}

    def solve(self, step: Step) -> Mapping[str, Any]:
        """Add all sums and write the patterns."""
        run = Run(self.dataset.store, step.run_id)
        PhaseRunner(run, self.dataset).solve(self.make(run))
        return {}


def _number(prefix: str) -> str:
    return prefix or "all"
