"""The demo's photos hold the words their manifest names, and the sample events are what S3 sends."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from shared.photos import decode, strip_words
from shared.services.training_input import TrainingInput
from shared.storage.keys import object_events

EVENTS = Path(__file__).parents[2] / "events"
PHOTOS = EVENTS / "photos"
KEYS = {
    "spaces": "2026/family dinner.jpg",
    "plus": "2026/1+1 is two.jpg",
    "percent": "2026/100% wool %20.jpg",
    "japanese": "写真/桜 花見.jpg",
}


def manifest() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (PHOTOS / "manifest.jsonl").read_text().splitlines()]


def sample(name: str) -> Any:
    return json.loads((EVENTS / name).read_text())


def test_every_photo_holds_its_owners_words_and_loses_them_when_stripped() -> None:
    for entry in manifest():
        data = (PHOTOS / entry["file"]).read_bytes()
        words = decode(data).words
        assert words.description == entry["description"]
        assert list(words.tags) == entry["tags"]
        assert [region.name for region in words.regions] == entry["named_in_file"]
        bare = strip_words(data)
        assert hashlib.sha256(data).hexdigest() == entry["sha256"]
        assert hashlib.sha256(bare).hexdigest() == entry["sha256_without_words"]
        left = decode(bare).words
        assert (left.description, left.tags, left.regions) == (None, (), ())


def test_the_held_back_photos_were_chosen_by_their_hash() -> None:
    everyday = [entry for entry in manifest() if not entry["people"]]
    chosen = sorted(everyday, key=lambda entry: entry["sha256_without_words"])[:16]
    assert {entry["file"] for entry in manifest() if entry["new"]} == {entry["file"] for entry in chosen}


def test_every_photo_is_attributed_and_the_folder_is_small() -> None:
    files = {path.name for path in PHOTOS.glob("*.jpg")}
    attribution = (PHOTOS / "ATTRIBUTION.md").read_text()
    assert files == {entry["file"] for entry in manifest()}
    assert all(f"| {name} |" in attribution for name in files)
    assert sum(path.stat().st_size for path in PHOTOS.iterdir()) < 15_000_000


def test_two_people_are_there_twice_and_each_is_named_once() -> None:
    people = [person for entry in manifest() for person in entry["people"]]
    named = [name for entry in manifest() for name in entry["named_in_file"]]
    assert {person: people.count(person) >= 2 for person in people} == {
        "Barack Obama": True,
        "Joe Biden": True,
    }
    assert sorted(named) == ["Barack Obama", "Joe Biden"]


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("way", ["direct", "eventbridge"])
def test_both_ways_an_event_comes_give_the_plain_key(way: str, name: str) -> None:
    (event,) = object_events(sample(f"s3/{way}_{name}.json"))
    assert (event.key, event.bucket, event.size) == (KEYS[name], "avinash-eye-uploads", 184320)
    assert not event.deleted


def test_a_batch_and_deletions_are_read() -> None:
    batch = object_events(sample("s3/eventbridge_batch.json"))
    assert [event.key for event in batch] == list(KEYS.values())
    for way in ("direct", "eventbridge"):
        (event,) = object_events(sample(f"s3/{way}_deleted.json"))
        assert (event.key, event.deleted) == (KEYS["spaces"], True)


@pytest.mark.parametrize("path", sorted((EVENTS / "training").glob("*.json")), ids=lambda path: path.stem)
def test_training_inputs_are_valid(path: Path) -> None:
    TrainingInput.model_validate_json(path.read_text())
