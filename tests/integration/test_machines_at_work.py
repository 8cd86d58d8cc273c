"""The product's own state machines take their steps in order and end in words, whatever the functions do."""

import json
import uuid
from typing import Any

import pytest

from infra.local.deploy import deploy
from tests.integration.probe_cloud import PROBES, ProbeCloud
from tests.integration.waiting import eventually

pytestmark = pytest.mark.cloud

PHASES = {"Categories", "Descriptions", "Faces", "SearchIndex"}


class Machines:
    """The two machines over functions that note what they are asked."""

    def __init__(self, cloud: ProbeCloud) -> None:
        self.outputs = deploy(cloud.endpoint, PROBES.with_name("machines.yaml"), stack="machines")
        self.s3, self.states = cloud.client("s3"), cloud.client("stepfunctions")

    def run(self, machine: str, name: str, asked: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        """Run an execution; returns how it ended, and what each function was asked in the order of time."""
        run = f"{name}-{uuid.uuid4().hex[:8]}"
        arn = self.states.start_execution(
            stateMachineArn=self.outputs[machine], name=run, input=json.dumps(asked)
        )["executionArn"]

        def ended() -> dict[str, Any] | None:
            execution: dict[str, Any] = self.states.describe_execution(executionArn=arn)
            return None if execution["status"] == "RUNNING" else execution

        execution = eventually(ended, seconds=90)
        assert execution is not None, "the execution did not end"
        bucket = self.outputs["Notes"]
        keys = sorted(
            item["Key"] for item in self.s3.list_objects_v2(Bucket=bucket, Prefix=f"{run}/")["Contents"]
        )
        return execution, [
            json.loads(self.s3.get_object(Bucket=bucket, Key=key)["Body"].read()) for key in keys
        ]


@pytest.fixture(scope="module")
def machines(probes: ProbeCloud) -> Machines:
    return Machines(probes)


def steps(asked: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(one["role"], one["action"]) for one in asked]


def test_a_training_exports_learns_improves_and_reports_in_this_order(machines: Machines) -> None:
    execution, asked = machines.run("Training", "whole", {"limit": 5})

    assert execution["status"] == "SUCCEEDED"
    run = asked[0]["run_id"]
    assert json.loads(execution["output"]) == {"status": "completed", "run_id": run}
    taken = steps(asked)
    assert taken[:4] == [("Export", "plan"), ("Export", "shard"), ("Export", "shard"), ("Export", "count")]
    assert sorted(taken[4:16]) == sorted(
        (phase, action) for phase in PHASES for action in ("observe", "observe", "solve")
    )
    assert taken[16:] == [("ImprovedDescriptions", "observe")] * 2 + [
        ("ImprovedDescriptions", "solve"),
        ("Report", "publish"),
    ]
    assert all(one["run_id"] == run for one in asked)
    assert {one["shard"]["prefix"] for one in asked if one["action"] == "observe"} == {"0", "1"}
    for one in (asked[0], asked[-1]):
        assert one["input"] == {"limit": 5}
        assert one["execution"] == execution["executionArn"]


def test_a_second_training_ends_as_busy(machines: Machines) -> None:
    execution, asked = machines.run("Training", "busy", {})

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"])["status"] == "busy"
    assert steps(asked) == [("Export", "plan")]


def test_a_training_with_nothing_new_ends_after_the_count(machines: Machines) -> None:
    execution, asked = machines.run("Training", "nothing", {})

    assert execution["status"] == "SUCCEEDED"
    assert json.loads(execution["output"])["status"] == "nothing_new"
    assert steps(asked)[-1] == ("Export", "count")


@pytest.mark.parametrize(
    ("action", "error"),
    [
        ("plan", "Poisoned"),
        ("shard", "States.ExceedToleratedFailureThreshold"),
        ("count", "Poisoned"),
        ("observe", "States.ExceedToleratedFailureThreshold"),
        ("solve", "Poisoned"),
        ("publish", "Poisoned"),
    ],
)
def test_a_step_that_fails_is_recorded_and_fails_the_training_in_its_own_name(
    machines: Machines, action: str, error: str
) -> None:
    execution, asked = machines.run("Training", f"fail-{action}", {})

    assert (execution["status"], execution["error"]) == ("FAILED", error)
    last = asked[-1]
    assert (last["role"], last["action"]) == ("Report", "fail")
    assert last["error"]["Error"] == error
    assert last["execution"] == execution["executionArn"]


def test_reprocessing_plans_enhances_every_shard_and_finishes(machines: Machines) -> None:
    execution, asked = machines.run("Reprocessing", "whole", {})

    assert execution["status"] == "SUCCEEDED"
    assert [one["action"] for one in asked] == ["plan", "shard", "shard", "finish"]


def test_reprocessing_fails_in_the_name_of_what_failed(machines: Machines) -> None:
    execution, _ = machines.run("Reprocessing", "fail-finish", {})

    assert (execution["status"], execution["error"]) == ("FAILED", "Poisoned")
