"""The functions as deployed, for tests: their buckets and state machine in moto, processes just started."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import _lru_cache_wrapper
from pathlib import Path
from typing import Any

import pytest
from moto import mock_aws

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


def make_resources() -> str:
    """Two empty buckets, and a training that has ended; returns the state machine's ARN."""
    for bucket in (UPLOADS, LIBRARY):
        aws.s3().create_bucket(Bucket=bucket)
    machine = aws.stepfunctions().create_state_machine(
        name=MACHINE,
        definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
        roleArn="arn:aws:iam::123456789012:role/training",
    )
    aws.stepfunctions().start_execution(stateMachineArn=machine["stateMachineArn"], name="example")
    return machine["stateMachineArn"]


@contextmanager
def moto_cloud() -> Iterator[None]:
    """Everything the functions need, in moto, as long as the block lasts."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        with mock_aws():
            start_anew()
            patch.setenv("STATE_MACHINE_ARN", make_resources())
            config.settings.cache_clear()
            yield
    start_anew()
