"""Serve the embedded cloud in the foreground until a signal ends it."""

from __future__ import annotations

import argparse
import atexit
import fcntl
import os
import resource
import signal
import sys
from pathlib import Path

import uvicorn

from infra.local.server.guard import Application

_SERVICES = "s3,lambda,stepfunctions,events,scheduler,iam,sts,logs,cloudwatch,cloudformation,sqs,ssm,kms,sns"

_LOGS_KEPT = 20
_FILES = 10_240  # More macOS refuses.
_IDLE_SECONDS = 75
_GOODBYE_SECONDS = 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="infra.local.server", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="where to listen on 127.0.0.1")
    parser.add_argument("--data", type=Path, required=True, help="where state, objects and logs are kept")
    parser.add_argument("--code", type=Path, required=True, help="the task root of every function")
    parser.add_argument("--python", type=Path, required=True, help="the interpreter functions run in")
    parser.add_argument("--limit", type=int, default=2, help="invocations of one function at a time")
    return parser.parse_args()


def _hold(lock: Path) -> None:
    """Hold a lock as long as this process lives: it is how others know that the pid in it is still ours."""
    held = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sys.exit(f"Another embedded cloud uses {lock.parent}: stop it, or choose another directory.")
    os.truncate(held, 0)
    os.pwrite(held, str(os.getpid()).encode(), 0)


def _configure(port: int, data: Path) -> None:
    for name in ("state", "s3", "tmp", "logs"):
        (data / name).mkdir(parents=True, exist_ok=True)
    os.environ.update(
        {
            "AUTH": "true",
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "WARNING",
            "MINISTACK_HOST": "localhost",
            "PERSIST_STATE": "1",
            "S3_DATA_DIR": str(data / "s3"),
            "S3_PERSIST": "1",
            "SERVICES": _SERVICES,
            "SFTP_ENABLED": "0",
            "STATE_DIR": str(data / "state"),
            "TMPDIR": str(data / "tmp"),
        }
    )


def _prune(logs: Path) -> None:
    """Keep the newest logs of each function: every process it ever had wrote one."""
    for folder in logs.iterdir():
        for old in sorted(folder.glob("*.log"))[:-_LOGS_KEPT]:
            old.unlink()


def _allow_many_files() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _listen(application: Application, port: int) -> None:
    """Answer on 127.0.0.1 until a signal ends it.

    The emulator keeps facts of a request in context variables, which must not reach the next on a connection.
    """
    _allow_many_files()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # What is to be done at exit is done then, too.
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=port,
        http="httptools",
        loop="asyncio",
        ws="none",
        workers=1,
        reset_contextvars=True,
        proxy_headers=False,
        date_header=False,  # The emulator sends its own.
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
    )


def main() -> None:
    """Configure the emulator, extend it and run it."""
    arguments = _arguments()
    data = arguments.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    _hold(data / "server.lock")
    _configure(arguments.port, data)
    _prune(data / "logs")
    # The emulator reads its settings from the environment when it is imported.
    from ministack import app

    from infra.local.server import lambda_service, policies, snapshots
    from infra.local.server.environment import Host
    from infra.local.server.fleet import Fleet
    from infra.local.server.guard import guard
    from infra.local.server.processes import starter

    code = arguments.code.resolve()
    fleet = Fleet(Host(starter(arguments.python, code), code, data / "logs"), limit=arguments.limit)
    atexit.register(fleet.close)
    lambda_service.serve_images_from(fleet, f"http://127.0.0.1:{arguments.port}")
    lambda_service.read_numbers_in_parameters()
    policies.trust_loopback()
    policies.tell_conditional_writes()
    policies.name_roles()
    snapshots.keep()
    _listen(guard(app.app), arguments.port)


if __name__ == "__main__":
    main()
