"""How long a training takes through the state machine, in an embedded cloud of its own."""

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local import cloud
from infra.local.endpoints import Endpoints
from shared.cli.executions import follow
from shared.storage import executions, keys
from shared.storage.concurrency import mapped
from shared.storage.config import settings
from shared.storage.records import dumps
from shared.storage.s3_store import S3Store
from shared.storage.standing import Standing
from tests.bench.table import console
from tests.synthetic_library import SyntheticLibrary

LOOK = 0.5
UPLOADS_AT_ONCE = 8


def rows(photos: int, seed: int, promised: float) -> Iterator[tuple[str, ...]]:
    """A line a step, as the state machine's history has them, then the whole execution."""
    with _running() as endpoints:
        _fill(S3Store(endpoints.library_bucket), photos, seed)
        console.print(f"[dim]  {photos:,} records are in the cloud[/]")
        execution = executions.start(endpoints.state_machine_arn, secrets.token_hex(4), {})
        started = time.perf_counter()
        standings = list(follow(execution, LOOK))
        seconds = time.perf_counter() - started
    last = standings[-1]
    for step in last.steps:
        taken = step.seconds
        yield f"{photos:,}", step.name, "" if taken is None else f"{taken:.1f} s", ""
    yield f"{photos:,}", f"whole execution: {_ended(last)}", f"{seconds:.1f} s", f"{promised:.0f} s"


def _ended(standing: Standing) -> str:
    return str(standing.output.get("status", standing.error or standing.status))


@contextmanager
def _running() -> Iterator[Endpoints]:
    """A cloud on a free port, found by this process's environment while it lives."""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="eye-bench-") as folder:
        os.environ["EYE_HOME"] = str(Path(folder) / "home")
        try:
            endpoints = cloud.up(port=0)
            os.environ.update(endpoints.environment())
            settings.cache_clear()
            yield endpoints
        finally:
            cloud.down()
            os.environ.clear()
            os.environ.update(before)
            settings.cache_clear()


def _fill(store: S3Store, photos: int, seed: int) -> None:
    bodies = ((keys.record(record.photo_id), dumps(record)) for record in SyntheticLibrary(photos, seed))
    for _ in mapped(lambda one: store.put(*one), bodies, UPLOADS_AT_ONCE):
        pass
