"""A process that ends in the midst of a photo leaves nothing that another delivery does not put right."""

import io
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared.domain.errors import ModelUnavailable, StoreUnavailable
from shared.domain.record import Status
from shared.services.analyze import MOST_UNFINISHED, Outcome
from shared.storage import keys
from shared.storage.keys import ObjectEvent
from shared.storage.store import DirectoryStore
from tests.faults.faulty_store import CALM, FaultyStore, Killed, Process
from tests.unit.test_analyze import BUCKET, KEY, PHOTO_ID, Eyes, World, event, jpeg


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def with_library(world: World, library: object) -> World:
    """The same uploads, analyzed by a process that sees another library."""
    seen = World(world.uploads.root.parent)
    seen.eyes = world.eyes
    seen.library = library  # type: ignore[assignment]
    seen.records = type(world.records)(library)  # type: ignore[arg-type]
    seen.analyzer = seen.with_uploads(world.uploads)
    return seen


def killed_after(world: World, requests: int) -> World:
    return with_library(world, FaultyStore(world.library, Process(CALM, random.Random(0), last=requests)))


def die() -> None:
    raise Killed


def left(world: World) -> list[str]:
    """Everything of the library but the notes of changes."""
    return [entry.key for entry in world.library.list() if not entry.key.startswith(keys.CHANGES)]


def requests_of(world: World, attempt: int = 1) -> int:
    process = Process(CALM, random.Random(0))
    with_library(world, FaultyStore(world.library, process)).analyzer.handle(event("01"), attempt=attempt)
    return process.requests


@pytest.mark.parametrize("body", [jpeg("red"), b"not a photo"], ids=["photo", "unreadable"])
def test_a_look_killed_at_any_step_is_made_good_by_the_next_delivery(tmp_path: Path, body: bytes) -> None:
    calm = World(tmp_path / "calm")
    calm.uploads.put(KEY, body)
    steps = requests_of(calm)

    for step in range(steps):
        world = World(tmp_path / str(step))
        world.uploads.put(KEY, body)
        with pytest.raises(Killed):
            killed_after(world, step).analyzer.handle(event("01"))
        world.analyzer.handle(event("01"), attempt=2)

        assert left(world) == left(calm)
        assert world.record() is calm.record()
        assert list(world.library.list(keys.CHANGES)), f"killed after request {step}: no reader hears of it"


def test_a_deletion_killed_at_any_step_is_made_good_by_the_next_delivery(tmp_path: Path) -> None:
    for step in range(7):
        world = World(tmp_path / str(step))
        world.uploads.put(KEY, jpeg("red"))
        world.analyzer.handle(event("01"))
        told = len(list(world.library.list(keys.CHANGES)))
        world.uploads.delete(KEY)
        with pytest.raises(Killed):
            killed_after(world, step).analyzer.handle(event("02", deleted=True))
        world.analyzer.handle(event("02", deleted=True), attempt=2)

        assert left(world) == [keys.record(PHOTO_ID)]
        assert world.record() is Status.DELETED
        assert len(list(world.library.list(keys.CHANGES))) > told


def test_a_photo_deleted_before_it_was_looked_at_leaves_a_tombstone_and_no_thumbnail(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    ending = with_library(world, Meanwhile(world.library.root, keys.thumbnails(PHOTO_ID), die))
    with pytest.raises(Killed):
        ending.analyzer.handle(event("01"))
    assert list(world.library.list(keys.thumbnails(PHOTO_ID)))
    world.uploads.delete(KEY)

    world.analyzer.handle(event("02", deleted=True))

    assert left(world) == [keys.record(PHOTO_ID)]
    assert world.record() is Status.DELETED


class Deadly(Eyes):
    """Sees one kind of photo, and ends the process at every other."""

    def observe(self, photo: object, photo_id: str) -> object:  # type: ignore[override]
        if photo.pixels[..., 0].mean() < 128:  # type: ignore[attr-defined]
            raise Killed
        return super().observe(photo, photo_id)


class Ended(DirectoryStore):
    """A store that a process no longer reaches once it has ended: what it would clean up stays."""

    def delete(self, key: str) -> None:
        if key.startswith(keys.UNFINISHED):
            raise Killed
        super().delete(key)


def ended(world: World) -> World:
    seen = with_library(world, Ended(world.library.root))
    seen.eyes = Deadly()
    return seen


def test_a_photo_that_ends_every_process_is_quarantined_before_its_message_is_given_up(world: World) -> None:
    world.uploads.put(KEY, jpeg("black"))
    for attempt in range(1, MOST_UNFINISHED + 2):
        with pytest.raises(Killed):
            ended(world).analyzer.handle(event("01"), attempt=attempt)

    assert world.analyzer.handle(event("01"), attempt=5) is Outcome.QUARANTINED

    [note] = world.records.quarantined()
    assert "stopped several times" in note.reason
    assert not world.eyes.looks


def test_a_photo_in_a_batch_with_one_that_ends_every_process_is_not_blamed_for_it(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))

    assert world.analyzer.handle(event("01"), attempt=5) is Outcome.ANALYZED
    assert world.analyzer.handle(event("01"), attempt=5) is Outcome.UNCHANGED
    assert world.record() is Status.ANALYZED


