"""The page's own files, and what it needs to sign somebody in: all that is served without a token."""

import mimetypes
from http import HTTPStatus
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler import Response

from functions.api import problems
from functions.api.routes.router import new_router
from shared.services.api import wiring
from shared.services.api.access import sign_in
from shared.services.api.policy import page_headers

PAGE = Path(__file__).parents[1] / "page"
FILES = {path.name: path for path in sorted(PAGE.iterdir()) if path.is_file()}
START = "index.html"
SIGN_IN = "/sign-in"
FOLDER = "/page/"

router = new_router()


def is_open(method: str, path: str) -> bool:
    """Whether a request needs no token."""
    return method in ("GET", "HEAD") and (path in ("", "/", SIGN_IN) or path.startswith(FOLDER))


def _file(name: str) -> Response[str]:
    path = FILES.get(name)
    if path is None:
        return problems.problem(HTTPStatus.NOT_FOUND, f"The page has no file {name}: load the page again")
    content_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if content_type == "application/javascript":
        content_type = "text/javascript"
    headers = {**page_headers(wiring.origins()), "Cache-Control": "no-cache"}
    return Response(HTTPStatus.OK, f"{content_type}; charset=utf-8", path.read_text("utf-8"), headers=headers)


@router.get("/", include_in_schema=False, compress=True)
def start() -> Response[str]:
    """The page."""
    return _file(START)


@router.get("/page/<name>", include_in_schema=False, compress=True)
def file(name: str) -> Response[str]:
    """A file of the page."""
    return _file(name)


@router.get(SIGN_IN, security=[], tags=["page"])
def settings() -> dict[str, Any]:
    """How people sign in here: `token` (in the page's address) or `oidc` (code flow with PKCE)."""
    return sign_in()
