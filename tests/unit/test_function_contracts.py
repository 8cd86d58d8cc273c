"""Each function answers its `event.json` as its `expected.json` says, however it is called."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from shared.domain.record import Status
from shared.photos import decode
from shared.services import wiring
from shared.storage import aws, keys
from shared.storage.concurrency import mapped
from shared.storage.records import Stored
from tests.synthetic_library import NARROW, SyntheticLibrary
from tests.unit import transports
from tests.unit.deployed import (
    FUNCTIONS,
    PHASES,
    ROOT,
    SETTINGS,
    UPLOADS,
    embedded_cloud,
    moto_cloud,
    sample,
)
from tests.unit.transports import FunctionFailed, InProcess, Transport
from tests.unit.vision_fixtures import needs_models

pytestmark = [pytest.mark.models, needs_models]

STEPS = ("export", *PHASES, "report", "reprocess")
ALL = sorted(path.parent.name for path in FUNCTIONS.glob("*/app.py"))
PLACEHOLDERS = {
    "{version}": r"\d{8}T\d{6}Z-example",
    "{execution}": r"arn:aws:states:us-east-1:\d{12}:execution:avinash-eye-training:retrain-[0-9A-Z]{26}",
    "{etag}": r'W/"[0-9a-f]{32}"',
}
PHOTOS = 60
WAITS = {"start": False, "reasons": ["Photos or corrections are still coming in"]}


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


@dataclass
class Deployed:
    """The functions over a library of analyzed photos, and what each answered its sample."""

    transport: Transport
    execution: str
    answers: dict[str, Any] = field(default_factory=dict)
    analyzed: Stored | None = None

    def invoke(self, function: str, **changed: Any) -> Any:
        """What a function answers its sample event, parts of it changed."""
        event = sample(function) | changed
        if "execution" in event:
            event["execution"] = self.execution
        return self.transport.call(function, event)

    def answer(self, function: str) -> Any:
        """Ask a function what its sample asks, and keep the answer."""
        self.answers[function] = self.invoke(function)
        return self.answers[function]

    def play(self) -> None:
        """Ask the others in the order of a library's life: the page, a training, reprocessing."""
        self.answer("api")
        self.answer("erase")
        self.answer("retrain")
        self.answer("export")
        for action in ("shard", "count"):
            self.answers[f"export {action}"] = self.invoke("export", action=action)
        for phase in PHASES:
            self.answers[f"{phase} observe"] = self.invoke(phase, action="observe", shard={"prefix": ""})
            self.answer(phase)
        self.answer("report")
        self.answer("reprocess")
        for action in ("shard", "finish"):
            self.answers[f"reprocess {action}"] = self.invoke("reprocess", action=action)

    def look(self) -> None:
        """Ask `analyze`, and take its record out again: real models see in more numbers than made-up ones."""
        put_sample_photo()
        self.answer("analyze")
        self.analyzed = wiring.records().get(keys.photo_id(UPLOADS, sample_key()))
        if self.analyzed:
            wiring.records().forget(self.analyzed.record.photo_id, self.analyzed.etag)


def sample_key() -> str:
    """Key of the photo that `analyze` is told of."""
    return str(json.loads(sample("analyze")["Records"][0]["body"])["detail"]["object"]["key"])


def put_sample_photo() -> None:
    """Upload the photo that `analyze` is told of."""
    photo = (ROOT / "events" / "photos" / sample_key()).read_bytes()
    aws.s3().put_object(Bucket=UPLOADS, Key=sample_key(), Body=photo)


def fill() -> None:
    """Analyzed photos with words, enough for the gate to see that learning helps."""
    made = SyntheticLibrary(PHOTOS, widths=NARROW, worded=1.0)
    for _ in mapped(lambda one: wiring.records().update(one.photo_id, lambda _: one), made, 4):
        pass


@contextmanager
def in_process(_: Path) -> Iterator[tuple[Transport, str]]:
    with moto_cloud() as execution:
        yield InProcess(), execution


@contextmanager
def in_processes(folder: Path) -> Iterator[tuple[Transport, str]]:
    with embedded_cloud(folder) as (execution, variables):
        started = transports.lambda_processes(SETTINGS | variables, folder / "function-logs")
        try:
            yield started, execution
        finally:
            started.close()


@contextmanager
def in_images(folder: Path) -> Iterator[tuple[Transport, str]]:
    engine = transports.engine_with_image()
    with embedded_cloud(folder) as (execution, variables):
        started = transports.images({**SETTINGS, **variables, "MODELS_DIR": "models"}, engine)
        try:
            yield started, execution
        finally:
            started.close()


