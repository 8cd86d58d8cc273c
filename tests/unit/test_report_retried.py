"""A report that is taken again goes on where it stopped, and promotes only over what it was compared with."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.services.report import Report
from shared.services.steps import Step
from shared.storage.bundle import version_name
from shared.storage.bundles import BundleRepository
from shared.storage.dataset import DatasetRepository
from shared.storage.locks import TrainingLock
from shared.storage.runs import Run
from shared.storage.store import DirectoryStore

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
RUN = "page-01KAA0000000000000000000AB"


def published(store: DirectoryStore, compared_with: str | None) -> str:
    """A bundle whose training stopped before it was promoted."""
    version = version_name(RUN, NOW)
    about: dict[str, Any] = {"status": "completed", "reasons": ["better"], "compared_with": compared_with}
    BundleRepository(store).publish(version, RUN, {"a.json": b"{}"}, about)
    Run(store, RUN).put_json("input.json", {"input": {}, "started_at": NOW.isoformat()})
    return version


def take_again(store: DirectoryStore) -> str:
    lock = TrainingLock(store, lambda _execution: False)
    lock.acquire(RUN)
    report = Report(store, DatasetRepository(store), BundleRepository(store), lock)
    step = Step(action="publish", run_id=RUN, execution=RUN)
    return str(report.publish(step)["status"])


def test_a_report_taken_again_promotes_over_what_it_was_compared_with(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    version = published(store, None)

    assert take_again(store) == "completed"
    alias = BundleRepository(store).alias()
    assert alias is not None
    assert alias.version == version


def test_a_report_taken_again_never_promotes_over_another_bundle(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    bundles = BundleRepository(store)
    bundles.publish("by-hand", "another", {"a.json": b"{}"}, {})
    bundles.promote("by-hand", None)
    published(store, "another etag")

    assert take_again(store) == "refused"
    alias = bundles.alias()
    assert alias is not None
    assert alias.version == "by-hand"
