"""Phases of one training that run side by side in one process."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from shared.domain.dataset import Shard
from shared.domain.vectors import Array
from shared.learning.kernel import KernelMap
from shared.services import phases
from shared.services.phases import PhaseRunner
from shared.services.steps import Step
from shared.storage.runs import Run
from shared.storage.store import DirectoryStore
from tests.synthetic_library import SyntheticLibrary
from tests.training_steps import TrainingSteps


def test_phases_that_ask_at_once_have_the_pixels_mapped_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = TrainingSteps(DirectoryStore(tmp_path))
    steps.fill(SyntheticLibrary(30, seed=1))
    step = Step(action="export", run_id="first", execution="first")
    for export in (steps.export.plan, steps.export.shard, steps.export.count):
        export(step)
    run = Run(steps.store, "first")
    plan = run.plan("")
    mapped = []

    def slowly(shard: Shard, _kernel: KernelMap) -> Array:
        mapped.append(shard)
        time.sleep(0.2)
        return np.ones((len(shard), 3), dtype=np.float32)

    monkeypatch.setattr(phases, "map_shard", slowly)
    monkeypatch.setattr(phases, "plan_map", lambda _plan: None)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(PhaseRunner(run, steps.dataset).mapped_shard, "", plan) for _ in range(2)]

    assert len(mapped) == 1
    for one in asked:
        phi = one.result().mapped
        assert phi is not None
        np.testing.assert_array_equal(phi, np.ones((30, 3), dtype=np.float32))
