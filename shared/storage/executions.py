"""Executions of the state machines: start one, and tell whether one has ended."""

import json
from collections.abc import Mapping
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
