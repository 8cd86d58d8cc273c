"""Refuse what a web page from elsewhere asks of the embedded cloud.

The emulator lets every origin in. It holds somebody's photos, on an address that any page in their browser
can name, so a request that carries a foreign `Origin`, or a `Host` that only DNS rebinding would bring
here, is answered 403.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


def is_local(host: str | None) -> bool:
    """Tell whether a host name can only mean this machine."""
    return host in ("127.0.0.1", "localhost", "::1") or (host or "").endswith(".localhost")


def _host(value: bytes) -> str | None:
    try:
        return urlsplit("//" + value.decode("latin-1")).hostname
    except ValueError:
        return None


def _origin(value: bytes) -> str | None:
    try:
        return urlsplit(value.decode("latin-1")).hostname
    except ValueError:
        return None


def guard(application: Application) -> Application:
    """Wrap an ASGI application so that only this machine's own pages and programs reach it."""

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            foreign_host = not is_local(_host(headers.get(b"host", b"")))
            foreign_origin = b"origin" in headers and not is_local(_origin(headers[b"origin"]))
            if foreign_host or foreign_origin:
                close = [(b"connection", b"close")]  # Its body was not read.
                await send({"type": "http.response.start", "status": 403, "headers": close})
                await send(
                    {"type": "http.response.body", "body": b"This cloud answers its own machine only.\n"}
                )
                return
        await application(scope, receive, send)

    return guarded
