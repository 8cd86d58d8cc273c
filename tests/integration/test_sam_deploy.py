"""`sam deploy` puts the template, unmodified and with an image that is named, where an endpoint says."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.local import install, server_process
from infra.local.endpoints import REGION, Endpoints
from infra.pinned import ROOT

pytestmark = pytest.mark.cloud

IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/photos:7"
GIVEN = {"ImageUri": IMAGE, "ApiTokenSha256": "0" * 64, "Monitoring": "off"}


@pytest.fixture
def endpoint(tmp_path: Path) -> Iterator[str]:
    """An embedded cloud with nothing in it."""
    install.install()
    port = server_process.free_port(None)
    server_process.start(port, tmp_path / "cloud", code=ROOT, python=Path(sys.executable), limit=1)
    yield f"http://127.0.0.1:{port}"
    server_process.stop(tmp_path / "cloud")


def client(service: str, endpoint: str) -> Any:
    return boto3.Session("test", "test", region_name=REGION).client(service, endpoint_url=endpoint)


def test_sam_deploys_the_template_with_an_image_that_is_named(endpoint: str, tmp_path: Path) -> None:
    sam = str(Path(sys.executable).with_name("sam"))
    named = [f"{name}={value}" for name, value in GIVEN.items()]
    where = ["--config-file", str(ROOT / "samconfig.toml"), "--template-file", "infra/template.yaml"]

    done = subprocess.run(
        [sam, "deploy", *where, "--no-confirm-changeset", "--parameter-overrides", *named],
        cwd=ROOT,
        env={
            **os.environ,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "SAM_CLI_TELEMETRY": "0",
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    (stack,) = client("cloudformation", endpoint).describe_stacks(StackName="avinash-eye")["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    assert Endpoints.of_stack(outputs, endpoint=endpoint, token="", pid=0, data=ROOT, temporary=True)
    functions = client("lambda", endpoint)
    names = [one["FunctionName"] for one in functions.list_functions()["Functions"]]
    images = {functions.get_function(FunctionName=name)["Code"]["ImageUri"] for name in names}
    assert images == {IMAGE}
    assert {"Key": "project", "Value": "avinash-eye"} in stack["Tags"]
