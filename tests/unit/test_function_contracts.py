"""Each function's `event.json` is what it receives, its `expected.json` what it answers."""

import hashlib
import importlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import _lru_cache_wrapper, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from moto import mock_aws

from shared.domain.errors import InvalidInput, MetadataNotFound
from shared.domain.record import Record, Status
from shared.photos import decode
from shared.services import wiring
from shared.services.api import access
from shared.services.api import settings as api_settings
from shared.services.api import wiring as api_wiring
from shared.storage import aws, config, keys
from tests.synthetic_library import NARROW, SyntheticLibrary
from tests.unit.vision_fixtures import MODELS, needs_models

pytestmark = pytest.mark.xdist_group("contracts")

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
UPLOADS, LIBRARY = "avinash-eye-uploads", "avinash-eye-library"
PHASES = ("categories", "descriptions", "faces", "search_index", "improved_descriptions")
STEPS = ("export", *PHASES, "report", "reprocess")
ALL = sorted(path.parent.name for path in FUNCTIONS.glob("*/app.py"))
PLACEHOLDERS = {
    "{version}": r"\d{8}T\d{6}Z-example",
    "{execution}": r"arn:aws:states:us-east-1:\d{12}:execution:avinash-eye-training:retrain-[0-9A-Z]{26}",
    "{etag}": r'W/"[0-9a-f]{32}"',
}
PHOTOS = 60


def sample(function: str, name: str = "event") -> Any:
    return json.loads((FUNCTIONS / function / f"{name}.json").read_text(encoding="utf-8"))


def invoke(function: str, event: Mapping[str, Any], **changed: Any) -> Any:
    """What the function's handler answers, as JSON carries it."""
    handler = importlib.import_module(f"functions.{function}.app").handler
    context = SimpleNamespace(
        function_name=function,
        memory_limit_in_mb=2048,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:123456789012:function:{function}",
        aws_request_id="request",
    )
    return json.loads(json.dumps(handler({**event, **changed}, context)))


def readable(answer: Any) -> Any:
    """An HTTP answer with its body parsed."""
    return answer | {"body": json.loads(answer["body"])} if "body" in answer else answer


