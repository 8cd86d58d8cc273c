"""Embedded clouds for the tests: some with the probes of the cloud itself, some with the real stack.

Each file of tests starts its own, on a free port and in a temporary directory, and stops it at its end. It
starts in about two seconds, and no file finds what another left.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from infra.local import cloud as embedded
from infra.local import install, server_process
from infra.local.endpoints import Endpoints
from infra.localstack import cloud as localstack
from infra.localstack import install as localstack_install
from shared.storage.config import settings
from tests.integration.probe_cloud import ProbeCloud, start_server

ENGINES = ("embedded", "localstack")


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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=ENGINES, default=ENGINES[0], help="what the real stack runs in")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out on another engine what it lacks; each such test says why."""
    engine = config.getoption("--engine")
    for item in items:
        for mark in item.iter_markers("embedded_alone"):
            if engine != ENGINES[0]:
                item.add_marker(pytest.mark.skip(reason=f"{engine}: {mark.args[0]}"))


@contextmanager
def embedded_cloud(_folder: Path) -> Iterator[Endpoints]:
    """The cloud that `eye up` starts."""
    try:
        yield embedded.up(port=0)
    finally:
        embedded.down()


@contextmanager
def localstack_cloud(folder: Path) -> Iterator[Endpoints]:
    """LocalStack without a container; what it lacks `infra.localstack.gaps` says."""
    if localstack_install.base() is None:
        pytest.skip("LocalStack needs Python 3.13, and there is none on this machine")
    localstack_install.install()
    with localstack.running(folder) as endpoints:
        yield endpoints


@pytest.fixture(scope="module")
def cloud(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """The real stack in an engine; its environment variables are set while the file's tests run."""
    start = {"embedded": embedded_cloud, "localstack": localstack_cloud}
    folder = tmp_path_factory.mktemp("cloud")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EYE_HOME", str(folder / "home"))
        with start[request.config.getoption("--engine")](folder) as endpoints:
            for name, value in endpoints.environment().items():
                patch.setenv(name, value)
            settings.cache_clear()
            yield endpoints
    settings.cache_clear()
