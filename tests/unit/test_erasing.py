"""An erased person is nowhere in the library: every version of every object is opened and searched."""

import base64
import importlib
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from PIL import Image

from shared.domain import arrays, pickles
from shared.domain.corrections import AddTag, SetDescription
from shared.domain.errors import BundleInvalid, InvalidInput, StoreUnavailable
from shared.domain.observation import Box, Face, FileWords, Observation, Region
from shared.domain.people import ConfirmFace, NamePerson, new_person_id
from shared.domain.record import NamedFace, Record, Status
from shared.domain.suppression import Suppression
from shared.services import wiring
from shared.services.erasing.scrubbing import Scrubber
from shared.storage import aws, keys
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.suppressions import SuppressionRepository
from shared.storage.versions import Version, VersionedBucket
from tests.synthetic_library import NARROW, SyntheticLibrary
from tests.unit.deployed import LIBRARY, PHASES
from tests.unit.deployed import moto_cloud as started
from tests.unit.test_analyze import KEY, PHOTO_ID, Eyes, World, event, jpeg
from tests.unit.vision_fixtures import needs_models

NAME, UNIQUE = "Zebulina Quux", "xylophonist"
FACE = Box(0.2, 0.2, 0.6, 0.7)
PHOTOS = 40
SIDE = 96
TEXTS = (".json", ".jsonl", ".log", ".html")
NOTHING = ("changes/",)


class Searcher:
    """Opens every version of every object of the library with its own reader, and looks for a person."""

    def __init__(self, names: set[str], ids: set[str], encodings: np.ndarray, boxes: Mapping[str, Box]):
        self.words = {name.casefold() for name in names} | ids
        self.encodings = encodings / np.linalg.norm(encodings, axis=1, keepdims=True)
        self.boxes = boxes

    def holds(self, version: Version, body: bytes) -> bool:
        key = version.key
        if key.endswith(TEXTS):
            return self.in_text(body.decode())
        if key.endswith(".parquet"):
            return any(self.in_value(row) for row in pq.read_table(io.BytesIO(body)).to_pylist())
        if key.endswith(".npz"):
            return any(self.in_array(name, value) for name, value in arrays.loads(body).items())
        if key.endswith(".pkl"):
            return self.in_value(pickles.loads(body))
        if key.endswith(".webp"):
            return self.in_picture(key, body)
        assert key.startswith(NOTHING), f"no reader knows {key}"
        return bool(body) or self.in_text(key)

    def in_text(self, text: str) -> bool:
        plain = text.casefold()
        if any(word in plain for word in self.words):
            return True
        return any(self.in_bytes(base64.b64decode(one)) for one in re.findall(r'"([\w+/]{342}==)"', text))

    def in_value(self, value: Any) -> bool:
        match value:
            case str():
                return self.in_text(value)
            case bytes():
                return self.in_bytes(value)
            case dict():
                return any(self.in_value(one) for pair in value.items() for one in pair)
            case list():
                return any(self.in_value(one) for one in value)
        return False

    def in_bytes(self, body: bytes) -> bool:
        if not body or len(body) % 256:
            return False
        return self.in_rows(np.frombuffer(body, "<f2").astype(np.float32).reshape(-1, 128))

    def in_array(self, name: str, value: np.ndarray) -> bool:
        if value.dtype.kind in "US":
            return any(self.in_text(str(one)) for one in value.ravel().tolist())
        if value.ndim and value.shape[-1] == 128 and value.dtype.kind == "f":
            return self.in_rows(value.reshape(-1, 128).astype(np.float32))
        return self.in_text(name)

    def in_rows(self, rows: np.ndarray) -> bool:
        lengths = np.linalg.norm(rows, axis=1)
        units = rows[lengths > 0] / lengths[lengths > 0, None]
        return bool(len(units)) and float((units @ self.encodings.T).max()) > 0.9995

    def in_picture(self, key: str, body: bytes) -> bool:
        box = self.boxes.get(key.split("/")[1])
        if box is None:
            return False
        pixels = np.asarray(Image.open(io.BytesIO(body)).convert("L"), np.float32)
        high, wide = pixels.shape
        face = pixels[
            int(box.top * high) : int(box.bottom * high), int(box.left * wide) : int(box.right * wide)
        ]
        return float(face.std()) > 10


