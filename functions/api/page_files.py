"""The page's own files, and what it needs to sign somebody in: all that is served without a token.

Nothing heavy is imported here, so that the page is there at once after a cold start.
"""

import base64
import gzip
import json
import mimetypes
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from functions.api.answers import JSON, Request, conditional, problem
from shared.services.api.policy import origins, page_headers
from shared.services.api.settings import api_settings

PAGE = Path(__file__).with_name("page")
FILES = {path.name: path for path in sorted(PAGE.iterdir()) if path.is_file()}
START = "index.html"
SIGN_IN = "/sign-in"
FOLDER = "/page/"


def is_open(request: Request) -> bool:
    """Whether a request needs no token."""
    return request.method in ("GET", "HEAD") and (
        request.path in ("", "/", SIGN_IN) or request.path.startswith(FOLDER)
    )


def answer(request: Request) -> dict[str, Any]:
    """A file of the page, or how people sign in here."""
    if request.path == SIGN_IN:
        body = json.dumps(api_settings().sign_in(), sort_keys=True)
        return conditional(request, {"statusCode": 200, "headers": {"Content-Type": JSON}, "body": body})
    name = request.path.removeprefix(FOLDER).strip("/") or START
    if name not in FILES:
        return problem(HTTPStatus.NOT_FOUND, f"The page has no file {name}: load the page again")
    body, packed = _read(name)
    headers = {
        **page_headers(origins()),
        "Cache-Control": "no-cache",
        "Content-Type": f"{_type(name)}; charset=utf-8",
        "Vary": "Accept-Encoding",
    }
    whole = conditional(request, {"statusCode": 200, "headers": headers, "body": body})
    if whole["statusCode"] == HTTPStatus.OK and "gzip" in request.accept_encoding:
        headers["Content-Encoding"] = "gzip"
        return {**whole, "body": packed, "isBase64Encoded": True}
    return whole


def _type(name: str) -> str:
    return "text/javascript" if name.endswith(".js") else mimetypes.guess_type(name)[0] or "text/plain"


@lru_cache(maxsize=64)
def _read(name: str) -> tuple[str, str]:
    """A file, and the same compressed, in base64."""
    body = FILES[name].read_text("utf-8")
    return body, base64.b64encode(gzip.compress(body.encode(), mtime=0)).decode()
