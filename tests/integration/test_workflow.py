"""From dropped photos to a promoted bundle and back, in a local cloud, with real photos and models."""

import json
import os
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from infra.local.endpoints import Endpoints
from shared.domain.record import Record, Source, Status
from shared.storage import aws, executions, keys, standing
from shared.storage.bundles import BundleRepository
from shared.storage.erasures import ErasureRepository, Ticket
from shared.storage.records import RecordRepository
from shared.storage.runs import Run
from shared.storage.store import S3Store
from shared.storage.ulids import new_ulid
from tests.integration.waiting import eventually

pytestmark = [pytest.mark.cloud, pytest.mark.models]

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("EYE_DATA", ROOT.parent / "shared" / "data"))
SAMPLES = ROOT / "events" / "photos"
MINUTES = 60.0


class Library:
    """A deployed stack, as its owner uses it."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints
        self.uploads = S3Store(endpoints.uploads_bucket)
        self.store = S3Store(endpoints.library_bucket)
        self.records = RecordRepository(self.store)
        self.bundles = BundleRepository(self.store)

    def photo_id(self, key: str) -> str:
        return keys.photo_id(self.endpoints.uploads_bucket, key)

    def add(self, photos: Mapping[str, bytes]) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda item: self.uploads.put(*item), photos.items()))

    def settled(self, photos: Mapping[str, bytes], *, seconds: float) -> dict[str, Record]:
        """Wait until every photo has a record; returns them by key."""
        wanted = {self.photo_id(key): key for key in photos}

        def all_recorded() -> bool:
            return wanted.keys() <= {photo_id for photo_id, _ in self.records.list()}

        assert eventually(all_recorded, seconds=seconds, pause=1.0), "photos are still being analyzed"
        found = self.records.get_many(wanted)
        return {wanted[stored.record.photo_id]: stored.record for stored in found}

    def start(self, **asked: Any) -> str:
        return executions.start(self.endpoints.state_machine_arn, f"t-{uuid.uuid4().hex[:20]}", asked)

    def finish(self, execution: str, *, seconds: float = 10 * MINUTES) -> tuple[str, dict[str, Any]]:
        assert eventually(lambda: executions.ended(execution), seconds=seconds), "the training never ended"
        described = aws.stepfunctions().describe_execution(executionArn=execution)
        return described["status"], json.loads(described.get("output") or "{}")

    def train(self, **asked: Any) -> tuple[str, dict[str, Any]]:
        return self.finish(self.start(**asked))


@pytest.fixture(scope="module")
def library(cloud: Endpoints) -> Library:
    return Library(cloud)


@pytest.fixture(scope="module")
def samples(library: Library) -> dict[str, bytes]:
    """Forty of the demo's photos, analyzed."""
    files = sorted(SAMPLES.glob("*.jpg"))[:40]
    photos = {f"samples/{path.name}": path.read_bytes() for path in files}
    library.add(photos)
    records = library.settled(photos, seconds=3 * MINUTES)
    assert {record.status for record in records.values()} == {Status.ANALYZED}
    return photos


def test_upload_reads_the_owners_words_and_looks_at_the_pixels(
    library: Library, samples: dict[str, bytes]
) -> None:
    for key in samples:
        stored = library.records.get(library.photo_id(key))
        assert stored is not None
        record = stored.record
        assert record.owner.description
        assert record.observation is not None
        assert record.observation.labels
        assert record.enhancement is not None
        assert record.enhancement.generic
        assert record.enhancement.description.source is Source.OWNER


