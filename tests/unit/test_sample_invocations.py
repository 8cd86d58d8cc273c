"""What lies in `events/` is taken by the function it is for: what `sam local invoke` shows is so."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.domain.record import Status
from shared.services import wiring
from shared.storage import keys
from tests.unit.deployed import UPLOADS, moto_cloud
from tests.unit.test_events import EVENTS, KEYS
from tests.unit.transports import InProcess

BATCH, DELETED = "eventbridge_batch", "deleted"


@pytest.fixture(scope="module", autouse=True)
def _cloud() -> Iterator[None]:
    """Every function over an empty library."""
    with moto_cloud():
        yield


def invoke(function: str, path: Path) -> Any:
    return InProcess().call(function, json.loads(path.read_text(encoding="utf-8")))


def files(folder: str) -> list[Path]:
    return sorted((EVENTS / folder).glob("*.json"))


@pytest.mark.parametrize("path", files("s3"), ids=lambda path: path.stem)
def test_analyze_looks_at_what_a_sample_event_names(path: Path) -> None:
    way, _, name = path.stem.partition("_")
    named = list(KEYS.values()) if path.stem == BATCH else [KEYS["spaces" if name == DELETED else name]]

    answer = invoke("analyze", path)

    whole = {"batchItemFailures": []} if way == "eventbridge" else {"outcomes": ["deleted"]}
    assert answer == whole, "nothing stands at the key here, which is a deletion"
    for key in named:
        stored = wiring.records().get(keys.photo_id(UPLOADS, key))
        assert stored is not None
        assert (stored.record.origin.key, stored.record.status) == (key, Status.DELETED)


@pytest.mark.parametrize("name", ["schedule", "changes"])
def test_retrain_answers_the_schedule_and_the_quarter_hour(name: str) -> None:
    answer = invoke("retrain", EVENTS / f"{name}.json")

    assert answer["start"] is False
    assert answer["reasons"]


@pytest.mark.parametrize("path", files("training"), ids=lambda path: path.stem)
def test_export_plans_a_training_of_a_sample_input(path: Path) -> None:
    step = {"action": "plan", "run_id": path.stem, "execution": path.stem}

    answer = InProcess().call("export", {**step, "input": json.loads(path.read_text(encoding="utf-8"))})
    wiring.lock().release(path.stem)

    assert (answer["status"], answer["run_id"]) == ("planned", path.stem)


def test_no_sample_is_forgotten_here() -> None:
    tested = {*files("s3"), *files("training"), EVENTS / "schedule.json", EVENTS / "changes.json"}

    assert set(EVENTS.rglob("*.json")) == tested
