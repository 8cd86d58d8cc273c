"""A server with the probes of the embedded cloud in it."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from infra.local import server_process
from infra.local.deploy import deploy
from infra.local.endpoints import REGION
from infra.pinned import ROOT

PROBES = Path(__file__).with_name("probes") / "template.yaml"


@dataclass
class ProbeCloud:
    """A server with the probes deployed into it."""

    data: Path
    port: int
    pid: int
    outputs: dict[str, str]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, service: str) -> Any:
        session = boto3.Session("test", "test", region_name=REGION)
        signing = Config(signature_version="s3v4" if service == "s3" else None)
        return session.client(service, endpoint_url=self.endpoint, config=signing)

    def deploy(self, **parameters: str) -> None:
        self.outputs = deploy(self.endpoint, PROBES, parameters, stack="probes")

    def start_again(self) -> None:
        self.pid = start_server(self.port, self.data)


def start_server(port: int, data: Path) -> int:
    return server_process.start(port, data, code=ROOT, python=Path(sys.executable), limit=3)
