"""Embedded clouds for the tests: some with the probes of the cloud itself, some with the real stack.

Each file of tests starts its own, on a free port and in a temporary directory, and stops it at its end. It
starts in about two seconds, and no file finds what another left.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator

import pytest

from infra.local import cloud as embedded
from infra.local import install, server_process
from infra.local.endpoints import Endpoints
from shared.storage.config import settings
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


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """The real stack in an embedded cloud; its environment variables are set while the file's tests run."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EYE_HOME", str(tmp_path_factory.mktemp("home")))
        endpoints = embedded.up(port=0)
        for name, value in endpoints.environment().items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield endpoints
        embedded.down()
    settings.cache_clear()
