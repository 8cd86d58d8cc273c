"""The page's own files on loopback, as the API serves them, with made-up answers instead of a library."""

import base64
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from functions.api import page_files
from functions.api.answers import request_of


class _Handler(BaseHTTPRequestHandler):
    server: "_Server"

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path in self.server.answers:
            self._send(200, {"Content-Type": "application/json"}, self.server.answers[path])
            return
        http = {"requestContext": {"http": {"method": "GET"}}, "rawPath": path, "headers": dict(self.headers)}
        answer = page_files.answer(request_of(http))
        text = answer["body"] or ""
        body = base64.b64decode(text) if answer.get("isBase64Encoded") else text.encode()
        self._send(answer["statusCode"], answer["headers"], body)

    def _send(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    def __init__(self, answers: Mapping[str, object]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = {path: json.dumps(answer).encode() for path, answer in answers.items()}


@contextmanager
def page_served(answers: Mapping[str, object] | None = None) -> Iterator[str]:
    """The page's address while it is served.

    Parameters
    ----------
    answers : mapping of str to object
        What is answered as JSON, by path.
    """
    server = _Server(answers or {})
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