def test_training_publishes_and_promotes_seven_files(library: Library, samples: dict[str, bytes]) -> None:
    status, output = library.train()

    assert status == "SUCCEEDED", output
    bundle = library.bundles.latest()
    assert bundle is not None
    assert {
        "category_patterns.json",
        "description_patterns.json",
        "face_clusters.pkl",
        "search_index.json",
        "improved_descriptions.json",
        "training_report.json",
        "training_report.html",
    } <= set(bundle.files)
    bundle.verify()
    report = json.loads(bundle.files["training_report.json"])
    assert report["status"] == "completed"
    assert report["total_images"] == len(samples)
    assert len(report["top_categories"]) <= 5
    run = Run(library.store, bundle.manifest.run_id)
    metadata = json.loads(library.store.get(keys.run(run.run_id, "images_metadata.json")).body)
    assert {entry["filename"] for entry in metadata} == set(samples)
    log = library.store.get(keys.run(run.run_id, "training.log")).body.decode()
    assert log
    assert all(line.startswith("Training") for line in log.splitlines())


def test_training_again_with_nothing_new_ends_early(library: Library, samples: dict[str, bytes]) -> None:
    before = library.bundles.alias()

    status, output = library.train()

    assert (status, output["status"]) == ("SUCCEEDED", "nothing_new")
    assert library.bundles.alias() == before


def test_two_trainings_at_once_leave_one_whole_bundle(library: Library, samples: dict[str, bytes]) -> None:
    started = [library.start(force=True) for _ in range(2)]

    ends = [library.finish(execution) for execution in started]

    assert [status for status, _ in ends] == ["SUCCEEDED", "SUCCEEDED"]
    assert sorted(output["status"] for _, output in ends) == ["busy", "completed"]
    latest = library.bundles.latest()
    assert latest is not None
    latest.verify()


@pytest.mark.parametrize("step", ["ExportShards", "Learn"])
def test_a_training_killed_midway_leaves_the_live_bundle_and_does_not_block_the_next(
    library: Library, samples: dict[str, bytes], step: str
) -> None:
    before = library.bundles.alias()
    execution = library.start(force=True)
    assert eventually(
        lambda: step in {entered.name for entered in standing.look(execution).steps}, seconds=MINUTES
    )
    aws.stepfunctions().stop_execution(executionArn=execution, error="Test", cause="killed by the test")
    library.finish(execution)

    left = library.bundles.latest()
    status, output = library.train(force=True)

    assert left is not None
    assert before is not None
    assert left.version == before.version
    assert (status, output["status"]) == ("SUCCEEDED", "completed")


def test_rollback_makes_the_bundle_before_live_again(library: Library, samples: dict[str, bytes]) -> None:
    before = library.bundles.alias()
    assert before is not None

    back = library.bundles.rollback()
    forward = library.bundles.rollback(before.version)

    assert back.version == before.previous
    assert forward.version == before.version


def test_wrong_training_input_fails_by_name_and_leaves_the_live_bundle(
    library: Library, samples: dict[str, bytes]
) -> None:
    before = library.bundles.alias()
    execution = library.start(limit=-1)

    status, _ = library.finish(execution)

    described = aws.stepfunctions().describe_execution(executionArn=execution)
    assert status == "FAILED"
    assert described["error"] == "InvalidInput"
    assert "limit" in described["cause"]
    assert library.bundles.alias() == before


def test_a_new_photo_is_enhanced_by_the_live_bundle_and_a_deletion_removes_it(
    library: Library, samples: dict[str, bytes]
) -> None:
    fresh = {"new/é 1+1 50% 日本.jpg": sorted(SAMPLES.glob("*.jpg"))[50].read_bytes()}
    library.add(fresh)
    [(key, record)] = library.settled(fresh, seconds=MINUTES).items()
    live = library.bundles.alias()

    assert record.enhancement is not None
    assert live is not None
    assert record.enhancement.bundle == live.version

    library.uploads.delete(key)

    def gone() -> bool:
        stored = library.records.get(library.photo_id(key))
        return stored is not None and stored.record.status is Status.DELETED

    assert eventually(gone, seconds=30)


