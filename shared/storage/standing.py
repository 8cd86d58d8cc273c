"""Where an execution of a state machine stands: which steps run, which are done, and how it ended."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from shared.storage import aws

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions.type_defs import HistoryEventTypeDef

RUNNING = "RUNNING"


@dataclass(frozen=True, slots=True)
class Step:
    """One state of the machine that has been entered; `ended` is None while it runs."""

    name: str
    started: datetime
    ended: datetime | None = None

    @property
    def seconds(self) -> float | None:
        """How long it took; None while it runs."""
        return (self.ended - self.started).total_seconds() if self.ended else None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an execution stands.

    Attributes
    ----------
    status : str
        As Step Functions names it: RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED.
    steps : tuple of Step
        In the order they were entered.
    output : dict
        What it answered; empty while it runs and where it failed.
    error, cause : str
        Why it failed; empty otherwise.
    """

    status: str
    steps: tuple[Step, ...]
    output: dict[str, Any] = field(default_factory=dict)
    error: str = ""
    cause: str = ""

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.status == RUNNING


def look(execution: str) -> Standing:
    """Where an execution stands now."""
    client = aws.stepfunctions()
    described = client.describe_execution(executionArn=execution)
    pages = client.get_paginator("get_execution_history").paginate(
        executionArn=execution, includeExecutionData=False
    )
    steps = steps_of([event for page in pages for event in page["events"]])
    if described["status"] == RUNNING:
        return Standing(RUNNING, steps)
    output = json.loads(described.get("output") or "{}")
    return Standing(
        described["status"],
        steps,
        output if isinstance(output, dict) else {},
        described.get("error", ""),
        described.get("cause", ""),
    )


def steps_of(events: list["HistoryEventTypeDef"]) -> tuple[Step, ...]:
    """The steps in an execution's history, in the order they were entered."""
    steps: dict[str, Step] = {}
    for event in events:
        if entered := event.get("stateEnteredEventDetails"):
            steps[entered["name"]] = Step(entered["name"], event["timestamp"])
        elif exited := event.get("stateExitedEventDetails"):
            begun = steps.get(exited["name"])
            started = begun.started if begun else event["timestamp"]
            steps[exited["name"]] = Step(exited["name"], started, event["timestamp"])
    return tuple(steps.values())