@contextmanager
def by_sam(folder: Path) -> Iterator[tuple[Transport, str]]:
    transports.container_engine()
    with embedded_cloud(folder) as (execution, variables):
        yield transports.sam_local({**SETTINGS, **variables, "MODELS_DIR": "models"}), execution


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(in_process, id="in-process"),
        pytest.param(in_processes, id="lambda-process", marks=pytest.mark.cloud),
        pytest.param(in_images, id="image", marks=pytest.mark.cloud),
        pytest.param(by_sam, id="sam-local", marks=pytest.mark.cloud),
    ],
)
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """Every function, called in one of the ways, each after what comes before it."""
    with request.param(tmp_path_factory.mktemp("contracts")) as (transport, execution):
        world = Deployed(transport, execution)
        world.look()
        fill()
        with pytest.MonkeyPatch.context() as patch:
            if isinstance(transport, InProcess):
                later = replace(wiring.retrainer(), now=lambda: datetime.now(UTC) + timedelta(hours=1))
                patch.setattr(wiring, "retrainer", lambda: later)
            world.play()
        yield world


@pytest.mark.parametrize("function", ALL)
def test_the_sample_event_gets_the_expected_answer(deployed: Deployed, function: str) -> None:
    answer, expected = deployed.answers[function], sample(function, "expected")

    if function == "retrain" and not isinstance(deployed.transport, InProcess):
        expected = WAITS  # only in this process can the clock be put forward
    assert matches(readable(answer), readable(expected)), json.dumps(answer, indent=2)


def test_the_other_actions_of_a_step_answer_what_the_state_machine_takes(deployed: Deployed) -> None:
    answers = deployed.answers

    assert answers["export shard"] == answers["reprocess shard"] == {}
    assert answers["export count"] == {
        "status": "counted",
        "run_id": "example",
        "photos": PHOTOS,
        "worded": PHOTOS,
    }
    assert all(answers[f"{phase} observe"] == {} for phase in PHASES)
    assert answers["reprocess finish"] == {"status": "completed", "records": PHOTOS}


def test_an_uploaded_photo_is_analyzed_into_its_record(deployed: Deployed) -> None:
    photo = (ROOT / "events" / "photos" / sample_key()).read_bytes()
    detail = json.loads(sample("analyze")["Records"][0]["body"])["detail"]

    assert detail["object"]["etag"] == hashlib.md5(photo).hexdigest()
    assert deployed.analyzed is not None
    assert deployed.analyzed.record.status is Status.ANALYZED
    assert deployed.analyzed.record.owner.description == decode(photo).words.description


@pytest.mark.parametrize("action", ["observe", "solve"])
@pytest.mark.parametrize("phase", PHASES)
def test_a_phase_without_an_export_fails_by_name(deployed: Deployed, phase: str, action: str) -> None:
    with pytest.raises(FunctionFailed) as failed:
        deployed.invoke(phase, action=action, run_id="never-exported")

    assert failed.value.kind == "MetadataNotFound"
    assert failed.value.message == "Metadata file not found: run export first"


@pytest.mark.parametrize(
    "wrong", [{"action": "dance"}, {"run_id": "../elsewhere"}, {"shard": {"prefix": "no hex"}}], ids=str
)
@pytest.mark.parametrize("function", STEPS)
def test_a_payload_of_the_wrong_shape_fails_by_name(
    deployed: Deployed, function: str, wrong: dict[str, Any]
) -> None:
    with pytest.raises(FunctionFailed, match=next(iter(wrong))) as failed:
        deployed.invoke(function, **wrong)

    assert failed.value.kind == "InvalidInput"


@pytest.mark.parametrize("wrong", [{"action": "person"}, {"action": "dance"}, {"person": "Ann"}], ids=str)
def test_a_request_to_erase_of_the_wrong_shape_fails_by_name(
    deployed: Deployed, wrong: dict[str, Any]
) -> None:
    with pytest.raises(FunctionFailed, match="wrong shape") as failed:
        deployed.transport.call("erase", wrong)

    assert failed.value.kind == "InvalidInput"


def test_an_event_that_is_no_object_event_fails_by_name(deployed: Deployed) -> None:
    with pytest.raises(FunctionFailed, match="no S3 object event") as failed:
        deployed.transport.call("analyze", {"detail": {}})

    assert failed.value.kind == "InvalidInput"


def test_a_failure_is_written_down_and_gives_the_lock_back(deployed: Deployed) -> None:
    deployed.invoke("export", run_id="failing")
    error = {"Error": "ModelUnavailable", "Cause": '{"errorMessage": "The model is missing"}'}

    answer = deployed.invoke("report", run_id="failing", action="fail", error=error)

    assert answer == {"error": "ModelUnavailable", "cause": "The model is missing"}
    assert wiring.lock().holder() is None


@pytest.mark.parametrize("function", ALL)
def test_every_function_has_its_samples(function: str) -> None:
    assert isinstance(sample(function), Mapping)
    assert isinstance(sample(function, "expected"), Mapping)
