"""Deploy a SAM template the way `sam deploy` does: upload what it points to, then a change set."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, WaiterError

from infra.local.endpoints import REGION, STACK
from shared.domain.errors import EyeError

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import WaiterConfigTypeDef
    from mypy_boto3_s3 import S3Client

_ARTIFACTS = "eye-artifacts"
_DEFINITION = re.compile(r"^(?P<key>\s*DefinitionUri:\s*)(?P<path>[\w./-]+\.json)\s*$", re.MULTILINE)
_CONFIG = Config(retries={"mode": "standard", "max_attempts": 3}, read_timeout=120)


def deploy(
    endpoint: str, template: Path, parameters: Mapping[str, str] | None = None, *, stack: str = STACK
) -> dict[str, str]:
    """Create a stack from a template, or bring it up to date.

    Parameters
    ----------
    endpoint
        The address of every AWS service.
    template
        A SAM template; the state machines its `DefinitionUri` lines name are uploaded from beside it.
    parameters
        Values that differ from the template's defaults.
    stack
        The stack's name.

    Returns
    -------
    dict
        The stack's outputs.

    Raises
    ------
    EyeError
        When CloudFormation refuses or rolls back, with its reasons.
    """
    session = boto3.Session("test", "test", region_name=REGION)
    formation = session.client("cloudformation", endpoint_url=endpoint, config=_CONFIG)
    try:
        body = _package(session.client("s3", endpoint_url=endpoint, config=_CONFIG), template)
        _apply(formation, stack, body, parameters or {})
        described = formation.describe_stacks(StackName=stack)["Stacks"][0]
    except (ClientError, BotoCoreError) as error:
        raise EyeError(f"{template} could not be deployed: {error}") from error
    return {output["OutputKey"]: output["OutputValue"] for output in described.get("Outputs", [])}


def _package(s3: S3Client, template: Path) -> str:
    s3.create_bucket(Bucket=_ARTIFACTS)

    def uploaded(match: re.Match[str]) -> str:
        definition = (template.parent / match["path"]).read_bytes()
        key = f"{hashlib.sha256(definition).hexdigest()}.asl.json"
        s3.put_object(Bucket=_ARTIFACTS, Key=key, Body=definition)
        return f"{match['key']}s3://{_ARTIFACTS}/{key}"

    return _DEFINITION.sub(uploaded, template.read_text())


def _exists(formation: CloudFormationClient, stack: str) -> bool:
    try:
        found = formation.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as error:
        if "does not exist" in str(error):
            return False
        raise
    return found[0]["StackStatus"] != "REVIEW_IN_PROGRESS"


def _apply(formation: CloudFormationClient, stack: str, body: str, parameters: Mapping[str, str]) -> None:
    update = _exists(formation, stack)
    change = f"eye-{time.time_ns()}"
    formation.create_change_set(
        StackName=stack,
        ChangeSetName=change,
        ChangeSetType="UPDATE" if update else "CREATE",
        TemplateBody=body,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    )
    wait: WaiterConfigTypeDef = {"Delay": 1, "MaxAttempts": 120}
    try:
        formation.get_waiter("change_set_create_complete").wait(
            StackName=stack, ChangeSetName=change, WaiterConfig=wait
        )
    except WaiterError:
        reason = formation.describe_change_set(StackName=stack, ChangeSetName=change).get("StatusReason", "")
        if "didn't contain changes" in reason or "No updates" in reason:
            formation.delete_change_set(StackName=stack, ChangeSetName=change)
            return
        raise EyeError(f"CloudFormation refused the template: {reason}") from None
    formation.execute_change_set(StackName=stack, ChangeSetName=change)
    finished = formation.get_waiter("stack_update_complete" if update else "stack_create_complete")
    try:
        finished.wait(StackName=stack, WaiterConfig=wait)
    except WaiterError:
        raise EyeError(f"The stack {stack} was not deployed: {_reasons(formation, stack)}") from None


def _reasons(formation: CloudFormationClient, stack: str) -> str:
    events = formation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [event for event in events if event.get("ResourceStatus", "").endswith("FAILED")]
    said = [f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}" for event in failed]
    return "; ".join(said) or "no resource gave a reason"
