"""Following a training: its phases at any moment, and how a failure is told."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console

from shared.cli import phases
from shared.cli.training import _message
from shared.storage.standing import RUNNING, Standing, Step

START = datetime.now(UTC) - timedelta(seconds=20)


def step(name: str, start: float, end: float | None = None) -> Step:
    ended = None if end is None else START + timedelta(seconds=end)
    return Step(name, START + timedelta(seconds=start), ended)


def shown(standing: Standing, width: int = 80) -> dict[str, str]:
    console = Console(width=width)
    with console.capture() as capture:
        console.print(phases.table(standing, phases.TRAINING))
    lines = capture.get().splitlines()
    assert len(lines) == len(phases.TRAINING)
    return {name: line for line in lines for name, _, _ in phases.TRAINING if name in line}


def test_phases_wait_run_and_end() -> None:
    steps = (
        step("Plan", 0, 1),
        step("ExportShards", 1, 2),
        step("Count", 2, 3),
        step("Learn", 3),
        step("ObserveFaces", 3, 4),
        step("SolveFaces", 4, 6.5),
        step("ObserveCategories", 3),
    )
    lines = shown(Standing(RUNNING, steps))
    assert "✓" in lines["Export"]
    assert "3.0 s" in lines["Export"]
    assert "3.5 s" in lines["3 Faces"]
    assert "✓" not in lines["1 Categories"]
    assert "·" in lines["Report"]


def test_an_engine_that_hides_branches_shows_the_parallel_state() -> None:
    lines = shown(Standing(RUNNING, (step("Plan", 0, 1), step("Learn", 1, 5))))
    assert all(
        "4.0 s" in lines[name] for name in ("1 Categories", "2 Descriptions", "3 Faces", "4 Search index")
    )
    assert "·" in lines["5 Improved descriptions"]


def test_what_ran_when_a_training_failed_is_marked() -> None:
    lines = shown(Standing("FAILED", (step("Plan", 0, 1), step("ExportShards", 1))))
    assert "✗" in lines["Export"]


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (
            '{"errorMessage": "no such bucket", "errorType": "StoreUnavailable", "stackTrace": []}',
            "no such bucket",
        ),
        ("plain words", "plain words"),
        ('["a list"]', '["a list"]'),
        ("", ""),
    ],
)
def test_a_cause_is_told_without_its_stack(cause: str, said: str) -> None:
    assert _message(cause) == said