def test_an_outage_or_a_missing_model_never_counts_against_the_photo(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))

    class Blind(Eyes):
        def observe(self, photo: object, photo_id: str) -> object:  # type: ignore[override]  # noqa: ARG002
            raise ModelUnavailable("net.onnx is not the one the manifest names: run make models")

    world.eyes = Blind()
    for attempt in range(1, 6):
        with pytest.raises(ModelUnavailable):
            world.analyzer.handle(event("01"), attempt=attempt)
    world.eyes = Eyes()

    assert world.analyzer.handle(event("01"), attempt=5) is Outcome.ANALYZED


class Meanwhile(DirectoryStore):
    """A store where somebody else does something right after an object was put."""

    def __init__(self, root: Path, prefix: str, then: Callable[[], object]) -> None:
        super().__init__(root)
        self._prefix, self._then = prefix, [then]

    def put(self, key: str, body: bytes, content_type: str = "") -> str:
        etag = super().put(key, body, content_type)
        if key.startswith(self._prefix) and self._then:
            self._then.pop()()
        return etag


def test_a_thumbnail_that_an_older_look_took_away_comes_back(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    world.analyzer.handle(event("01"))
    [thumbnail] = world.library.list(keys.thumbnails(PHOTO_ID))
    world.library.delete(thumbnail.key)

    world.analyzer.handle(event("01"))

    assert [entry.key for entry in world.library.list(keys.thumbnails(PHOTO_ID))] == [thumbnail.key]
    assert len(world.eyes.looks) == 1


def test_an_unreadable_version_replaced_meanwhile_does_not_take_the_new_ones_thumbnail(world: World) -> None:
    world.uploads.put(KEY, b"not a photo")

    def replace() -> None:
        world.uploads.put(KEY, jpeg("red"))
        world.analyzer.handle(event("02"))

    slow = with_library(world, Meanwhile(world.library.root, keys.QUARANTINE, replace))
    slow.analyzer.handle(event("01"))

    assert world.record() is Status.ANALYZED
    assert list(world.library.list(keys.thumbnails(PHOTO_ID)))
    assert not list(world.records.quarantined())


def test_the_size_of_a_photo_replaced_meanwhile_is_the_new_ones(world: World, tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).save(out, "PNG")
    new = out.getvalue()

    class Swapped(DirectoryStore):
        def get(self, key: str) -> object:  # type: ignore[override]
            self.put(KEY, new)
            return super().get(key)

    uploads = Swapped(tmp_path / "uploads")
    uploads.put(KEY, jpeg("black"))

    world.with_uploads(uploads).handle(event("01"))

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.origin.size == len(new)


def test_events_of_a_clock_that_is_off_lead_to_the_same_record(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    for year in (1999, 2199):
        moment = datetime(year, 1, 1, tzinfo=UTC)
        world.analyzer.handle(ObjectEvent(BUCKET, KEY, "", 0, "01", False, moment))

    stored = world.records.get(PHOTO_ID)
    assert stored is not None
    assert stored.record.status is Status.ANALYZED
    assert stored.record.origin.uploaded_at.year not in (1999, 2199)


def test_too_many_pixels_for_the_settings_are_quarantined(world: World) -> None:
    world.uploads.put(KEY, jpeg("red"))
    analyzer = world.with_uploads(world.uploads)
    object.__setattr__(analyzer, "max_pixels", 100)

    assert analyzer.handle(event("01")) is Outcome.QUARANTINED


def test_an_outage_while_a_note_is_cleared_is_insisted_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _: None)
    world.uploads.put(KEY, jpeg("red"))
    tries: list[str] = []

    class Slow(DirectoryStore):
        def delete(self, key: str) -> None:
            if key.startswith(keys.UNFINISHED):
                tries.append(key)
                if len(tries) < 4:
                    raise StoreUnavailable("The bucket asks to slow down: try again")
            super().delete(key)

    seen = with_library(world, Slow(world.library.root))

    assert seen.analyzer.handle(event("01"), attempt=2) is Outcome.ANALYZED
    assert not list(world.library.list(keys.UNFINISHED))
