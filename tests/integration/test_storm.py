"""A storm in the embedded cloud: real functions and models end with the records that a calm process makes."""

import json
import urllib.request
from collections.abc import Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest

from infra.local import cloud as embedded
from infra.local import server_process
from infra.local.endpoints import Endpoints
from shared.domain.record import Status
from shared.services.analyze import Analyzer
from shared.services.enhancing import Enhancer
from shared.storage import aws, keys
from shared.storage.bundles import BundleRepository, LatestBundle
from shared.storage.config import settings
from shared.storage.corrections import CorrectionRepository
from shared.storage.keys import object_events
from shared.storage.records import RecordRepository
from shared.storage.store import S3Store
from shared.vision import Observer
from shared.vision.text import TextEncoder
from tests.faults.memory_store import Clock, MemoryStore
from tests.faults.script import picture
from tests.faults.storm import GARBAGE, event, timeless
from tests.integration.waiting import eventually
from tests.unit.vision_fixtures import MODELS, needs_models

pytestmark = [pytest.mark.cloud, pytest.mark.models, needs_models]

SAMPLES = sorted((Path(__file__).parents[2] / "events" / "photos").glob("*.jpg"))
SEED = 4
STORM = {"seed": SEED, "refuse": 0.06, "lose": 0.04, "kill": 0.6, "kills": 3}
CALM = {"seed": SEED}
VISIBLE_AGAIN = "8"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """The real stack in an embedded cloud that has weather; nobody knows when a message comes again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EYE_HOME", str(tmp_path_factory.mktemp("home")))
        patch.setattr(server_process, "start", partial(server_process.start, module="tests.faults.server"))
        try:
            endpoints = embedded.up(port=0)
            for name, value in endpoints.environment().items():
                patch.setenv(name, value)
            settings.cache_clear()
            aws.sqs().set_queue_attributes(
                QueueUrl=endpoints.queue_url, Attributes={"VisibilityTimeout": VISIBLE_AGAIN}
            )
            yield endpoints
        finally:
            embedded.down()
    settings.cache_clear()


def weather(cloud: Endpoints, told: dict[str, Any] | None = None) -> dict[str, int]:
    """Set the weather; tells what it did so far."""
    request = urllib.request.Request(f"{cloud.endpoint}/_weather", data=json.dumps(told).encode())
    with urllib.request.urlopen(request) as answer:
        happened: dict[str, int] = json.load(answer)
    return happened


def uploads() -> dict[str, list[bytes | None]]:
    """What the owner does to each key, in order: photos, one replaced, one deleted, one that is none."""
    real = [path.read_bytes() for path in SAMPLES[:3]]
    acts: dict[str, list[bytes | None]] = {
        f"storm/é {number}+1.jpg": [photo] for number, photo in enumerate(real)
    }
    acts |= {f"small/{number}.jpg": [picture(number)] for number in range(4)}
    acts["replaced.jpg"] = [picture(7), real[0]]
    acts["deleted.jpg"] = [picture(8), None]
    acts["mended.jpg"] = [b"no photo", picture(9)]
    acts["broken.jpg"] = [b"no photo"]
    return acts


@lru_cache(maxsize=1)
def calm_records(bucket: str) -> dict[str, dict[str, Any]]:
    """The records that one process makes of what stands at the end, in memory."""
    clock = Clock()
    photos, library = MemoryStore(clock), MemoryStore(clock)
    records, observer = RecordRepository(library), Observer.load(MODELS)
    enhancer = Enhancer(
        LatestBundle(BundleRepository(library)),
        CorrectionRepository(library),
        lambda: TextEncoder.load(MODELS),
    )
    analyzer = Analyzer(photos, library, records, lambda: observer, enhancer)
    for number, (key, acts) in enumerate(uploads().items()):
        if acts[-1] is not None:
            photos.put(key, acts[-1])
        for found in object_events(event(key, number, deleted=acts[-1] is None, bucket=bucket)):
            analyzer.handle(found)
    return {
        photo_id: timeless(stored.record)
        for photo_id, _ in records.list()
        if (stored := records.get(photo_id))
    }


def messages(url: str) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    found = aws.sqs().get_queue_attributes(QueueUrl=url, AttributeNames=names)  # type: ignore[arg-type]
    return sum(int(found["Attributes"].get(name, "0")) for name in names)


def redrive(cloud: Endpoints) -> set[str]:
    """Send what is dead once more; returns what stays dead."""
    sqs, poisoned = aws.sqs(), set()
    while found := sqs.receive_message(
        QueueUrl=cloud.dead_letter_queue_url, MaxNumberOfMessages=10, VisibilityTimeout=60
    ).get("Messages"):
        for message in found:
            if message["Body"] == GARBAGE:
                poisoned.add(message["Body"])
                continue
            sqs.send_message(QueueUrl=cloud.queue_url, MessageBody=message["Body"])
            sqs.delete_message(QueueUrl=cloud.dead_letter_queue_url, ReceiptHandle=message["ReceiptHandle"])
    return poisoned


def play(cloud: Endpoints) -> None:
    """The owner's uploads, and events twice, late and out of order, with one message that is poisoned."""
    bucket, sqs = S3Store(cloud.uploads_bucket), aws.sqs()
    sqs.send_message(QueueUrl=cloud.queue_url, MessageBody=GARBAGE)
    acts = uploads()
    for turn in range(2):
        for key, bodies in acts.items():
            if turn < len(bodies):
                body = bodies[turn]
                bucket.put(key, body) if body is not None else bucket.delete(key)
    for number, key in enumerate(reversed(list(acts))):
        again = event(key, number, deleted=number % 3 == 0, bucket=cloud.uploads_bucket)
        sqs.send_message(QueueUrl=cloud.queue_url, MessageBody=json.dumps(again), DelaySeconds=number % 4)


def test_a_storm_ends_with_the_records_of_a_calm_process(cloud: Endpoints) -> None:
    library = S3Store(cloud.library_bucket)
    records = RecordRepository(library)
    wanted = calm_records(cloud.uploads_bucket)
    weather(cloud, STORM)

    play(cloud)

    def found() -> dict[str, dict[str, Any]]:
        read = records.get_many(photo_id for photo_id, _ in records.list())
        return {stored.record.photo_id: timeless(stored.record) for stored in read}

    eventually(lambda: weather(cloud)["killed"] >= 1 and len(found()) == len(wanted), seconds=90, pause=0.5)
    happened = weather(cloud, CALM)
    print(f"seed {SEED}: {happened}")
    assert min(happened.values()) > 0
    settled = eventually(lambda: redrive(cloud) is not None and found() == wanted, seconds=180, pause=1)

    assert settled, [key for key in wanted if found().get(key) != wanted[key]]
    analyzed = {photo_id for photo_id, record in wanted.items() if record["status"] == Status.ANALYZED}
    held = {keys.photo_id(cloud.uploads_bucket, "broken.jpg")}

    def others() -> tuple[set[str], set[str], set[str]]:
        """Photos with a thumbnail, in quarantine, and told of to those who tail the changes."""
        return (
            {entry.key.split("/")[1] for entry in library.list(keys.THUMBNAILS)},
            {note.photo_id for note in records.quarantined()},
            {keys.changed_photo(entry.key) for entry in library.list(keys.CHANGES)},
        )

    rest = (analyzed, held, set(wanted))
    assert eventually(lambda: redrive(cloud) is not None and others() == rest, seconds=90, pause=1), others()
