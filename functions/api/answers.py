"""Requests as the Function URL brings them, and answers that need not be sent twice."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from shared.domain.errors import InvalidInput

JSON = "application/json"
PROBLEM = "application/problem+json"
OF_THE_BODY = frozenset({"Content-Encoding", "Content-Type"})


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request that are looked at before it is routed."""

    method: str
    path: str
    authorization: str | None
    if_none_match: str | None
    accept_encoding: str = ""


def request_of(event: Mapping[str, Any]) -> Request:
    """Read a Function URL's event."""
    http = event.get("requestContext", {}).get("http", {})
    headers = {name.lower(): value for name, value in (event.get("headers") or {}).items()}
    return Request(
        method=str(http.get("method", "GET")).upper(),
        path=str(event.get("rawPath") or "/"),
        authorization=headers.get("authorization"),
        if_none_match=headers.get("if-none-match"),
        accept_encoding=str(headers.get("accept-encoding") or ""),
    )


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A problem (RFC 9457) with one sentence of what is wrong and what to do."""
    body = {"title": status.phrase, "status": int(status), "detail": detail}
    return {
        "statusCode": int(status),
        "headers": {"Content-Type": PROBLEM, **(headers or {})},
        "body": json.dumps(body, sort_keys=True),
    }


def unauthorized(detail: str) -> dict[str, Any]:
    """The answer to a request without a good token."""
    return problem(HTTPStatus.UNAUTHORIZED, detail, {"WWW-Authenticate": 'Bearer realm="Avinash-EYE"'})


def conditional(request: Request, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer with its ETag, or 304 without a body where the client has it already.

    The tag is weak: it is of the content, whatever its encoding.
    """
    headers = answer.setdefault("headers", {})
    if request.method != "GET" or answer.get("statusCode") != 200 or "ETag" in headers:
        return answer
    body = str(answer.get("body") or "")
    etag = f'W/"{hashlib.sha256(body.encode()).hexdigest()[:32]}"'
    headers["ETag"] = etag
    headers.setdefault("Cache-Control", "private, no-cache")
    if etag not in [known.strip() for known in (request.if_none_match or "").split(",")]:
        return answer
    kept = {
        name: value for name, value in headers.items() if name not in ("Content-Type", "Content-Encoding")
    }
    return {**answer, "statusCode": 304, "headers": kept, "body": "", "isBase64Encoded": False}


def refuse_unknown(given: Collection[str] | None, known: Collection[str]) -> None:
    """Refuse parameters that would be passed over.

    Raises
    ------
    InvalidInput
        Naming the first that is unknown, and those that are known.
    """
    for name in sorted(given or ()):
        if name not in known:
            raise InvalidInput(f"{name}: there is no such filter: use {', '.join(sorted(known))}")
