"""Executions of the state machines: start one, and tell whether one has ended."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.storage import aws

RUNNING = frozenset({"RUNNING", "PENDING_REDRIVE"})


def start(machine: str, name: str, value: Mapping[str, Any]) -> str:
    """Start an execution under a name; returns its ARN.

    Starting the same name with the same input again gives the execution that runs already.
    """
    client = aws.stepfunctions()
    body = json.dumps(value, sort_keys=True)
    return client.start_execution(stateMachineArn=machine, name=name, input=body)["executionArn"]


def ended(execution: str) -> bool:
    """Whether an execution has ended, or never was."""
    client = aws.stepfunctions()
    try:
        return client.describe_execution(executionArn=execution)["status"] not in RUNNING
    except (client.exceptions.ExecutionDoesNotExist, client.exceptions.InvalidArn):
        return True


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution in the list of a state machine's; `ended_at` is None while it runs."""

    arn: str
    name: str
    status: str
    started: datetime
    ended_at: datetime | None = None


def recent(machine: str, limit: int = 50) -> list[Execution]:
    """The last executions of a state machine, newest first; those of its maps are not among them."""
    answer = aws.stepfunctions().list_executions(stateMachineArn=machine, maxResults=limit)
    found = [
        Execution(one["executionArn"], one["name"], one["status"], one["startDate"], one.get("stopDate"))
        for one in answer["executions"]
    ]
    return sorted(found, key=lambda one: one.started, reverse=True)
