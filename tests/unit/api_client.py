"""Requests of the Function URL against a library on moto's S3, as a browser would send them."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import _lru_cache_wrapper
from typing import Any

import boto3
import pytest
from moto import mock_aws

from shared.domain.corrections import fold
from shared.services.api import access, wiring
from shared.services.api import settings as api_settings
from shared.storage import aws
from shared.storage.config import settings
from tests.unit.api_records import record

TOKEN = "a-token"
PHOTO = "ab" * 16


class Api:
    """Asks the handler as a browser would."""

    def __call__(
        self, method: str, path: str, body: Any = None, *, token: str | None = TOKEN, **query: str
    ) -> tuple[int, Any, dict[str, str]]:
        from functions.api.app import handler

        headers = {"content-type": "application/json"} | (
            {"authorization": f"Bearer {token}"} if token else {}
        )
        headers |= {
            name[3:].replace("_", "-"): query.pop(name) for name in list(query) if name.startswith("h__")
        }
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": headers,
            "requestContext": {"http": {"method": method, "path": path}, "stage": "$default"},
            "body": body if isinstance(body, str) or body is None else json.dumps(body),
            "isBase64Encoded": False,
        } | ({"queryStringParameters": query} if query else {})
        answer = handler(event, _Context())
        text = answer["body"] or "null"
        is_json = "json" in answer["headers"].get("Content-Type", "")
        return int(answer["statusCode"]), json.loads(text) if is_json else text, answer["headers"]


class _Context:
    function_name = "api"
    memory_limit_in_mb = 2048
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:api"
    aws_request_id = "request"


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[Api]:
    for name, value in {
        "UPLOADS_BUCKET": "uploads",
        "LIBRARY_BUCKET": "library",
        "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:000000000000:stateMachine:training",
        "API_TOKEN_SHA256": hashlib.sha256(TOKEN.encode()).hexdigest(),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "POWERTOOLS_TRACE_DISABLED": "1",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    with mock_aws():
        forget()
        for bucket in ("uploads", "library"):
            boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=bucket)
        wiring.records().update(PHOTO, lambda _: record(PHOTO, "face-1"))
        # The models are not part of these tests: a photo keeps its enhancement when it is corrected.
        monkeypatch.setattr(wiring, "_refresh", _refold)
        yield Api()
    forget()


def _refold(found: Any) -> Any:
    owner = fold(found.file_words, wiring.corrector().corrections.of(found.photo_id))
    return replace(found, owner=owner)


def forget() -> None:
    """Put services together anew: they hold clients of another test's bucket."""
    settings.cache_clear()
    for module in (access, api_settings, aws, wiring):
        for found in vars(module).values():
            if isinstance(found, _lru_cache_wrapper):
                found.cache_clear()
