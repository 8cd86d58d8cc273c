"""What many tests need: an object store of each kind, and a record to put in it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import boto3
import numpy as np
import pytest
from moto import mock_aws

from shared.domain.observation import Box, Exif, Face, Label, Observation, Place
from shared.domain.record import Enhancement, Origin, Record, Sentence, Source, Status
from shared.storage import keys
from shared.storage.store import DirectoryStore, ObjectStore, S3Store
from tests.unit.api_client import api

__all__ = ["api"]

BUCKET = "library"


class Serial:
    """A client that sends one request at a time: moto checks and writes in two steps, S3 in one."""

    def __init__(self, client: object) -> None:
        self._client = client
        self._lock = Lock()

    def __getattr__(self, name: str) -> Callable[..., object]:
        method = getattr(self._client, name)

        def call(*args: object, **kwargs: object) -> object:
            with self._lock:
                return method(*args, **kwargs)

        return call


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Store]:
    """A bucket in moto."""
    for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        boto3.client("s3").create_bucket(Bucket=BUCKET)
        yield S3Store(BUCKET, Serial(boto3.client("s3")))  # type: ignore[arg-type]


@pytest.fixture
def directory(tmp_path: Path) -> DirectoryStore:
    """An empty store in a directory."""
    return DirectoryStore(tmp_path / BUCKET)


@pytest.fixture(params=["directory", "s3"])
def store(request: pytest.FixtureRequest) -> ObjectStore:
    """An empty store, of each kind in turn."""
    made: ObjectStore = request.getfixturevalue(request.param)
    return made


@pytest.fixture
def make_record() -> Callable[..., Record]:
    """Makes the record of an analyzed photo from a number: the same for the same number."""

    def make(number: int, **parts: object) -> Record:
        random = np.random.default_rng(number)

        def vector(width: int) -> np.ndarray:
            return random.normal(size=width).astype(np.float16).astype(np.float32)

        key = f"album/{number:04d}.jpg"
        photo_id = keys.photo_id("uploads", key)
        observation = Observation(
            content_sha256=f"{number:064x}",
            width=400,
            height=300,
            format="JPEG",
            labels=(Label("dog", 0.75),),
            objects=(),
            faces=tuple(
                Face(f"{photo_id}-{n}", Box(0.1, 0.1, 0.3, 0.4), 0.9, vector(128), 0.8)
                for n in range(number % 3)
            ),
            features={"lite2": vector(16), "coco": vector(4)},
            text_vector=vector(384),
            dhash=f"{number:016x}",
            exif=Exif(datetime(2024, 5, 1, 12, number % 60), "Camera", 1.0, 2.0, Place("Kyoto", "", "Japan")),
            models=("model@1234",),
            encoding_space="dlib_resnet_128",
        )
        uploaded = datetime(2025, 1, 1, tzinfo=UTC)
        record = Record(
            photo_id=photo_id,
            origin=Origin("uploads", key, f"etag{number}", 1000, "0A", uploaded),
            status=Status.ANALYZED,
            observation=observation,
            enhancement=Enhancement(None, "one dog", Sentence("one dog", Source.MODEL), ()),
        )
        return replace(record, **parts)

    return make
