"""The Lambda Runtime API (2018-06-01) for one execution environment."""

from __future__ import annotations

import queue
import threading
import time
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Invocation:
    """One event on its way into a function.

    Attributes
    ----------
    payload
        The event as JSON.
    deadline_ms
        When the function must have answered, in milliseconds since 1970.
    function_arn
        The ARN it was invoked by.
    request_id
        Unique for each invocation.
    """

    payload: bytes
    deadline_ms: int
    function_arn: str
    request_id: str

    def headers(self) -> dict[str, str]:
        """Return the headers that carry the invocation's context to the runtime."""
        trace = f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"
        return {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": self.request_id,
            "Lambda-Runtime-Deadline-Ms": str(self.deadline_ms),
            "Lambda-Runtime-Invoked-Function-Arn": self.function_arn,
            "Lambda-Runtime-Trace-Id": trace,
        }


@dataclass(frozen=True)
class Answer:
    """What a function returned, or the error it raised, as the runtime reported it."""

    body: bytes
    failed: bool = False


class RuntimeApi:
    """A server on a port of its own that hands invocations to one process and takes its answers.

    Attributes
    ----------
    address
        ``host:port`` for ``AWS_LAMBDA_RUNTIME_API``.
    ready
        Set once the process asked for its first invocation, or reported that its start failed.
    answers
        One :class:`Answer` for each invocation.
    init_error
        What the process reported when its start failed, else ``None``.
    """

    def __init__(self) -> None:
        self.ready = threading.Event()
        self.answers: queue.Queue[Answer] = queue.Queue()
        self.init_error: Answer | None = None
        self._invocations: queue.Queue[Invocation | None] = queue.Queue()
        self._server = _Server(("127.0.0.1", 0), self)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def address(self) -> str:
        """``host:port`` of this server."""
        return f"127.0.0.1:{self._server.server_port}"

    def submit(self, invocation: Invocation) -> None:
        """Hand an invocation to the process at its next poll."""
        self._invocations.put(invocation)

    def next(self) -> Invocation | None:
        """Wait for an invocation; ``None`` when the environment is being closed."""
        self.ready.set()
        return self._invocations.get()

    def fail_init(self, body: bytes) -> None:
        """Take the process's report that it could not start."""
        self.init_error = Answer(body, failed=True)
        self.ready.set()

    def close(self) -> None:
        """Let a waiting poll go and stop listening."""
        self._invocations.put(None)
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address: tuple[str, int], api: RuntimeApi) -> None:
        self.api = api
        super().__init__(address, _Handler)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Headers and body leave in one segment: Nagle's algorithm and a delayed ACK cost 40 ms a call otherwise.
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the base class's name)
        """Say nothing: the functions have logs of their own."""

    def do_GET(self) -> None:
        """Serve ``/runtime/invocation/next``."""
        if not self.path.endswith("/invocation/next"):
            self._reply(404)
            return
        invocation = self.server.api.next()
        if invocation is None:
            self.close_connection = True
            return
        self._reply(200, invocation.payload, invocation.headers())

    def do_POST(self) -> None:
        """Take an answer, an error, or the report of a failed start."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.endswith("/init/error"):
            self.server.api.fail_init(body)
        elif self.path.endswith("/response"):
            self.server.api.answers.put(Answer(body))
        elif self.path.endswith("/error"):
            self.server.api.answers.put(Answer(body, failed=True))
        self._reply(202, b'{"status":"OK"}')

    def _reply(self, status: int, body: bytes = b"", headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