def search(*searchers: Searcher) -> list[dict[str, set[str]]]:
    """What each searcher found where: names of folders, with the keys in them."""
    bucket = VersionedBucket(LIBRARY)
    hits: list[dict[str, set[str]]] = [{} for _ in searchers]
    for version in bucket.versions():
        body = b"" if version.marker else bucket.read(version)
        for searcher, found in zip(searchers, hits, strict=True):
            if not version.marker and searcher.holds(version, body):
                found.setdefault(version.key.partition("/")[0], set()).add(version.key)
    return hits


def invoke(function: str, **event: Any) -> Any:
    handler = importlib.import_module(f"functions.{function}.app").handler
    context = SimpleNamespace(
        function_name=function, memory_limit_in_mb=1024, invoked_function_arn="arn", aws_request_id="1"
    )
    return json.loads(json.dumps(handler(event, context)))


def train(run_id: str) -> str:
    """One training, step by step; returns its status."""
    machine = wiring.settings().training_machine
    execution = aws.stepfunctions().start_execution(stateMachineArn=machine, name=run_id)["executionArn"]
    step = {"run_id": run_id, "execution": execution, "input": {"force": True}, "shard": {"prefix": ""}}
    for action in ("plan", "shard", "count"):
        invoke("export", **step, action=action)
    for phase in PHASES:
        for action in ("observe", "solve"):
            invoke(phase, **step, action=action)
    return str(invoke("report", **step, action="publish")["status"])


def checkered() -> bytes:
    """A thumbnail in which every region is full of detail."""
    board = np.indices((SIDE, SIDE)).sum(axis=0) // 4 % 2 * 255
    out = io.BytesIO()
    Image.fromarray(board.astype(np.uint8)).convert("RGB").save(out, "WEBP", quality=80)
    return out.getvalue()


@dataclass(frozen=True)
class Person:
    """Somebody of the library: who they are and where."""

    person_id: str
    records: tuple[Record, ...]
    faces: Mapping[str, tuple[str, Box]]
    encodings: np.ndarray
    gone_photo: str
    gone_faces: tuple[str, ...]
    gone: np.ndarray

    def searcher(self) -> Searcher:
        boxes = dict(self.faces.values())
        return Searcher({NAME}, {self.person_id, *self.faces}, self.encodings, boxes)


def put(record: Record) -> Record:
    return wiring.records().update(record.photo_id, lambda _: record)


@pytest.fixture(scope="module")
def person(moto_cloud: None) -> Person:
    """A trained library in which one person is named in files, in corrections, and on the people page."""
    aws.s3().put_bucket_versioning(Bucket=LIBRARY, VersioningConfiguration={"Status": "Enabled"})
    made = list(SyntheticLibrary(PHOTOS, widths=NARROW, worded=1.0, faces=1.5))
    encodings = {face.face_id: face.encoding for one in made for face in one.observation.faces}
    first = max(
        encodings, key=lambda face: sum(np.linalg.norm(encodings[face] - e) < 0.6 for e in encodings.values())
    )
    near = {face for face, one in encodings.items() if np.linalg.norm(one - encodings[first]) < 0.6}
    held: dict[str, tuple[str, Box]] = {}
    gone = next(
        one for one in made if one.observation.faces and not {f.face_id for f in one.observation.faces} & near
    )
    for one in made:
        seen = {face.face_id: face.box for face in one.observation.faces if face.face_id in near}
        held |= {face: (one.photo_id, box) for face, box in seen.items()}
        boxes = list(seen.values())[:1]
        words = one.file_words
        if one is gone:
            words = replace(words, description=f"A {UNIQUE}. {words.description}")
        if boxes:
            words = FileWords(f"{NAME} by the sea. {words.description}", (*words.tags, NAME), ())
            words = replace(words, regions=tuple(Region(NAME, box) for box in boxes))
        owner = replace(one.owner, description=words.description, tags=words.tags)
        owner = replace(owner, faces=tuple(NamedFace(NAME, box) for box in boxes))
        put(replace(one, file_words=words, owner=owner))
        wiring.library().put(keys.thumbnail(one.photo_id, one.origin.etag), checkered(), "image/webp")
    person_id = new_person_id(first)
    log = PeopleLog(wiring.library())
    for word in (NamePerson(person_id, NAME), *(ConfirmFace(face, person_id) for face in sorted(near))):
        log.add(word)
    other = next(one.photo_id for one in made if not one.observation.faces)
    corrections = CorrectionRepository(wiring.library())
    corrections.add(other, SetDescription(f"The house of {NAME}, seen from the road"))
    corrections.add(other, AddTag(NAME))
    corrections.add(gone.photo_id, AddTag(UNIQUE))
    wiring.records().update(other, lambda record: record and wiring.enhancer().refresh(record))
    assert train("before") == "completed"
    records = tuple(one for one in made if one.photo_id in {photo for photo, _ in held.values()})
    lost = gone.observation.faces
    return Person(
        person_id,
        records,
        held,
        np.array([encodings[face] for face in sorted(near)]),
        gone.photo_id,
        tuple(face.face_id for face in lost),
        np.array([face.encoding for face in lost]),
    )


