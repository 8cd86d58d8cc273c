"""The functions as deployed, for tests: their buckets and state machine in moto, processes just started."""

import hashlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from infra.local import install, server_process
from shared.services import wiring
from shared.services.api import access
from shared.services.api import settings as api_settings
from shared.services.api import wiring as api_wiring
from shared.storage import aws, config
from tests.unit.vision_fixtures import MODELS

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
UPLOADS, LIBRARY = "avinash-eye-uploads", "avinash-eye-library"
PHASES = ("categories", "descriptions", "faces", "search_index", "improved_descriptions")
MACHINE = "avinash-eye-training"
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "UPLOADS_BUCKET": UPLOADS,
    "LIBRARY_BUCKET": LIBRARY,
    "LATEST_SECONDS": "0",
    "MODELS_DIR": str(MODELS),
    "API_TOKEN_SHA256": hashlib.sha256(b"example").hexdigest(),
    "POWERTOOLS_TRACE_DISABLED": "1",
}


def sample(function: str, name: str = "event") -> Any:
    """What a function's folder says it receives, or answers."""
    return json.loads((FUNCTIONS / function / f"{name}.json").read_text(encoding="utf-8"))


def start_anew() -> None:
    """Forget what a warm process holds: settings, clients, and services put together from them."""
    for module in (config, aws, wiring, access, api_settings, api_wiring):
        for found in vars(module).values():
            if isinstance(found, _lru_cache_wrapper):
                found.cache_clear()


def make_resources() -> tuple[str, str]:
    """Two empty buckets, and a training under way; returns the state machine's ARN and the execution's."""
    for bucket in (UPLOADS, LIBRARY):
        aws.s3().create_bucket(Bucket=bucket)
    trust = {"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = boto3.client("iam", endpoint_url=aws.local_endpoint()).create_role(
        RoleName="training",
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
    machine = aws.stepfunctions().create_state_machine(
        name=MACHINE,
        definition='{"StartAt": "Go", "States": {"Go": {"Type": "Wait", "Seconds": 9000, "End": true}}}',
        roleArn=role["Role"]["Arn"],
    )["stateMachineArn"]
    execution = aws.stepfunctions().start_execution(stateMachineArn=machine, name="example")
    return machine, execution["executionArn"]


@contextmanager
def _settings(**more: str) -> Iterator[pytest.MonkeyPatch]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        for name, value in {**SETTINGS, **more}.items():
            patch.setenv(name, value)
        start_anew()
        yield patch
    start_anew()


@contextmanager
def moto_cloud() -> Iterator[str]:
    """Everything the functions need, in moto, as long as the block lasts; gives the training's execution."""
    with _settings() as patch, mock_aws():
        machine, execution = make_resources()
        patch.setenv("STATE_MACHINE_ARN", machine)
        config.settings.cache_clear()
        yield execution


@contextmanager
def embedded_cloud(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The same in a server of its own, for functions in other processes, who need the variables given."""
    install.install()
    port = server_process.free_port(0)
    server_process.start(port, folder / "cloud", code=ROOT, python=Path(sys.executable), limit=1)
    given = {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": "us-east-1"}
    given |= {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    try:
        with _settings(**given) as patch:
            machine, execution = make_resources()
            patch.setenv("STATE_MACHINE_ARN", machine)
            config.settings.cache_clear()
            yield execution, {**given, "STATE_MACHINE_ARN": machine}
    finally:
        server_process.stop(folder / "cloud")
