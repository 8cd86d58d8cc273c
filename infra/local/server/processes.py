"""How Lambda processes come to be: spawned, or forked from one that has imported what they all need."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from infra.local.server.zygote import REFUSED

_MODULE = "infra.local.server.{}"
_START_SECONDS = 60.0
_PASSED_ON = ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "EYE_CACHE", "OMP_NUM_THREADS")


def usual_variables(code: Path) -> dict[str, str]:
    """Variables that every process of a task root has."""
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "LAMBDA_TASK_ROOT": str(code),
        "PYTHONPATH": str(code),
        "PYTHONUNBUFFERED": "1",
        "TZ": ":UTC",
    }


class Process(Protocol):
    """A process in a group of its own."""

    @property
    def pid(self) -> int:
        """Its id, and its group's."""
        ...

    def poll(self) -> int | None:
        """The exit code (a signal as a negative number); None while it runs."""
        ...

    def wait(self) -> int:
        """The exit code, once it has ended."""
        ...


class Starter(Protocol):
    """Starts processes that poll a Runtime API for a handler."""

    def start(self, handler: str, variables: Mapping[str, str], stdin: int, stdout: int) -> Process:
        """Start one with these variables and no others."""
        ...


class Spawning:
    """A new interpreter each time.

    Parameters
    ----------
    python
        The interpreter.
    code
        Where it starts.
    """

    def __init__(self, python: Path, code: Path) -> None:
        self._python, self._code = python, code

    def start(self, handler: str, variables: Mapping[str, str], stdin: int, stdout: int) -> Process:
        """Start one."""
        return subprocess.Popen(  # noqa: S603  (our own interpreter and module)
            [str(self._python), "-m", _MODULE.format("bootstrap"), handler],
            cwd=self._code,
            env=dict(variables),
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


class Forked:
    """A child of the zygote, which tells through a pipe how it ended."""

    def __init__(self, pid: int, told: int) -> None:
        self.pid = pid
        self._told: int | None = told
        self._code: int | None = None
        self._lock = threading.Lock()

    def poll(self) -> int | None:
        """The exit code; None while it runs."""
        with self._lock:
            if self._told is not None:
                events = select.poll()
                events.register(self._told, select.POLLIN)
                if events.poll(0):
                    self._read(self._told)
            return self._code

    def wait(self) -> int:
        """The exit code, once it has ended."""
        with self._lock:
            if self._told is not None:
                self._read(self._told)
            return self._code or 0

    def _read(self, told: int) -> None:
        said = os.read(told, 16)
        if not said:  # The zygote ended, and nobody will tell how this process does: it ends here.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
        self._code = int(said or -signal.SIGKILL)
        os.close(told)
        self._told = None


class Forking:
    """Children of a zygote, which is started again if it ended.

    Parameters
    ----------
    python
        The zygote's interpreter.
    code
        Where it starts.
    """

    def __init__(self, python: Path, code: Path) -> None:
        self._python, self._code = python, code
        self._turn = threading.Lock()
        self._line: socket.socket | None = None
        self._zygote: subprocess.Popen[bytes] | None = None
        self._ready()

    def start(self, handler: str, variables: Mapping[str, str], stdin: int, stdout: int) -> Process:
        """Fork one."""
        request = json.dumps({"handler": handler, "variables": dict(variables)}).encode()
        with self._turn:
            for _ in range(2):
                told, tell = os.pipe()
                try:
                    line = self._ready()
                    socket.send_fds(line, [request], [stdin, stdout, tell])
                    answer = line.recv(16)
                except OSError:
                    answer = b""
                finally:
                    os.close(tell)
                if answer and answer != REFUSED:
                    return Forked(int(answer), told)
                os.close(told)
                if answer:
                    raise ChildProcessError("The system has no room for another Lambda process")
                self._end()
        raise ChildProcessError("The process that Lambda processes are forked from does not start")

    def _ready(self) -> socket.socket:
        """The line to a zygote that is starting or started."""
        if self._line is None:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._zygote = subprocess.Popen(  # noqa: S603  (our own interpreter and module)
                    [str(self._python), "-u", "-m", _MODULE.format("zygote"), str(theirs.fileno())],
                    cwd=self._code,
                    env=usual_variables(self._code),
                    stdin=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    start_new_session=True,
                )
            ours.settimeout(_START_SECONDS)
            self._line = ours
        return self._line

    def _end(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._zygote is not None:
            self._zygote.kill()
            self._zygote.wait()


def starter(python: Path, code: Path) -> Starter:
    """Forks where the system can: macOS cannot once libraries have started threads, nor an old kernel."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.close(os.pidfd_open(os.getpid()))
            return Forking(python, code)
    return Spawning(python, code)
