"""Embedded clouds for the tests: one with the probes of the cloud itself, one with the real stack.

Each xdist worker that runs such a test starts its own, on a free port and in a temporary directory, and stops
it at its end. One cloud shared by all workers would need a lock, a count of users, and tests that keep out of
each other's queues; one a worker starts in about two seconds and shares nothing.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from infra.local import cloud as embedded
from infra.local import install, server_process
from infra.local.deploy import deploy
from infra.local.endpoints import REGION, Endpoints

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
    return server_process.start(port, data, code=install.ROOT, python=Path(sys.executable), limit=3)


@pytest.fixture(scope="session")
def start_probes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], ProbeCloud]]:
    """Start a server of one's own, with the probes in it."""
    install.install()
    started: list[ProbeCloud] = []

    def start() -> ProbeCloud:
        data = tmp_path_factory.mktemp("cloud")
        port = server_process.free_port(None)
        cloud = ProbeCloud(data, port, start_server(port, data), {})
        started.append(cloud)
        cloud.deploy()
        return cloud

    yield start
    for cloud in started:
        server_process.stop(cloud.data)
        shutil.rmtree(cloud.data, ignore_errors=True)


@pytest.fixture(scope="session")
def probes(start_probes: Callable[[], ProbeCloud]) -> ProbeCloud:
    """The server that tests share which leave it as they found it."""
    return start_probes()


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """The real stack in an embedded cloud; its environment variables are set while the session lasts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EYE_HOME", str(tmp_path_factory.mktemp("home")))
        endpoints = embedded.up(port=0)
        for name, value in endpoints.environment().items():
            patch.setenv(name, value)
        yield endpoints
        embedded.down()
