"""A process that has imported the libraries of the functions, and forks a Lambda process whenever asked.

Importing them costs a Lambda process more than most invocations; a fork shares them. (Android's application
processes start this way.) Nothing of the functions is imported before the fork, so that a change of them is
seen by the next process; a change of the libraries is seen by the next server. Of the variables that Lambda
sets, only `LAMBDA_TASK_ROOT` is read at the import of one of them (X-Ray's), and the zygote has it.
onnxruntime is left out: a fork has none of its threads, and waits for them at its end; numpy's and pyarrow's
it can do without.

It is asked over a socket: the handler and the variables as JSON, with three file descriptors: standard input,
standard output, and a pipe that is told how the process ended. The answer is the process's id.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

IMPORTED = (
    "aws_xray_sdk.core",
    "boto3",
    "numpy",
    "obstore",
    "PIL.Image",
    "pyarrow.compute",
    "pyarrow.parquet",
    "pydantic",
    "rapidfuzz",
    "scipy.linalg",
    "scipy.sparse",
    "scipy.special",
    "simplemma",
    "tokenizers",
)
REFUSED = b"0"
FILES = 3
LARGEST = 1 << 17
"""Bytes of a request; Lambda's variables take 4 KB."""


class Request(NamedTuple):
    """What a forked process is to be."""

    handler: str
    variables: dict[str, str]
    files: list[int]


def serve(line: socket.socket) -> Request | None:
    """Fork for every request.

    Returns
    -------
    Request or None
        In a forked process, what it is to be; in the zygote, None once the server has ended.
    """
    tellers: dict[int, tuple[int, int]] = {}
    events = select.poll()
    events.register(line, select.POLLIN)
    while True:
        readable = {file for file, _ in events.poll()}
        for ended in tellers.keys() & readable:
            events.unregister(ended)
            pid, tell = tellers.pop(ended)
            status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            with contextlib.suppress(BrokenPipeError):
                os.write(tell, str(status).encode())
            os.close(tell)
            os.close(ended)
        if line.fileno() in readable:
            message, files, _, _ = socket.recv_fds(line, LARGEST, FILES)
            if not message:
                return None
            try:
                if len(files) < FILES:  # No descriptor was left to take them in.
                    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
                pid, ends = _fork()
            except OSError:
                for file in files:
                    os.close(file)
                line.send(REFUSED)
                continue
            if pid == 0:
                line.close()
                for ended, (_, tell) in tellers.items():
                    os.close(ended)
                    os.close(tell)
                os.close(files.pop())
                return Request(**json.loads(message), files=files)
            tellers[ends] = (pid, files[2])
            events.register(ends, select.POLLIN)
            os.close(files[0])
            os.close(files[1])
            line.send(str(pid).encode())


def _fork() -> tuple[int, int]:
    """The child's id and a descriptor that can be read once it has ended; zeros in the child."""
    pid = os.fork()
    if pid == 0:
        return 0, 0
    try:
        os.setpgid(pid, pid)
        return pid, os.pidfd_open(pid)
    except OSError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def become(request: Request) -> None:
    """Turn this forked process into what a spawned one would be, and poll for invocations."""
    os.setpgid(0, 0)  # As the zygote does: whichever comes first.
    for file, standard in zip((*request.files, request.files[1]), (0, 1, 2), strict=True):
        os.dup2(file, standard)
    for file in request.files:
        os.close(file)
    os.environ.clear()
    os.environ.update(request.variables)
    time.tzset()
    tempfile.tempdir = None
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    Path("/proc/self/comm").write_text(request.handler.removeprefix("functions."))
    sys.argv = ["bootstrap", request.handler]
    from infra.local.server import bootstrap

    bootstrap.main()


def main() -> None:
    """Import, then fork as long as the server lives."""
    for name in IMPORTED:
        with contextlib.suppress(ImportError):  # The function that needs it says so.
            importlib.import_module(name)
    with contextlib.suppress(ImportError):
        importlib.import_module("simplemma").lemmatize("photos", lang="en")  # It reads its dictionary.
    gc.freeze()
    request = serve(socket.socket(fileno=int(sys.argv[1])))
    if request is not None:
        become(request)


if __name__ == "__main__":
    main()
