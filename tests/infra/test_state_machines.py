"""The state machines keep to what runs alike on AWS and on every emulator, and fail in words."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.domain import errors

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
PROCESS_ENDED = ["Sandbox.Timedout", "Runtime.ExitError", "Lambda.Unknown"]
Machine = tuple[str, dict[str, Any]]


def every_state(states: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All states, those in maps and branches included."""
    for name, state in states.items():
        yield name, state
        for inner in [state.get("ItemProcessor"), *state.get("Branches", [])]:
            if inner:
                yield from every_state(inner["States"])


def of_type(machine: Machine, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [(name, state) for name, state in every_state(machine[1]["States"]) if state["Type"] == kind]


def test_statelint_finds_nothing(machine: Machine) -> None:
    path = ROOT / "infra" / "statemachine" / f"{machine[0]}.asl.json"

    result = subprocess.run(
        [str(Path(sys.executable).parent / "statelint"), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )

    said = [line.strip() for line in result.stdout.splitlines() if line.startswith(" ")]
    # Its grammar is older than ReaderConfig's InputType, which every Map over JSON needs.
    assert [line for line in said if 'Field "InputType" not allowed' not in line] == []


def test_state_names_are_unique_across_maps_and_branches(machine: Machine) -> None:
    names = [name for name, _ in every_state(machine[1]["States"])]

    assert len(names) == len(set(names))


def test_every_map_is_bounded_reads_a_pointer_and_keeps_nothing(machine: Machine) -> None:
    for name, state in of_type(machine, "Map"):
        assert 1 <= state["MaxConcurrency"] <= 40, name
        assert state["ItemReader"]["Parameters"] == {"Bucket.$": "$.bucket", "Key.$": "$.shards_key"}
        assert state["ItemProcessor"]["ProcessorConfig"] == {
            "Mode": "DISTRIBUTED",
            "ExecutionType": "STANDARD",
        }
        assert state["ResultPath"] is None
        ((_, child),) = state["ItemProcessor"]["States"].items()
        assert child["ResultSelector"] == {}, f"{name}'s children end in a constant {{}}"


def test_every_task_gives_up_at_once_on_what_retrying_cannot_mend(machine: Machine) -> None:
    for name, task in of_type(machine, "Task"):
        first, *others = task["Retry"]
        assert first["MaxAttempts"] == 0, name
        assert all(retry["JitterStrategy"] == "FULL" for retry in others)
        retried = {error for retry in others for error in retry["ErrorEquals"]}
        assert {
            "StoreUnavailable",
            "LostRace",
            "TransientError",
            "Lambda.TooManyRequestsException",
        } <= retried
        (ended,) = (retry for retry in others if retry["ErrorEquals"] == PROCESS_ENDED)
        assert ended["MaxAttempts"] == 1


def test_every_error_named_is_one_that_the_code_raises(machine: Machine) -> None:
    named = {
        error
        for _, state in every_state(machine[1]["States"])
        for rule in [*state.get("Retry", []), *state.get("Catch", [])]
        for error in rule["ErrorEquals"]
        if "." not in error
    }

    assert named
    assert all(issubclass(getattr(errors, name), errors.EyeError) for name in named)


def test_whatever_fails_is_caught_and_ends_in_the_error_s_own_name(machine: Machine) -> None:
    name, definition = machine
    states = definition["States"]

    for step, state in states.items():
        if state["Type"] in ("Task", "Map", "Parallel"):
            (catch,) = state["Catch"]
            assert catch["ErrorEquals"] == ["States.ALL"], step
            wanted = "RecordFailure" if name == "training" and step != "RecordFailure" else "Failed"
            assert catch["Next"] == wanted
    assert states["Failed"] == {"Type": "Fail", "ErrorPath": "$.error.Error", "CausePath": "$.error.Cause"}


def test_only_what_every_engine_runs_alike_is_used(machine: Machine) -> None:
    text = (ROOT / "infra" / "statemachine" / f"{machine[0]}.asl.json").read_text()

    for feature in ("ItemBatcher", "ResultWriter", "MaxItems", "aws-sdk", "JSONata", "listObjectsV2"):
        assert feature not in text
    assert all(task["Resource"] == "arn:aws:states:::lambda:invoke" for _, task in of_type(machine, "Task"))


def test_the_template_substitutes_exactly_what_the_machine_names(
    machine: Machine, resources: dict[str, Any]
) -> None:
    name, _ = machine
    logical = {"training": "Training", "reprocess": "Reprocessing"}[name]
    text = (ROOT / "infra" / "statemachine" / f"{name}.asl.json").read_text()

    assert set(re.findall(r"\$\{(\w+)\}", text)) == set(
        resources[logical]["Properties"]["DefinitionSubstitutions"]
    )


def test_every_step_is_documented(machine: Machine) -> None:
    documented = (ROOT / "docs" / "statemachine.md").read_text()

    for name, _ in of_type(machine, "Task"):
        assert re.sub(r"^(Sum|Solve)\w+", r"\1…", name) in documented, name
