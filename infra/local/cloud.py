"""Start, find and stop the embedded cloud of a checkout."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local import install, server_process
from infra.local.deploy import deploy
from infra.local.endpoints import Endpoints, forget, recall, remember
from infra.pinned import ROOT
from shared.domain.errors import EyeError

TEMPLATE = ROOT / "infra" / "template.yaml"
PORT = 4566
_FEWEST_AT_ONCE, _MOST_AT_ONCE = 2, 4


@dataclass(frozen=True)
class Status:
    """What is known of this checkout's cloud.

    Attributes
    ----------
    running
        Whether its server lives and answers.
    endpoints
        Where it is, or was; ``None`` when none was ever started here.
    """

    running: bool
    endpoints: Endpoints | None


def status() -> Status:
    """Look for the cloud this checkout started."""
    known = recall()
    if known is None:
        return Status(running=False, endpoints=None)
    alive = server_process.owner(known.data) == known.pid and server_process.answers(known.endpoint)
    return Status(running=alive, endpoints=known)


def up(
    data: Path | None = None,
    port: int | None = None,
    *,
    template: Path = TEMPLATE,
    parameters: Mapping[str, str] | None = None,
) -> Endpoints:
    """Start the embedded cloud and deploy the stack into it; a running one is brought up to date.

    Parameters
    ----------
    data
        Where state survives a restart; a temporary directory, removed by :func:`down`, when ``None``.
    port
        Where to listen on 127.0.0.1: 4566 when ``None``, and any free port when that is taken; 0 for any.
    template
        The SAM template to deploy.
    parameters
        Its parameters, where they differ from the defaults for a local machine.

    Returns
    -------
    Endpoints
        Where everything is; also written below ``.eye/``.

    Raises
    ------
    EyeError
        When it cannot be installed, started or deployed, or runs already with other data.
    """
    found = status()
    if found.running and found.endpoints is not None:
        return _redeploy(found.endpoints, data, template, parameters)
    install.install()
    temporary = data is None
    where = Path(tempfile.mkdtemp(prefix="eye-")) if data is None else data.resolve()
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    chosen = server_process.free_port(PORT if port is None else port)
    try:
        pid = server_process.start(chosen, where, code=ROOT, python=Path(sys.executable), limit=_at_once())
        endpoints = _deployed(f"http://127.0.0.1:{chosen}", pid, where, temporary, template, parameters)
    except BaseException:
        _discard(where, temporary=temporary)
        raise
    remember(endpoints)
    return endpoints


def _redeploy(
    running: Endpoints, data: Path | None, template: Path, parameters: Mapping[str, str] | None
) -> Endpoints:
    if data is not None and data.resolve() != running.data:
        raise EyeError(f"The embedded cloud runs already with {running.data}: run `eye down` first.")
    endpoints = _deployed(
        running.endpoint, running.pid, running.data, running.temporary, template, parameters
    )
    remember(endpoints)
    return endpoints


def _deployed(
    endpoint: str, pid: int, data: Path, temporary: bool, template: Path, parameters: Mapping[str, str] | None
) -> Endpoints:
    token = _token(data)
    local = {"ApiTokenSha256": hashlib.sha256(token.encode()).hexdigest(), "Monitoring": "off"}
    outputs = deploy(endpoint, template, {**local, **(parameters or {})})
    return Endpoints.of_stack(
        outputs, endpoint=endpoint, token=token, pid=pid, data=data, temporary=temporary
    )


def _token(data: Path) -> str:
    path = data / "token"
    if not path.is_file():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return path.read_text()


def _at_once() -> int:
    return max(_FEWEST_AT_ONCE, min(_MOST_AT_ONCE, os.cpu_count() or _FEWEST_AT_ONCE))


def _discard(data: Path, *, temporary: bool) -> bool:
    stopped = server_process.stop(data)
    if temporary:
        shutil.rmtree(data, ignore_errors=True)
    return stopped


def down() -> bool:
    """Stop the cloud this checkout started, with every function's process, and remove it if it was temporary.

    Returns
    -------
    bool
        Whether it was running.
    """
    known = recall()
    if known is None:
        return False
    stopped = _discard(known.data, temporary=known.temporary)
    forget()
    return stopped