def test_reprocess_brings_every_record_up_to_the_live_bundle(
    library: Library, samples: dict[str, bytes]
) -> None:
    execution = executions.start(library.endpoints.reprocess_arn, f"r-{uuid.uuid4().hex[:20]}", {})

    status, output = library.finish(execution)

    live = library.bundles.alias()
    assert (status, output["status"]) == ("SUCCEEDED", "completed")
    assert live is not None
    for key in samples:
        stored = library.records.get(library.photo_id(key))
        assert stored is not None
        assert stored.record.enhancement is not None
        assert stored.record.enhancement.bundle == live.version


def test_the_schedule_starts_a_training_that_goes_live(library: Library, samples: dict[str, bytes]) -> None:
    before = library.bundles.alias()
    erasure = Ticket(new_ulid(), datetime.now(UTC), "person", ())
    ErasureRepository(library.store).record(erasure)
    (rule,) = (one for one in aws.events().list_rules()["Rules"] if "RetrainOnSchedule" in one["Name"])

    def asked() -> list[str]:
        started = executions.recent(library.endpoints.state_machine_arn)
        return [one.arn for one in started if one.name.startswith("retrain-")]

    aws.events().put_rule(Name=rule["Name"], ScheduleExpression="rate(1 minute)", State="ENABLED")
    started = eventually(asked, seconds=100, pause=1.0)
    aws.events().put_rule(Name=rule["Name"], ScheduleExpression="rate(1 day)", State="ENABLED")

    assert started, "the schedule did not start a training"
    status, output = library.finish(started[-1])
    assert (status, output["status"]) == ("SUCCEEDED", "completed")
    given = aws.stepfunctions().describe_execution(executionArn=started[-1])["input"]
    assert "erased" in json.loads(given)["reason"]
    assert library.bundles.alias() != before


def test_the_api_answers_at_its_address_whoever_has_the_token(
    library: Library, samples: dict[str, bytes]
) -> None:
    def ask(path: str, token: str) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"{library.endpoints.api_url}{path}", headers=headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, None

    status, found = ask("photos?limit=100", library.endpoints.token)

    assert status == 200
    assert set(samples) <= {photo["key"] for photo in found["photos"]}
    assert ask("photos", "somebody else's")[0] == 401


@pytest.mark.data
@pytest.mark.embedded_alone("would take many minutes and show what the photos above have shown")
def test_every_hard_file_ends_in_a_record_or_in_quarantine(library: Library) -> None:
    folder = DATA / "hard" / "files"
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {DATA}")
    photos = {f"hard/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
    library.add(photos)

    records = library.settled(photos, seconds=12 * MINUTES)

    assert set(records) == set(photos)
    held = {note.photo_id for note in library.records.quarantined()}
    for key, record in records.items():
        quarantined = record.status is Status.QUARANTINED
        assert quarantined or record.status is Status.ANALYZED
        assert quarantined == (library.photo_id(key) in held)
        assert bool(record.reason) == quarantined
    assert _messages(library.endpoints.dead_letter_queue_url) == 0


@pytest.mark.data
@pytest.mark.embedded_alone("would take many minutes and show what the photos above have shown")
def test_four_hundred_photos_go_through_upload_training_and_upload_again(library: Library) -> None:
    folder = DATA / "photos" / "images"
    if not folder.is_dir():
        pytest.skip(f"no evaluation data at {DATA}")
    photos = {f"all/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())[:400]}
    library.add(photos)
    first = library.settled(photos, seconds=12 * MINUTES)
    assert len(first) == 400

    status, output = library.train(force=True)
    assert (status, output["status"]) == ("SUCCEEDED", "completed")
    library.add(photos)

    assert eventually(lambda: _messages(library.endpoints.queue_url) == 0, seconds=12 * MINUTES)
    again = library.settled(photos, seconds=MINUTES)
    assert {key: record.status for key, record in again.items()} == dict.fromkeys(photos, Status.ANALYZED)
    assert _messages(library.endpoints.dead_letter_queue_url) == 0


def _messages(queue_url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = aws.sqs().get_queue_attributes(QueueUrl=queue_url, AttributeNames=names)  # type: ignore[arg-type]
    return sum(int(found["Attributes"].get(name, "0")) for name in names)
