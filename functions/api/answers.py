"""Requests as the Function URL brings them, and answers that need not be sent twice."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.errors import InvalidInput

JSON = "application/json"
PROBLEM = "application/problem+json"


class _Http(BaseModel):
    model_config = ConfigDict(extra="ignore")

    method: str = Field(default="GET", min_length=1)
    path: str = "/"


class _Context(BaseModel):
    model_config = ConfigDict(extra="ignore")

    http: _Http = _Http()
    stage: str = "$default"


class _FunctionUrlEvent(BaseModel):
    """What a Function URL sends, in the parts that are read."""

    model_config = ConfigDict(extra="ignore")

    raw_path: str = Field(default="/", alias="rawPath")
    raw_query: str = Field(default="", alias="rawQueryString")
    headers: dict[str, str] | None = None
    query: dict[str, str] | None = Field(default=None, alias="queryStringParameters")
    cookies: list[str] | None = None
    context: _Context = Field(default=_Context(), alias="requestContext")
    body: str | None = None
    encoded: bool = Field(default=False, alias="isBase64Encoded")


@dataclass(frozen=True, slots=True)
class Request:
    """The parts of a request that are looked at before it is routed, and its event for the router."""

    method: str
    path: str
    authorization: str | None
    if_none_match: str | None
    no_cache: bool
    event: dict[str, Any]
    accept_encoding: str = ""


def request_of(event: Mapping[str, Any]) -> Request:
    """Read a Function URL's event.

    Raises
    ------
    InvalidInput
        Where it is none; the message names the field.
    """
    try:
        asked = _FunctionUrlEvent.model_validate(event)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"]))
        raise InvalidInput(f"The event is no request of a Function URL: {field}: {first['msg']}") from error
    headers = {name.lower(): value for name, value in (asked.headers or {}).items()}
    return Request(
        method=asked.context.http.method.upper(),
        path=asked.raw_path or "/",
        authorization=headers.get("authorization"),
        if_none_match=headers.get("if-none-match"),
        no_cache="no-cache" in headers.get("cache-control", "").lower(),
        event=asked.model_dump(by_alias=True),
        accept_encoding=headers.get("accept-encoding", ""),
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
