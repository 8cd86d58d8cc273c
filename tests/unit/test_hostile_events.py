"""Whatever a function is invoked with, it answers or fails by a name of its own."""

import base64
import gzip
import hashlib
import importlib
import json
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.domain.errors import EyeError
from shared.services import wiring
from shared.services.api import wiring as api_wiring
from shared.storage.locks import TrainingLock
from tests.faults.memory_store import Clock, MemoryStore
from tests.hostile.shapes import anything, nearly
from tests.unit.deployed import FUNCTIONS, PHASES, sample, start_anew

ACTIONS = {
    "export": ("plan", "shard", "count"),
    **dict.fromkeys(PHASES, ("observe", "solve")),
    "report": ("publish", "fail"),
    "reprocess": ("plan", "shard", "finish"),
}
CONTEXT = SimpleNamespace(
    function_name="hostile",
    memory_limit_in_mb=2048,
    invoked_function_arn="arn:aws:lambda:us-east-1:123456789012:function:hostile",
    aws_request_id="request",
    get_remaining_time_in_millis=lambda: 30_000,
)
BOUNDED = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module", autouse=True)
def _empty_library() -> Iterator[None]:
    """Functions over an empty library in memory."""
    environment = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "UPLOADS_BUCKET": "avinash-eye-uploads",
        "LIBRARY_BUCKET": "avinash-eye-library",
        "STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:avinash-eye-training",
        "MODELS_DIR": "models",
        "API_TOKEN_SHA256": hashlib.sha256(b"example").hexdigest(),
        "POWERTOOLS_TRACE_DISABLED": "1",
        "POWERTOOLS_METRICS_DISABLED": "true",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "AWS_PROFILE"):
            patch.delenv(name, raising=False)
        for name, value in environment.items():
            patch.setenv(name, value)
        start_anew()
        clock = Clock()
        uploads, library = MemoryStore(clock), MemoryStore(clock)
        lock = TrainingLock(library, lambda _: True)
        patch.setattr(wiring, "uploads", lambda: uploads)
        patch.setattr(wiring, "library", lambda: library)
        patch.setattr(wiring, "lock", lambda: lock)
        patch.setattr(api_wiring, "store", lambda: library)
        yield
    start_anew()


def invoke(function: str, event: Any) -> Any:
    handler = importlib.import_module(f"functions.{function}.app").handler
    return handler(event, CONTEXT)


def answers_or_fails_by_name(function: str, event: Any) -> None:
    """An answer that JSON can carry, or an error of the domain's own; anything else fails the test."""
    with suppress(EyeError):
        json.dumps(invoke(function, event))


@pytest.mark.parametrize("function", ACTIONS)
@BOUNDED
@given(data=st.data())
def test_a_step_takes_any_payload(function: str, data: st.DataObject) -> None:
    right = {**sample(function), "action": data.draw(st.sampled_from(ACTIONS[function]))}

    answers_or_fails_by_name(function, data.draw(nearly(right) | anything))


@BOUNDED
@given(event=nearly(sample("retrain")) | anything)
def test_retrain_takes_any_event(event: Any) -> None:
    answers_or_fails_by_name("retrain", event)


EVENTS = [
    json.loads(path.read_text()) for path in sorted((FUNCTIONS.parent / "events" / "s3").glob("*.json"))
]


@settings(BOUNDED, max_examples=40)
@given(event=st.sampled_from(EVENTS).flatmap(nearly) | anything)
def test_analyze_takes_any_event(event: Any) -> None:
    answers_or_fails_by_name("analyze", event)


@settings(BOUNDED, max_examples=20)
@given(body=anything, inner=st.sampled_from(EVENTS).flatmap(nearly) | anything)
def test_a_poisoned_message_fails_alone(body: Any, inner: Any) -> None:
    def message(number: int, content: Any) -> dict[str, Any]:
        counted = {"ApproximateReceiveCount": "1"}
        return {
            "messageId": f"m{number}",
            "body": content,
            "attributes": counted,
            "eventSource": "aws:sqs",
        }

    batch = [message(1, json.dumps(body)), message(2, json.dumps(inner)), message(3, "{")]
    answer = invoke("analyze", {"Records": batch})

    assert {failed["itemIdentifier"] for failed in answer["batchItemFailures"]} <= {"m1", "m2", "m3"}


PATHS = ["/", "/photos", "/search", "/people", "/trainings", "/bundles", "/openapi.json", "/page/../app.py"]
REQUEST = {
    **sample("api"),
    "headers": {"authorization": "Bearer example", "content-type": "application/json"},
}


@settings(BOUNDED, max_examples=25)
@given(
    event=st.builds(lambda path: {**REQUEST, "rawPath": path}, st.sampled_from(PATHS)).flatmap(nearly)
    | anything
)
def test_the_api_takes_any_request(event: Any) -> None:
    answers_or_fails_by_name("api", event)


@cache
def routes() -> list[tuple[str, str]]:
    """Method and path of everything the API describes."""
    answer = invoke(
        "api", {**REQUEST, "rawPath": "/openapi.json", "requestContext": http("GET", "/openapi.json")}
    )
    described = json.loads(
        gzip.decompress(base64.b64decode(answer["body"])) if answer.get("isBase64Encoded") else answer["body"]
    )
    return sorted(
        (method.upper(), path)
        for path, methods in described["paths"].items()
        for method in methods
        if "trainings" not in path  # they ask Step Functions, which is not here
    )


def http(method: str, path: str) -> dict[str, Any]:
    return {"stage": "$default", "http": {"method": method, "path": path, "sourceIp": "127.0.0.1"}}


BODIES = [
    {"photo_ids": ["0" * 32], "words": [{"kind": "add_tag", "tag": "dog"}]},
    {"corrections": [{"photo_id": "0" * 32, "correction_id": "01ARZ3NDEKTSV4RRFFQ69G5FAV"}]},
    {"words": [{"kind": "name", "person_id": "p1", "name": "Ann"}]},
    {"face_id": "f1", "name": "Ann"},
    {"question_id": "q1", "same": True},
    {"files": [{"type": "image/jpeg"}]},
    {"version": "20260101T000000Z-aaaaaaaa"},
]
SEGMENTS = ["0" * 32, "..", "%2e%2e", "a", "é", "x" * 300, "01ARZ3NDEKTSV4RRFFQ69G5FAV", "\x00"]


@settings(BOUNDED, max_examples=50)
@given(data=st.data())
def test_no_request_makes_the_api_fail(data: st.DataObject) -> None:
    method, path = data.draw(st.sampled_from(routes()))
    while "{" in path:
        head, _, rest = path.partition("{")
        path = head + data.draw(st.sampled_from(SEGMENTS)) + rest.partition("}")[2]
    query = data.draw(
        st.dictionaries(
            st.sampled_from(["q", "limit", "after", "tag", "since", "x"]), st.text(max_size=8), max_size=2
        )
    )
    body = json.dumps(data.draw(anything | st.sampled_from(BODIES).flatmap(nearly)))
    event = {
        **REQUEST,
        "rawPath": path,
        "requestContext": http(method, path),
        "queryStringParameters": query,
        "rawQueryString": urlencode(query),
        "body": body,
    }

    answer = invoke("api", event)

    assert answer["statusCode"] < 500, (method, path, query, body, answer["body"])
