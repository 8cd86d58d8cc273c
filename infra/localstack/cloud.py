"""Start LocalStack, deploy the stack into it, and stop it."""

from __future__ import annotations

import hashlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from infra.local import server_process
from infra.local.deploy import deploy
from infra.local.endpoints import Endpoints
from infra.localstack.install import SERVER
from infra.pinned import ROOT
from shared.domain.errors import EyeError

TEMPLATE = ROOT / "infra" / "template.yaml"
_START_SECONDS, _STOP_SECONDS = 120.0, 15.0


@contextmanager
def running(data: Path) -> Iterator[Endpoints]:
    """LocalStack with the stack in it, as long as the block lasts.

    Parameters
    ----------
    data
        Where its state, objects and logs go.

    Raises
    ------
    EyeError
        When it does not come up or the template does not deploy.
    """
    port = server_process.free_port(None)
    endpoint = f"http://127.0.0.1:{port}"
    token = secrets.token_urlsafe(24)
    log = data / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            [
                *(str(SERVER.python), "-m", "infra.localstack.server", "--port", str(port)),
                *("--data", str(data), "--code", str(ROOT), "--python", sys.executable),
            ],
            cwd=data,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await(process, endpoint, log)
        local = {"ApiTokenSha256": hashlib.sha256(token.encode()).hexdigest(), "Monitoring": "off"}
        outputs = deploy(endpoint, TEMPLATE, local)
        yield Endpoints.of_stack(
            outputs, endpoint=endpoint, token=token, pid=process.pid, data=data, temporary=True
        )
    finally:
        _stop(process)


def _await(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if server_process.answers(endpoint, "/_localstack/health"):
            return
        time.sleep(0.2)
    last = log.read_text(errors="replace").strip().splitlines()[-5:]
    raise EyeError(f"LocalStack did not start: {' / '.join(last) or 'its log is empty'} ({log}).")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask it to end, and end it where it does not: about one in three never does by itself."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
