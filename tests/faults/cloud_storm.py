"""The storm in the embedded cloud: real events, queues, functions and models, and processes really killed."""

import hashlib
import json
import random
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pytest

from infra.local import cloud as embedded
from infra.local import server_process
from infra.local.endpoints import Endpoints
from shared.photos import Photo
from shared.services.correcting import refold
from shared.services.enhancing import Enhancer
from shared.storage import aws, keys, ulids
from shared.storage.bundles import BundleRepository, LatestBundle
from shared.storage.config import settings
from shared.storage.corrections import CorrectionRepository
from shared.storage.records import RecordRepository
from shared.storage.store import S3Store
from shared.vision.cache import CachedObserver
from shared.vision.observer import Observer
from shared.vision.text import TextEncoder
from tests.faults.faulty_store import Process
from tests.faults.left import left
from tests.faults.script import Act, deadly, script
from tests.faults.storm import GARBAGE, Storm, event, say

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"
SAMPLES = sorted((ROOT / "events" / "photos").glob("*.jpg"))
REAL = tuple(path.read_bytes() for path in SAMPLES[:3])
AT_ONCE = 2
VISIBLE_AGAIN = 10
MOST_WAITING = 40
DISORDER = 0.1
LATEST = 8
LONGEST_WAIT = 900
COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)