@pytest.fixture(scope="module")
def moto_cloud() -> Iterator[None]:
    with started():
        yield


@pytest.mark.models
@needs_models
def test_somebody_erased_and_a_deleted_photo_are_in_no_version_of_any_object(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    searcher, of_photo = person.searcher(), Searcher({UNIQUE}, set(person.gone_faces), person.gone, {})
    before, before_deletion = search(searcher, of_photo)
    kept = {photo_id for photo_id, _ in wiring.records().list()}
    former = wiring.bundles().alias()
    delete(person.gone_photo)
    stops_midway(monkeypatch)

    with pytest.raises(StoreUnavailable):
        invoke("erase", action="person", person=NAME.upper())
    monkeypatch.undo()
    asked = invoke("erase", action="deleted")
    status = train("after")
    finished = invoke("erase", action="finish")

    holding = {"records", "corrections", "dataset", "catalogue", "sums", "runs", "bundles"}
    assert holding | {"people", "thumbs"} <= set(before)
    assert holding <= set(before_deletion)
    assert (asked["status"], asked["photos"]) == ("training_needed", 1)
    assert (status, finished["status"]) == ("completed", "erased")
    assert search(searcher, of_photo) == [{}, {}]
    assert {photo_id for photo_id, _ in wiring.records().list()} == kept, "photos stay, the person goes"
    assert former is not None
    with pytest.raises(BundleInvalid, match="erased"):
        wiring.bundles().rollback(former.version)
    assert not list(wiring.library().list(keys.ERASING))
    assert invoke("erase", action="deleted")["photos"] == 0, "nothing is erased twice"


def stops_midway(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an erasure fail after records, before the people page."""

    def fail(*_: object) -> None:
        raise StoreUnavailable("the store does not answer")

    monkeypatch.setattr(Scrubber, "_forget_events", fail)


def delete(photo_id: str) -> None:
    """What `analyze` leaves of a photo that was deleted."""
    for entry in wiring.library().list(keys.thumbnails(photo_id)):
        wiring.library().delete(entry.key)
    wiring.records().update(
        photo_id, lambda one: one and Record(photo_id=photo_id, origin=one.origin, status=Status.DELETED)
    )


def test_nobody_is_erased_by_a_name_that_nobody_has(person: Person) -> None:
    with pytest.raises(InvalidInput, match="Nobody is called"):
        invoke("erase", action="person", person="Nobody At All")


class Portrait(Eyes):
    """Sees one face in every photo."""

    def observe(self, photo: object, photo_id: str) -> Observation:
        face = Face("f" * 16, FACE, 0.9, np.ones(128, np.float32), 0.8)
        return replace(super().observe(photo, photo_id), faces=(face,))


@pytest.mark.parametrize("name", ["photo", "content"])
def test_looking_again_honours_what_is_suppressed(tmp_path: Path, name: str) -> None:
    world = World(tmp_path)
    world.eyes = Portrait()
    photo = jpeg("red")
    content = sha256(photo).hexdigest()
    SuppressionRepository(world.library).add(
        {"photo": PHOTO_ID, "content": content}[name], Suppression((FACE,))
    )
    world.uploads.put(KEY, photo)

    world.analyzer.handle(event("01"))

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.observation is not None
    assert stored.record.observation.faces == ()