def matches(answer: Any, expected: Any) -> bool:
    """Whether an answer is the expected one, placeholders standing for what differs from run to run."""
    if isinstance(expected, dict) and isinstance(answer, dict):
        return answer.keys() == expected.keys() and all(matches(answer[k], expected[k]) for k in expected)
    if isinstance(expected, str) and expected in PLACEHOLDERS:
        return isinstance(answer, str) and re.fullmatch(PLACEHOLDERS[expected], answer) is not None
    return bool(answer == expected)


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two empty buckets and a state machine in moto, and functions that have just started."""
    for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
        "UPLOADS_BUCKET": UPLOADS,
        "LIBRARY_BUCKET": LIBRARY,
        "MODELS_DIR": str(MODELS),
        "API_TOKEN_SHA256": hashlib.sha256(b"example").hexdigest(),
        "POWERTOOLS_TRACE_DISABLED": "1",
    }.items():
        monkeypatch.setenv(name, value)
    with mock_aws():
        start_anew()
        for bucket in (UPLOADS, LIBRARY):
            aws.s3().create_bucket(Bucket=bucket)
        machine = aws.stepfunctions().create_state_machine(
            name="avinash-eye-training",
            definition='{"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}',
            roleArn="arn:aws:iam::123456789012:role/training",
        )
        aws.stepfunctions().start_execution(stateMachineArn=machine["stateMachineArn"], name="example")
        monkeypatch.setenv("STATE_MACHINE_ARN", machine["stateMachineArn"])
        config.settings.cache_clear()
        yield
    start_anew()


def start_anew() -> None:
    """Forget what a warm process holds: settings, clients, and services put together from them."""
    for module in (config, aws, wiring, access, api_settings, api_wiring):
        for found in vars(module).values():
            if isinstance(found, _lru_cache_wrapper):
                found.cache_clear()


@pytest.fixture
def library(cloud: None) -> None:
    """Analyzed photos with words, enough for the gate to see that learning helps."""
    for record in SyntheticLibrary(PHOTOS, widths=NARROW, worded=1.0):
        wiring.records().update(record.photo_id, partial(_returning, record))


def _returning(made: Record, _before: Record | None) -> Record:
    return made


def prepare_export() -> None:
    """Nothing comes before the plan."""


def prepare_phase(phase: str) -> Callable[[], None]:
    """The export, the phases before this one, and the sums of its one shard."""

    def prepare() -> None:
        for action in ("plan", "shard", "count"):
            invoke("export", sample("export"), action=action)
        for before in PHASES[: PHASES.index(phase)]:
            invoke(before, sample(before))
        assert invoke(phase, sample(phase), action="observe", shard={"prefix": ""}) == {}

    return prepare


def prepare_report() -> None:
    prepare_phase(PHASES[-1])()
    invoke(PHASES[-1], sample(PHASES[-1]))


PREPARE: dict[str, Callable[[], None]] = {
    "export": prepare_export,
    **{phase: prepare_phase(phase) for phase in PHASES},
    "report": prepare_report,
    "reprocess": prepare_export,
    "api": prepare_export,
}


@pytest.mark.parametrize("function", PREPARE)
def test_the_sample_event_gets_the_expected_answer(library: None, function: str) -> None:
    PREPARE[function]()

    answer = invoke(function, sample(function))

    expected = sample(function, "expected")
    assert matches(readable(answer), readable(expected)), json.dumps(answer, indent=2)


def test_the_schedule_starts_a_training_where_nothing_was_learned_yet(
    library: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    retrainer = wiring.retrainer()
    monkeypatch.setattr(
        wiring, "retrainer", lambda: replace(retrainer, now=lambda: datetime.now(UTC) + timedelta(hours=1))
    )

    answer = invoke("retrain", sample("retrain"))

    assert matches(answer, sample("retrain", "expected")), answer


@pytest.mark.models
@needs_models
def test_an_uploaded_photo_is_analyzed_into_its_record(cloud: None) -> None:
    event = sample("analyze")
    detail = json.loads(event["Records"][0]["body"])["detail"]
    key = detail["object"]["key"]
    photo = (ROOT / "events" / "photos" / key).read_bytes()
    aws.s3().put_object(Bucket=UPLOADS, Key=key, Body=photo)

    answer = invoke("analyze", event)

    assert answer == sample("analyze", "expected")
    assert detail["object"]["etag"] == hashlib.md5(photo).hexdigest()
    stored = wiring.records().get(keys.photo_id(UPLOADS, key))
    assert stored is not None
    assert stored.record.status is Status.ANALYZED
    assert stored.record.owner.description == decode(photo).words.description


@pytest.mark.models
@needs_models
def test_reprocessing_counts_the_records_it_brought_up(library: None) -> None:
    for photo_id, _ in list(wiring.records().list()):
        wiring.records().update(photo_id, lambda record: record and replace(record, enhancement=None))

    for action in ("plan", "shard"):
        invoke("reprocess", sample("reprocess"), action=action)
    answer = invoke("reprocess", sample("reprocess"), action="finish")

    assert answer == {"status": "completed", "records": PHOTOS}


def test_the_export_counts_what_the_phases_will_learn_from(library: None) -> None:
    for action in ("plan", "shard"):
        invoke("export", sample("export"), action=action)

    answer = invoke("export", sample("export"), action="count")

    assert answer == {"status": "counted", "run_id": "example", "photos": PHOTOS, "worded": PHOTOS}


def test_a_failure_is_written_down_and_gives_the_lock_back(library: None) -> None:
    invoke("export", sample("export"))
    error = {"Error": "ModelUnavailable", "Cause": '{"errorMessage": "The model is missing"}'}

    answer = invoke("report", sample("report"), action="fail", error=error)

    assert answer == {"error": "ModelUnavailable", "cause": "The model is missing"}
    assert wiring.lock().holder() is None


@pytest.mark.parametrize("action", ["observe", "solve"])
@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_without_an_export_fails_by_name(cloud: None, phase: str, action: str) -> None:
    with pytest.raises(MetadataNotFound) as failed:
        invoke(phase, sample(phase), action=action)

    assert str(failed.value) == "Metadata file not found: run export first"


@pytest.mark.parametrize(
    "wrong", [{"action": "dance"}, {"run_id": "../elsewhere"}, {"shard": {"prefix": "no hex"}}], ids=str
)
@pytest.mark.parametrize("function", STEPS)
def test_a_payload_of_the_wrong_shape_fails_by_name(
    cloud: None, function: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        invoke(function, sample(function), **wrong)


def test_an_event_that_is_no_object_event_fails_by_name(cloud: None) -> None:
    with pytest.raises(InvalidInput, match="no S3 object event"):
        invoke("analyze", {"detail": {}})


@pytest.mark.parametrize("function", ALL)
def test_every_function_has_its_samples(function: str) -> None:
    assert isinstance(sample(function), dict)
    assert isinstance(sample(function, "expected"), dict)
