"""`eye events`: when, where and who, from the catalogue and from what was said of people since."""

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from shared.cli import app, options
from shared.domain.observation import Exif, Place
from shared.domain.people import ConfirmFace, HidePerson, NamePerson, new_person_id
from shared.storage.catalogue import Catalogue
from shared.storage.corrections import PeopleLog
from shared.storage.records import RecordRepository
from shared.storage.store import DirectoryStore
from tests.unit import api_records

KYOTO = Place("Kyoto", "Kyoto", "Japan")
TOKYO_TIME = timezone(timedelta(hours=9))
EVENING = datetime(2024, 7, 6, 18, tzinfo=TOKYO_TIME)
ANN = new_person_id("face-0")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DirectoryStore:
    """Three photos of one evening in Kyoto, one of the next day, and one that tells no date."""
    found = DirectoryStore(tmp_path / "library")
    monkeypatch.setattr(options, "find", lambda *_: SimpleNamespace(library=found))
    hours = (0, 0.5, 1, 20, None)
    for number, after in enumerate(hours):
        taken = None if after is None else EVENING + timedelta(hours=after)
        exif = Exif(taken, None, 35.0, 135.7, KYOTO) if taken else Exif()
        photo_id = f"{number:032x}"
        record = api_records.record(photo_id, f"face-{number}", exif=exif)
        RecordRepository(found).update(photo_id, lambda _, record=record: record)
    return found


def events(*words: str) -> list[dict]:
    answered = CliRunner().invoke(app, ["events", "--json", *words])
    assert answered.exit_code == 0, answered.output
    return json.loads(answered.output)


def name(store: DirectoryStore, called: str) -> None:
    for word in (ConfirmFace("face-0", ANN), NamePerson(ANN, called)):
        PeopleLog(store).add(word)


def test_photos_of_one_evening_are_one_event(store: DirectoryStore) -> None:
    (found,) = events()

    assert found["photos"] == [f"{number:032x}" for number in range(3)]
    assert found["places"] == ["Kyoto, Japan"]
    assert found["when"] == "on a summer evening in July 2024"


def test_the_cameras_clock_counts_also_out_of_the_catalogue(store: DirectoryStore) -> None:
    fresh = events()
    Catalogue(store, RecordRepository(store)).refresh("")

    assert events() == fresh
    assert fresh[0]["from"] == EVENING.isoformat()


def test_people_are_called_as_they_are_now(store: DirectoryStore) -> None:
    assert events()[0]["people"] == []

    name(store, "Ann")
    assert events()[0]["people"] == ["Ann"]
    PeopleLog(store).add(HidePerson(ANN))
    assert events()[0]["people"] == []


def test_single_photos_are_events_where_asked_for(store: DirectoryStore) -> None:
    assert [len(found["photos"]) for found in events("--fewest", "1")] == [3, 1]


def test_a_library_without_dates_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    empty = DirectoryStore(tmp_path / "empty")
    monkeypatch.setattr(options, "find", lambda *_: SimpleNamespace(library=empty))

    assert "tell when they were taken" in CliRunner().invoke(app, ["events"]).output
