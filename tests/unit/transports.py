"""The ways to call a function: in this process, in a Lambda process of its own, and in its image.

All but the first speak the HTTP of the Runtime Interface Emulator, which `docker run` of a Lambda image
listens for; the process is put behind the same HTTP, so that one client is exercised everywhere.
"""

import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import pytest

from infra.local import server_process
from infra.local.server.environment import Environment, Function, Host
from infra.local.server.processes import Spawning
from shared.domain import errors

ROOT = Path(__file__).parents[2]
INVOCATIONS = "/2015-03-31/functions/function/invocations"
IMAGE = os.environ.get("EYE_IMAGE", "avinash-eye")
SECONDS = 120.0


class FunctionFailed(Exception):
    """What a function raised, by the name of its class."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind, self.message = kind, message


class Transport(Protocol):
    """A way to call functions."""

    def call(self, function: str, event: Mapping[str, Any]) -> Any:
        """The function's answer; `FunctionFailed` with the name of its error."""
        ...

    def close(self) -> None:
        """End what was started."""
        ...


class InProcess:
    """Calls the handler."""

    def call(self, function: str, event: Mapping[str, Any]) -> Any:
        handler = importlib.import_module(f"functions.{function}.app").handler
        context = SimpleNamespace(
            function_name=function,
            memory_limit_in_mb=2048,
            invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{function}",
            aws_request_id="request",
        )
        try:
            return json.loads(json.dumps(handler(dict(event), context)))
        except errors.EyeError as error:
            raise FunctionFailed(type(error).__name__, str(error)) from error

    def close(self) -> None:
        """Nothing was started."""


@dataclass
class RuntimeInterface:
    """The client of the Runtime Interface Emulator's HTTP, one address a function.

    Parameters
    ----------
    start : callable
        Starts a function and gives its address.
    stop : callable
        Ends all that were started.
    """

    start: Callable[[str], str]
    stop: Callable[[], None]
    addresses: dict[str, str] = field(default_factory=dict)

    def call(self, function: str, event: Mapping[str, Any]) -> Any:
        if function not in self.addresses:
            self.addresses[function] = self.start(function)
        request = urllib.request.Request(
            self.addresses[function] + INVOCATIONS, json.dumps(event).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=SECONDS) as reply:
            return _answered(reply.read())

    def close(self) -> None:
        self.stop()


def _answered(said: bytes | str) -> Any:
    """What the emulator answers in its one way of saying both results and errors."""
    answer = json.loads(said or "null")
    if isinstance(answer, dict) and "errorType" in answer:
        raise FunctionFailed(answer["errorType"], answer["errorMessage"])
    return answer


