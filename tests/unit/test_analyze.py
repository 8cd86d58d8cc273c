"""Duplicate, late and out-of-order events, replacements and deletions all end in one right record."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared.domain.errors import TransientError
from shared.domain.observation import Exif, Label, Observation
from shared.domain.record import Status
from shared.services.analyze import Analyzer, Outcome
from shared.services.enhancing import Enhancer
from shared.storage import keys
from shared.storage.bundles import BundleRepository, LatestBundle
from shared.storage.corrections import CorrectionRepository
from shared.storage.keys import ObjectEvent
from shared.storage.records import RecordRepository
from shared.storage.store import DirectoryStore, Object

BUCKET = "uploads"
KEY = "trip/été 1+2.jpg"
PHOTO_ID = keys.photo_id(BUCKET, KEY)


@dataclass
class Eyes:
    """Sees the mean colour; stands in for models that take a second to load."""

    models: tuple[str, ...] = ("eyes@1",)
    looks: list[str] = field(default_factory=list)

    def observe(self, photo: object, photo_id: str) -> Observation:
        self.looks.append(photo_id)
        pixels = photo.pixels  # type: ignore[attr-defined]
        return Observation(
            content_sha256=photo.content_sha256,  # type: ignore[attr-defined]
            width=pixels.shape[1],
            height=pixels.shape[0],
            format="JPEG",
            labels=(Label("red" if pixels[..., 0].mean() > 128 else "dark", 0.9),),
            objects=(),
            faces=(),
            features={"mean": pixels.mean(axis=(0, 1)).astype(np.float32)},
            text_vector=np.zeros(384, dtype=np.float32),
            dhash=photo.dhash,  # type: ignore[attr-defined]
            exif=Exif(),
            models=self.models,
            encoding_space="",
        )


def jpeg(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (32, 24), colour).save(out, "JPEG")
    return out.getvalue()


def event(sequencer: str, *, deleted: bool = False) -> ObjectEvent:
    return ObjectEvent(BUCKET, KEY, "", 0, sequencer, deleted, datetime(2026, 1, 1, tzinfo=UTC))


class World:
    """A library in a directory."""

    def __init__(self, path: Path) -> None:
        self.uploads = DirectoryStore(path / "uploads")
        self.library = DirectoryStore(path / "library")
        self.records = RecordRepository(self.library)
        self.eyes = Eyes()
        self.analyzer = self.with_uploads(self.uploads)

    def with_uploads(self, uploads: DirectoryStore) -> Analyzer:
        def no_encoder() -> object:
            raise AssertionError("nobody wrote a word")

        latest = LatestBundle(BundleRepository(self.library))
        enhancer = Enhancer(latest, CorrectionRepository(self.library), no_encoder)  # type: ignore[arg-type]
        return Analyzer(uploads, self.library, self.records, lambda: self.eyes, enhancer)  # type: ignore[arg-type, return-value]

    def record(self) -> Status | None:
        stored = self.records.get(PHOTO_ID)
        return stored.record.status if stored else None


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_analyze_writes_record_thumbnail_and_change(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))

    assert world.analyzer.handle(event("01")) is Outcome.ANALYZED

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.observation is not None
    assert stored.record.observation.labels[0].name == "red"
    assert stored.record.enhancement is not None
    assert [e.key for e in world.library.list(keys.thumbnails(PHOTO_ID))] == [
        keys.thumbnail(PHOTO_ID, stored.record.origin.etag)
    ]
    assert len(list(world.library.list(keys.CHANGES))) == 1


def test_analyze_of_a_duplicate_event_runs_no_model(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    world.analyzer.handle(event("01"))

    assert world.analyzer.handle(event("01")) is Outcome.UNCHANGED
    assert len(world.eyes.looks) == 1
    assert len(list(world.library.list(keys.CHANGES))) == 1


def test_analyze_of_a_late_event_keeps_what_stands_there_now(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    world.analyzer.handle(event("02"))

    world.analyzer.handle(event("01"))

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.origin.sequencer == "02"


def test_analyze_believes_what_stands_there_rather_than_the_number_of_an_event(world: World) -> None:
    world.uploads.put(KEY, jpeg("black"))
    world.analyzer.handle(event("FF"))
    world.uploads.put(KEY, jpeg("red"))

    world.analyzer.handle(event("01"))

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.observation is not None
    assert stored.record.observation.labels[0].name == "red"
    assert stored.record.origin.sequencer == "FF"


def test_analyze_after_new_models_looks_again(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    world.analyzer.handle(event("01"))
    world.eyes.models = ("eyes@2",)

    assert world.analyzer.handle(event("01")) is Outcome.ANALYZED


def test_analyze_of_a_deletion_leaves_a_tombstone_and_nothing_else(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    world.analyzer.handle(event("01"))
    world.uploads.delete(KEY)

    assert world.analyzer.handle(event("02", deleted=True)) is Outcome.DELETED

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.status is Status.DELETED
    assert stored.record.observation is None
    assert not list(world.library.list(keys.thumbnails(PHOTO_ID)))


def test_analyze_of_a_created_event_after_the_deletion_does_not_bring_it_back(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    world.analyzer.handle(event("01"))
    world.uploads.delete(KEY)
    world.analyzer.handle(event("02", deleted=True))

    world.analyzer.handle(event("01"))

    assert world.record() is Status.DELETED


def test_analyze_of_an_unreadable_file_says_why_until_it_is_mended(world: World) -> None:
    world.uploads.put(KEY, b"not a photo")

    assert world.analyzer.handle(event("01")) is Outcome.QUARANTINED
    [note] = world.records.quarantined()
    assert note.photo_id == PHOTO_ID
    assert note.reason
    assert note.advice

    world.uploads.put(KEY, jpeg("red"))
    assert world.analyzer.handle(event("02")) is Outcome.ANALYZED
    assert not list(world.records.quarantined())
    assert world.record() is Status.ANALYZED


class Replacing(DirectoryStore):
    """A store where somebody else does something right after an object was read."""

    def __init__(self, path: Path, then: Callable[["Replacing"], None], times: int = 1) -> None:
        super().__init__(path)
        self._then, self._times = then, times

    def get(self, key: str) -> Object:
        found = super().get(key)
        if self._times:
            self._times -= 1
            self._then(self)
        return found


def test_analyze_of_a_photo_replaced_meanwhile_ends_with_the_new_one(world: World, tmp_path: Path) -> None:
    uploads = Replacing(tmp_path / "uploads", lambda store: store.put(KEY, jpeg("red")) and None)
    uploads.put(KEY, jpeg("black"))

    world.with_uploads(uploads).handle(event("01"))

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.observation is not None
    assert stored.record.observation.labels[0].name == "red"
    assert len(list(world.library.list(keys.thumbnails(PHOTO_ID)))) == 1


def test_analyze_of_a_photo_that_another_look_has_seen_replaced_leaves_what_that_one_wrote(
    world: World, tmp_path: Path
) -> None:
    def replace(store: Replacing) -> None:
        store.put(KEY, jpeg("red"))
        world.with_uploads(store).handle(event("02"))

    uploads = Replacing(tmp_path / "uploads", replace)
    uploads.put(KEY, jpeg("black"))

    world.with_uploads(uploads).handle(event("01"))

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.observation is not None
    assert stored.record.observation.labels[0].name == "red"
    assert len(list(world.library.list(keys.CHANGES))) == 1


def test_analyze_of_a_photo_deleted_meanwhile_ends_with_a_tombstone(world: World, tmp_path: Path) -> None:
    uploads = Replacing(tmp_path / "uploads", lambda store: store.delete(KEY))
    uploads.put(KEY, jpeg("black"))

    world.with_uploads(uploads).handle(event("01"))

    assert world.record() is Status.DELETED


def test_analyze_of_a_photo_that_never_rests_asks_for_the_event_again(world: World, tmp_path: Path) -> None:
    shades = iter(range(1, 100))

    def repaint(store: Replacing) -> None:
        store.put(KEY, jpeg(f"rgb({next(shades) * 40 % 255},0,0)"))

    uploads = Replacing(tmp_path / "uploads", repaint, times=100)
    uploads.put(KEY, jpeg("black"))

    with pytest.raises(TransientError):
        world.with_uploads(uploads).handle(event("01"))
