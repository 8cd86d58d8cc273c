"""One Lambda execution environment: a process that runs one invocation at a time."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from infra.local.server.processes import Starter, usual_variables
from infra.local.server.runtime_api import Answer, Invocation, RuntimeApi

_MAX_RESPONSE = 6 * 1024 * 1024
_INIT_SECONDS = 60.0
_HERE = {"LATEST_SECONDS": "0"}
"""On one computer asking for the live bundle costs nothing, and what was just trained is wanted at once."""


@dataclass(frozen=True)
class Host:
    """Where Lambda processes run.

    Attributes
    ----------
    starter
        Starts them.
    code
        The directory that stands for the image's task root.
    logs
        One folder a function is made here, one file an environment in it.
    """

    starter: Starter
    code: Path
    logs: Path


@dataclass(frozen=True)
class Function:
    """What makes two invocations able to share an environment."""

    name: str
    arn: str
    handler: str
    timeout: float
    memory_mb: int
    variables: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Result:
    """An answer and the lines the function logged while it worked on it."""

    answer: Answer
    log: str


def _error(kind: str, message: str) -> Answer:
    return Answer(json.dumps({"errorType": kind, "errorMessage": message}).encode(), failed=True)


class Environment:
    """A cold-started process, reused until it fails, times out or is closed.

    Parameters
    ----------
    function
        What to run.
    host
        Where to run it.
    """

    def __init__(self, function: Function, host: Host) -> None:
        self.function = function
        self.idle_since = time.monotonic()
        self._api = RuntimeApi()
        self._scratch = tempfile.mkdtemp(prefix="lambda-")
        stream = f"{time.strftime('%Y%m%dT%H%M%S')}-{uuid.uuid4().hex[:8]}"
        self._log = host.logs / function.name / f"{stream}.log"
        self._log.parent.mkdir(parents=True, exist_ok=True)
        theirs, ours = os.pipe()
        self._lifeline = os.fdopen(ours, "wb", buffering=0)
        with self._log.open("ab") as log, os.fdopen(theirs) as stdin:
            variables = self._variables(host, stream)
            try:
                self._process = host.starter.start(function.handler, variables, stdin.fileno(), log.fileno())
            except OSError:
                self._forget()
                raise
        self._await_start()

    def _variables(self, host: Host, stream: str) -> dict[str, str]:
        function = self.function
        return {
            **usual_variables(host.code),
            "AWS_EXECUTION_ENV": "AWS_Lambda_Image",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_mb),
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "TMPDIR": self._scratch,
            "_HANDLER": function.handler,
            **_HERE,
            **function.variables,
        }

    def _await_start(self) -> None:
        end = time.monotonic() + _INIT_SECONDS
        while not self._api.ready.wait(0.02):
            if self._process.poll() is not None:
                return
            if time.monotonic() > end:
                self.close()
                return

    @property
    def alive(self) -> bool:
        """Whether another invocation may come here."""
        return self._process.poll() is None and self._api.init_error is None

    def invoke(self, payload: bytes, request_id: str) -> Result:
        """Run one invocation.

        Parameters
        ----------
        payload
            The event as JSON.
        request_id
            The name this invocation has in the logs.

        Returns
        -------
        Result
            The function's answer; its own error with its class name as ``errorType``; ``Sandbox.Timedout``
            when it took longer than its timeout (the process is then killed), ``Runtime.ExitError`` when it
            died, or ``Function.ResponseSizeTooLarge``.
        """
        if self._api.init_error is not None:
            return Result(self._api.init_error, self._logged(0))
        start = self._log.stat().st_size
        timeout = self.function.timeout
        deadline_ms = int((time.time() + timeout) * 1000)
        self._api.submit(Invocation(payload, deadline_ms, self.function.arn, request_id))
        answer = self._await_answer(request_id, time.monotonic() + timeout)
        self.idle_since = time.monotonic()
        return Result(answer, self._logged(start))

    def _await_answer(self, request_id: str, end: float) -> Answer:
        while True:
            with contextlib.suppress(queue.Empty):
                answer = self._api.answers.get(timeout=0.1)
                if len(answer.body) > _MAX_RESPONSE:
                    size = f"{len(answer.body)} bytes, more than the {_MAX_RESPONSE} that Lambda returns"
                    return _error("Function.ResponseSizeTooLarge", f"Response payload size is {size}")
                return answer
            status = self._process.poll()
            if status is not None:
                return _error(
                    "Runtime.ExitError",
                    f"RequestId: {request_id} Error: Runtime exited with error: exit status {status}",
                )
            if time.monotonic() > end:
                self.close()
                seconds = f"{self.function.timeout:.2f} seconds"
                return _error(
                    "Sandbox.Timedout", f"RequestId: {request_id} Error: Task timed out after {seconds}"
                )

    def _logged(self, start: int) -> str:
        with self._log.open("rb") as log:
            log.seek(start)
            return log.read().decode(errors="replace")

    def close(self) -> None:
        """Kill the process with everything it started, and remove its scratch space."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._forget()

    def _forget(self) -> None:
        self._lifeline.close()
        self._api.close()
        shutil.rmtree(self._scratch, ignore_errors=True)
