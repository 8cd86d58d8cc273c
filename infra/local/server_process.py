"""Start and stop the server's process, and never another's."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from infra.local import install
from infra.pinned import ROOT
from shared.domain.errors import EyeError

_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


def owner(data: Path) -> int | None:
    """Return the pid of the server that uses a data directory, or ``None``.

    The server holds a lock on ``server.lock`` as long as it lives, and the system lets go of it when
    the server ends, so a pid that was given to another process since is never returned.
    """
    try:
        file = os.open(data / "server.lock", os.O_RDWR)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return int(os.pread(file, 32, 0) or b"0") or None
    finally:
        os.close(file)
    return None


def free_port(preferred: int | None) -> int:
    """Return `preferred` if nothing listens there, else any free port of the loopback address."""
    for port in (preferred or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise EyeError("No port of 127.0.0.1 is free: stop a program that listens, then try again.")


def start(
    port: int, data: Path, *, code: Path, python: Path, limit: int, module: str = "infra.local.server"
) -> int:
    """Start a server in the background and wait until it answers.

    Parameters
    ----------
    port
        Where it listens on 127.0.0.1.
    data
        Its state, objects and logs; made if it is not there.
    code
        The task root of the functions.
    python
        The interpreter the functions run in.
    limit
        How many invocations of one function run at a time.
    module
        What serves: a test may bring a server of its own.

    Returns
    -------
    int
        Its pid.

    Raises
    ------
    EyeError
        When it did not come up, with the end of its log.
    """
    (data / "tmp").mkdir(mode=0o700, parents=True, exist_ok=True)
    log = data / "server.log"
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603
            [
                *(
                    str(install.SERVER.python),
                    "-m",
                    module,
                    "--port",
                    str(port),
                    "--data",
                    str(data),
                ),
                *("--code", str(code), "--python", str(python), "--limit", str(limit)),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **_credentials()},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    end = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < end:
        if answers(f"http://127.0.0.1:{port}") and owner(data) == process.pid:
            return process.pid
        time.sleep(0.05)
    if process.poll() is None:
        process.kill()
        process.wait()
    last = log.read_text(errors="replace").strip().splitlines()[-5:]
    raise EyeError(f"The embedded cloud did not start: {' / '.join(last) or 'its log is empty'} ({log}).")


def _credentials() -> dict[str, str]:
    """Return the credentials that sign for the emulator, so that an account's own never reach it."""
    return {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_SESSION_TOKEN": "",
    }


def answers(endpoint: str, health: str = "/_ministack/health") -> bool:
    """Tell whether a server answers at an address."""
    try:
        with urllib.request.urlopen(f"{endpoint}{health}", timeout=2) as reply:  # noqa: S310
            return bool(reply.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def stop(data: Path) -> bool:
    """Stop the server that uses a data directory: politely, then by force.

    Returns
    -------
    bool
        Whether there was one.
    """
    pid = owner(data)
    if pid is None:
        return False
    for sign in (signal.SIGTERM, signal.SIGKILL):
        os.kill(pid, sign)
        end = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < end:
            if owner(data) != pid:
                return True
            time.sleep(0.05)
    raise EyeError(
        f"The embedded cloud (process {pid}) does not end: end it yourself, then run `eye down` again."
    )