@dataclass
class SamLocal:
    """Calls functions by `sam local invoke`, each call in a container of what `sam build` built.

    Parameters
    ----------
    command : sequence of str
        What runs SAM.
    template : Path
        A built template; see `with_variables`.
    variables : mapping of str to str
        What the functions find in their environment.
    """

    command: Sequence[str]
    template: Path
    variables: Mapping[str, str]

    def call(self, function: str, event: Mapping[str, Any]) -> Any:
        name = "".join(part.capitalize() for part in function.split("_"))
        given = self.template.with_name("variables.json")
        given.write_text(json.dumps({"Parameters": dict(self.variables)}))
        run = [*self.command, "local", "invoke", name, "--template", str(self.template), "--event", "-"]
        run += ["--env-vars", str(given), "--docker-network", "host", "--skip-pull-image"]
        done = subprocess.run(
            run,
            input=json.dumps(event),
            env={**os.environ, **self.variables, "SAM_CLI_TELEMETRY": "0"},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        return _answered(done.stdout.strip().rpartition("\n")[2])

    def close(self) -> None:
        """Each container ends with its call."""


def with_variables(template: str, names: Iterable[str]) -> str:
    """A template whose functions have these variables: SAM sets those alone that a template names."""
    more = "".join(f"\\g<indent>{name}: ''\n" for name in sorted(names) if f" {name}:" not in template)
    return re.sub(r"(?P<head>Variables:\n)(?P<indent> +)", rf"\g<head>{more}\g<indent>", template, count=1)


def sam_local(variables: Mapping[str, str]) -> SamLocal:
    """Build the image with SAM, and call functions in it."""
    sam = str(Path(sys.executable).with_name("sam"))
    subprocess.run([sam, "build"], cwd=ROOT, check=True)
    built = ROOT / ".aws-sam" / "build" / "template.yaml"
    template = built.with_name("template-local.yaml")
    template.write_text(with_variables(built.read_text(), variables))
    return SamLocal((sam,), template, variables)


class _Front(BaseHTTPRequestHandler):
    """Hands each invocation to the process behind it, and answers as the emulator does."""

    environment: Environment

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        result = self.environment.invoke(body, uuid.uuid4().hex)
        self.send_response(200)
        self.end_headers()
        self.wfile.write(result.answer.body)

    def log_message(self, *_: object) -> None:
        """The function has a log of its own."""


def lambda_processes(variables: Mapping[str, str], logs: Path) -> RuntimeInterface:
    """Each function in a process that `awslambdaric` runs, as on AWS."""
    host = Host(Spawning(Path(sys.executable), ROOT), ROOT, logs)
    started: list[tuple[ThreadingHTTPServer, Environment]] = []

    def start(function: str) -> str:
        handler = f"functions.{function}.app.handler"
        arn = f"arn:aws:lambda:us-east-1:123456789012:function:{function}"
        environment = Environment(Function(function, arn, handler, SECONDS, 2048, variables), host)
        front = ThreadingHTTPServer(("127.0.0.1", 0), type("Front", (_Front,), {"environment": environment}))
        threading.Thread(target=front.serve_forever, daemon=True).start()
        started.append((front, environment))
        return f"http://127.0.0.1:{front.server_address[1]}"

    def stop() -> None:
        for front, environment in started:
            front.shutdown()
            front.server_close()
            environment.close()

    return RuntimeInterface(start, stop)


def container_engine() -> str:
    """Docker or podman; a skip that says why where neither answers."""
    engine = shutil.which("docker") or shutil.which("podman")
    if engine is None or subprocess.run([engine, "info"], capture_output=True, check=False).returncode:
        pytest.skip("no container engine answers: the image is checked by `make check-image` alone")
    return engine


def engine_with_image() -> str:
    """An engine with the image in it; a skip that says why where there is none."""
    engine = container_engine()
    if subprocess.run([engine, "image", "inspect", IMAGE], capture_output=True, check=False).returncode:
        pytest.skip(f"there is no image {IMAGE}: build it as infra/Dockerfile says, or set EYE_IMAGE")
    return engine


def images(variables: Mapping[str, str], engine: str) -> RuntimeInterface:
    """Each function in a container of the built image."""
    containers: list[str] = []

    def start(function: str) -> str:
        port, api = server_process.free_port(0), server_process.free_port(0)
        given = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
        emulator = ["--runtime-interface-emulator-address", f"127.0.0.1:{port}"]
        emulator += ["--runtime-api-address", f"127.0.0.1:{api}"]
        run = [engine, "run", "--rm", "--detach", "--network", "host", *given]
        run += ["--entrypoint", "/usr/local/bin/aws-lambda-rie", IMAGE, *emulator]
        run += ["/var/runtime/bootstrap", f"functions.{function}.app.handler"]
        done = subprocess.run(run, capture_output=True, text=True, check=True)
        containers.append(done.stdout.strip())
        return _listening(f"http://127.0.0.1:{port}")

    def stop() -> None:
        if containers:
            subprocess.run([engine, "stop", *containers], capture_output=True, check=False)

    return RuntimeInterface(start, stop)


def _listening(address: str) -> str:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(address, timeout=1)
        except urllib.error.HTTPError:
            return address
        except OSError:
            time.sleep(0.1)
        else:
            return address
    raise TimeoutError(f"nothing listens at {address}")
