"""A whole training on a library that was poisoned, emptied, or honestly grown: what goes live, and why."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.domain.errors import EyeError
from shared.domain.record import OwnerWords, Record
from shared.services.scoring import score_live
from shared.storage.store import DirectoryStore
from tests.synthetic_library import NARROW, SyntheticLibrary
from tests.training_steps import TrainingSteps
from tests.unit.vision_fixtures import needs_models

pytestmark = [needs_models]
PHOTOS, AT_FIRST = 280, 240


@pytest.fixture(scope="module")
def library() -> list[Record]:
    return list(SyntheticLibrary(PHOTOS, widths=NARROW, worded=1.0))


@pytest.fixture(scope="module")
def trained(library: list[Record], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("trained")
    steps = TrainingSteps(DirectoryStore(folder))
    steps.fill(library[:AT_FIRST])
    assert steps.train("first")["status"] == "completed"
    return folder


@pytest.fixture
def steps(trained: Path, tmp_path: Path) -> TrainingSteps:
    """The trained library, to be changed."""
    shutil.copytree(trained, tmp_path / "library")
    return TrainingSteps(DirectoryStore(tmp_path / "library"))


def shuffled(records: list[Record]) -> list[Record]:
    """Every photo with the tags of another."""
    order = np.random.default_rng(5).permutation(len(records)).tolist()
    return [
        replace(record, owner=replace(record.owner, tags=records[other].owner.tags))
        for record, other in zip(records, order, strict=True)
    ]


def without_words(records: list[Record]) -> list[Record]:
    return [replace(record, owner=OwnerWords()) for record in records]


def report_of(steps: TrainingSteps, version: str) -> dict[str, Any]:
    body = steps.bundles.load(version).files["training_report.json"]
    report: dict[str, Any] = json.loads(body)
    return report


@pytest.mark.parametrize(
    ("spoil", "decided"),
    [(shuffled, "Tags, F1"), (without_words, "No photo with owner's words is left")],
)
def test_a_spoiled_library_is_not_promoted_over_a_good_bundle(
    steps: TrainingSteps,
    library: list[Record],
    spoil: Callable[[list[Record]], list[Record]],
    decided: str,
) -> None:
    live = steps.bundles.latest()
    steps.fill(spoil(library[:AT_FIRST]))

    ended = steps.train("spoiled")

    assert ended["status"] == "refused"
    still = steps.bundles.latest()
    assert live
    assert still
    assert still.version == live.version
    report = report_of(steps, ended["bundle"])
    assert report["status"] == "refused"
    assert any(reason.startswith(decided) for reason in report["gate"]["reasons"]), report["gate"]


def test_an_honest_retraining_is_promoted(steps: TrainingSteps, library: list[Record]) -> None:
    steps.fill(library)

    ended = steps.train("grown")

    now = steps.bundles.latest()
    assert ended["status"] == "completed"
    assert now
    assert now.version == ended["bundle"]
    assert not list(steps.store.list("sums/")), "sums of a finished training are kept"
    assert any(reason.startswith("Tags, F1") for reason in report_of(steps, now.version)["gate"]["reasons"])


def test_the_live_bundle_scores_on_its_held_out_photos_what_its_report_says(steps: TrainingSteps) -> None:
    live = steps.bundles.latest()
    assert live

    score = score_live(steps.store)

    assert score.version == live.version
    assert [comparison.plain() for comparison in score.comparisons] == report_of(steps, live.version)[
        "before_after"
    ]


def test_a_library_without_a_bundle_has_nothing_to_score(tmp_path: Path) -> None:
    with pytest.raises(EyeError, match="No bundle is live"):
        score_live(DirectoryStore(tmp_path))


def test_the_first_words_of_a_library_do_not_keep_it_from_going_live(
    library: list[Record], tmp_path: Path
) -> None:
    steps = TrainingSteps(DirectoryStore(tmp_path))
    steps.fill([library[0], *without_words(library[1:20])])

    assert steps.train("first")["status"] == "completed"