@contextmanager
def stormy_cloud(folder: Path) -> Iterator[Endpoints]:
    """The real stack in an embedded cloud that has weather, and in which nobody trains by himself.

    Parameters
    ----------
    folder
        What remembers where the cloud is.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EYE_HOME", str(folder))
        patch.setattr(server_process, "start", partial(server_process.start, module="tests.faults.server"))
        try:
            endpoints = embedded.up(port=0, parameters={"AnalyzeConcurrency": str(AT_ONCE)})
            for name, value in endpoints.environment().items():
                patch.setenv(name, value)
            settings.cache_clear()
            for rule in aws.events().list_rules()["Rules"]:
                if "ScheduleExpression" in rule:
                    aws.events().disable_rule(Name=rule["Name"])
            yield endpoints
        finally:
            embedded.down()
            settings.cache_clear()


def weather(cloud: Endpoints, told: dict[str, Any] | None = None) -> Counter[str]:
    """Set the weather (see `tests.faults.server.Weather`); tells what it did so far."""
    request = urllib.request.Request(f"{cloud.endpoint}/_weather", data=json.dumps(told).encode())
    with urllib.request.urlopen(request) as answer:
        return Counter(json.load(answer))


class RealEyes:
    """The models in calm: what is looked at again is remembered, and a deadly photo ends the process."""

    def __init__(self, process: Process, seen: CachedObserver) -> None:
        self._process, self._seen = process, seen
        self.models = seen.models

    def observe(self, photo: Photo, photo_id: str) -> Any:
        if photo.content_sha256 == hashlib.sha256(deadly()).hexdigest():
            self._process.end()
        return self._seen.observe(photo, photo_id)


@lru_cache(maxsize=1)
def _encoder() -> TextEncoder:
    return TextEncoder.load(MODELS)


def calm(uploads: int, seed: int, bucket: str, sights: Path) -> dict[str, dict[str, Any]]:
    """What one process that nothing happens to leaves of the same uploads, with the same models.

    Parameters
    ----------
    bucket
        Photos are named by it.
    sights
        Remembers what the models saw.
    """
    seen = CachedObserver(Observer.load(MODELS), sights)
    eyes = partial(RealEyes, seen=seen)
    return Storm.calm(uploads, seed, bucket=bucket, real=REAL, eyes=eyes, encoder=_encoder).play().state()


class CloudStorm:
    """What the owner does to a library in the embedded cloud, and what the weather does to it.

    Parameters
    ----------
    cloud
        See `stormy_cloud`; used for nothing else.
    uploads, seed
        How many, and what is done to them; the moments at which things happen differ from run to run.
    """

    def __init__(self, cloud: Endpoints, uploads: int, seed: int) -> None:
        self.cloud, self.uploads, self.seed = cloud, uploads, seed
        self.chance = random.Random(f"messages {seed}")
        self.photos, self.library = S3Store(cloud.uploads_bucket), S3Store(cloud.library_bucket)
        self.records = RecordRepository(self.library)
        latest = LatestBundle(BundleRepository(self.library))
        self.enhancer = Enhancer(latest, CorrectionRepository(self.library), _encoder)
        self.happened: Counter[str] = Counter()
        self.redriven: set[str] = set()

    def play(self) -> "CloudStorm":
        """Play the owner's script, let the weather clear, redrive what is dead, and fold corrections anew."""
        visible = {"VisibilityTimeout": str(VISIBLE_AGAIN)}
        aws.sqs().set_queue_attributes(QueueUrl=self.cloud.queue_url, Attributes=visible)  # type: ignore[arg-type]
        weather(self.cloud, self._bad())
        self._send(GARBAGE)
        for act in script(self.uploads, self.seed, REAL):
            self._acts(act)
            self._wait(MOST_WAITING)
        self._wait(0)
        self.happened += weather(self.cloud, {"deadly": self._deadly()})
        for _ in range(3):
            self._redrive()
            self._wait(0)
        refold(self.records, CorrectionRepository(self.library), self.enhancer)
        return self

    def state(self) -> dict[str, dict[str, Any]]:
        """What is left of the library."""
        return left(self.library)

    def untold(self) -> set[str]:
        """Photos whose record was written after the last note of a change.

        A photo with a message that was given up and came again is left out: docs/faults.md says why.
        """
        last: dict[str, Any] = {}
        for entry in self.library.list(keys.CHANGES):
            name, _, photo_id = entry.key.rpartition("/")[2].rpartition("-")
            last[photo_id] = max(ulids.moment(name), last.get(photo_id, ulids.moment(name)))
        read = self.records.get_many(photo_id for photo_id, _ in self.records.list())
        return {
            stored.record.photo_id
            for stored in read
            if (
                (at := stored.record.updated_at) is not None
                and (told := last.get(stored.record.photo_id)) is not None
                and told < at.replace(microsecond=at.microsecond // 1000 * 1000)
            )
            or stored.record.photo_id not in last
        } - self.redriven

    def dead(self) -> list[str]:
        """Bodies of the messages that stay given up."""
        found = self._receive(self.cloud.dead_letter_queue_url)
        return [message["Body"] for message in found]

    def _bad(self) -> dict[str, Any]:
        return {
            "seed": self.seed,
            "refuse": 0.02,
            "lose": 0.01,
            "kill": 0.004,
            "kills": max(4, self.uploads // 50),
            "deadly": self._deadly(),
        }

    @staticmethod
    def _deadly() -> list[str]:
        return [hashlib.md5(deadly()).hexdigest()]

    def _acts(self, act: Act) -> None:
        if act.tag:
            photo_id = keys.photo_id(self.cloud.uploads_bucket, act.key)
            say(act, photo_id, self.library, self.records, self.enhancer)
            return
        if act.body is None:
            self.photos.delete(act.key)
        else:
            self.photos.put(act.key, act.body)
        if self.chance.random() < DISORDER:
            self.happened["disordered"] += 1
            sequencer, wrong = self.chance.randrange(2**31), self.chance.random() < 0.5
            told = event(act.key, sequencer, deleted=wrong, bucket=self.cloud.uploads_bucket)
            self._send(json.dumps(told), late=self.chance.randrange(LATEST))

    def _send(self, body: str, late: int = 0) -> None:
        aws.sqs().send_message(QueueUrl=self.cloud.queue_url, MessageBody=body, DelaySeconds=late)

    def _redrive(self) -> None:
        """What an operator does once the weather has cleared: all that is dead comes once more."""
        dead = self._receive(self.cloud.dead_letter_queue_url)
        for message in dead:
            if message["Body"] == GARBAGE:
                continue
            self.happened["redriven"] += 1
            key = json.loads(message["Body"])["detail"]["object"]["key"]
            self.redriven.add(keys.photo_id(self.cloud.uploads_bucket, key))
            self._send(message["Body"])
            aws.sqs().delete_message(
                QueueUrl=self.cloud.dead_letter_queue_url, ReceiptHandle=message["ReceiptHandle"]
            )

    def _receive(self, url: str) -> list[Any]:
        """Every message of a queue, each once; they stay in it."""
        found: dict[str, Any] = {}
        many = -1
        while len(found) > many:
            many = len(found)
            answer = aws.sqs().receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=5)
            found |= {message["MessageId"]: message for message in answer.get("Messages", [])}
        return list(found.values())

    def _wait(self, most: int) -> None:
        """Wait until so few messages are on their way, and stay so for a moment where none may be left."""
        quiet, end = 0, time.monotonic() + LONGEST_WAIT
        while quiet < (1 if most else 3):
            waiting = self._waiting()
            if time.monotonic() > end:
                raise TimeoutError(f"{waiting} messages are still on their way after {LONGEST_WAIT} s")
            quiet = quiet + 1 if waiting <= most else 0
            if quiet == 0 or not most:
                time.sleep(0.3)

    def _waiting(self) -> int:
        found = aws.sqs().get_queue_attributes(QueueUrl=self.cloud.queue_url, AttributeNames=list(COUNTS))  # type: ignore[arg-type]
        return sum(int(found["Attributes"].get(name, "0")) for name in COUNTS)
