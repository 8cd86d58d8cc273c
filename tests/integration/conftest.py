"""Embedded clouds for the tests: one with the probes of the cloud itself, one with the real stack.

Each xdist worker that runs such a test starts its own, on a free port and in a temporary directory, and stops
it at its end. One cloud shared by all workers would need a lock, a count of users, and tests that keep out of
each other's queues; one a worker starts in about two seconds and shares nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

from infra.local import cloud as embedded
from infra.local import install, server_process
from infra.local.endpoints import Endpoints
from tests.integration.probe_cloud import ProbeCloud, start_server


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
