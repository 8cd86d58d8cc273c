"""`eye people` and `eye person ID`: what the owner says is kept, shown at once, and can be taken back."""

import hashlib
import json
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from shared.cli import app, options
from shared.domain.people import MergePeople, SplitPerson
from shared.learning.faces import FacePatterns
from shared.storage import keys
from shared.storage.bundles import BundleRepository
from shared.storage.corrections import PeopleLog
from shared.storage.records import RecordRepository
from shared.storage.store import DirectoryStore
from tests.unit import api_records
from tests.unit.faces_library import Library

runner = CliRunner()


def eye(*words: str) -> Result:
    result = runner.invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def said(*words: str) -> str:
    result = eye(*words)
    assert result.exit_code == 0, result.output
    return result.output


def refused(*words: str) -> str:
    result = eye(*words)
    assert result.exit_code == 1, result.output
    assert "Traceback" not in result.output
    return result.stderr


def shown(person_id: str) -> dict:
    return json.loads(said("person", person_id, "--json"))


def thumbnail() -> bytes:
    stream = BytesIO()
    Image.new("RGB", (400, 300), (200, 120, 60)).save(stream, "WEBP")
    return stream.getvalue()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> DirectoryStore:
    found = DirectoryStore(tmp_path / "library")
    monkeypatch.setattr(options, "find", lambda *_: SimpleNamespace(library=found))
    return found


@pytest.fixture
def learned(store: DirectoryStore) -> FacePatterns:
    """A library of three people with four faces each, a photo a face, trained once."""
    library = Library()
    for person in range(3):
        library.add(person, 4)
    for face in library.truth:
        photo_id = hashlib.sha256(face.encode()).hexdigest()[:32]
        record = api_records.record(photo_id, face)
        RecordRepository(store).update(photo_id, lambda _, record=record: record)
        store.put(keys.thumbnail(photo_id, "etag"), thumbnail())
    patterns = library.train()
    bundles = BundleRepository(store)
    bundles.publish("v1", "run", patterns.files(), {})
    bundles.promote("v1", None)
    return patterns


def test_people_are_listed_and_drawn(learned: FacePatterns, tmp_path: Path) -> None:
    listed = said("people", "--sheet", str(tmp_path / "people.jpg"))

    assert all(person.id[:8] in listed for person in learned.people)
    assert "3 people; 0 faces belong to nobody yet" in listed
    with Image.open(tmp_path / "people.jpg") as sheet:
        width, height = sheet.size
        assert width > 4 * 100 < height
        colours = [sheet.getpixel((x, y)) for x in range(0, width, 20) for y in range(0, height, 20)]
    assert any(abs(red - 200) < 20 and abs(blue - 60) < 20 for red, _, blue in colours)


def test_a_page_of_people_stands_alone_and_names_in_any_script(learned: FacePatterns, tmp_path: Path) -> None:
    said("person", learned.people[0].id, "name", "海 <b>")

    said("people", "--sheet", str(tmp_path / "people.html"))

    page = (tmp_path / "people.html").read_text(encoding="utf-8")
    assert "海 &lt;b&gt;" in page
    assert page.count("data:image/jpeg;base64,") == 12


def test_a_sheet_of_another_kind_is_refused_before_anything_is_done(
    learned: FacePatterns, tmp_path: Path
) -> None:
    assert ".jpg" in refused("people", "--sheet", str(tmp_path / "people.gif"))


def test_a_person_is_found_by_name_by_id_and_by_its_beginning(learned: FacePatterns) -> None:
    first = learned.people[0].id
    said("person", first, "name", "Ada  Lovelace", "--born", "1990-12-10")

    for text in (first, first[:8], "ada lovelace", "Ada"):
        assert shown(text)["name"] == "Ada Lovelace"
    assert shown("Ada")["birth_date"] == "1990-12-10"
    table = said("person", "Ada")
    assert "Ada Lovelace" in table
    assert "name Ada Lovelace, born 1990-12-10" in table
    assert learned.people[0].faces[0][:8] in table
    assert "eye people" in refused("person", "Grace")
    said("person", learned.people[1].id, "name", "Adam")
    assert "2 people" in refused("person", "Ad")


def test_merging_shows_at_once_and_is_taken_back(learned: FacePatterns) -> None:
    first, second = learned.people[0].id, learned.people[1].id

    said("person", first[:8], "merge", second[:8])

    assert len(shown(first)["faces"]) == 8
    assert shown(second)["person_id"] == first
    said("person", second[:8], "undo")
    assert len(shown(first)["faces"]) == len(shown(second)["faces"]) == 4
    assert "themselves" in refused("person", first, "merge", first)


def test_a_rejected_face_is_gone_and_a_confirmed_one_stays(learned: FacePatterns) -> None:
    first, second = learned.people[0], learned.people[1]

    said("person", first.id, "reject", first.faces[0][:10])
    said("person", first.id, "confirm", second.faces[0])

    faces = {face["face_id"]: face["confirmed"] for face in shown(first.id)["faces"]}
    assert first.faces[0] not in faces
    assert faces[second.faces[0]]
    assert second.faces[0] not in [face["face_id"] for face in shown(second.id)["faces"]]
    assert "no photo has" in refused("person", first.id, "confirm", "zzzz").lower()


def test_split_faces_are_one_new_person(learned: FacePatterns, store: DirectoryStore) -> None:
    person = learned.people[0]

    answer = said("person", person.id, "split", *person.faces[:2])

    people = json.loads(said("people", "--json"))
    new = next(p for p in people if set(p["faces"]) == set(person.faces[:2]))
    assert new["person_id"] not in {p.id for p in learned.people}
    assert f"New: Unnamed  {new['person_id'][:8]}, 2 faces" in answer
    words = [event.word for event in PeopleLog(store).events()]
    assert words == [SplitPerson(person.id, person.faces[:2])]
    assert "not this person's" in refused("person", person.id, "split", learned.people[1].faces[0])


def test_hidden_people_are_out_of_the_list_until_shown_again(learned: FacePatterns) -> None:
    person = learned.people[0].id

    said("person", person, "hide")

    assert person[:8] not in said("people")
    assert "(hidden)" in said("people", "--hidden")
    said("person", person, "unhide")
    assert person[:8] in said("people")


def test_an_ignored_face_is_nobodys_until_the_word_is_taken_back(learned: FacePatterns) -> None:
    person = learned.people[0]
    said("person", person.id, "name", "Ada")
    said("person", person.id, "ignore", person.faces[0])
    assert len(shown("Ada")["faces"]) == 3
    named, ignored = shown("Ada")["said"]

    said("person", "Ada", "undo", ignored["event_id"][-6:])

    assert len(shown("Ada")["faces"]) == 4
    assert shown("Ada")["said"] == [named]
    assert "Nothing so was said" in refused("person", "Ada", "undo", ignored["event_id"])


def test_what_was_said_of_somebody_of_whom_nothing_is_left_can_be_taken_back(learned: FacePatterns) -> None:
    person = learned.people[0]
    answer = said("person", person.id, "ignore", *person.faces)
    assert "Nobody is left of them" in answer
    assert "Nobody" in refused("person", person.id[:8])

    said("person", person.id[:8], "undo")

    assert [face["face_id"] for face in shown(person.id)["faces"]] == [person.faces[-1]]


def test_who_shares_a_name_may_be_one(learned: FacePatterns, store: DirectoryStore) -> None:
    first, second = learned.people[0].id, learned.people[1].id
    said("person", first, "name", "Ada")

    hint = said("person", second, "name", "ada")

    assert f"eye person {second[:8]} merge {first[:8]}" in hint
    assert not any(isinstance(e.word, MergePeople) for e in PeopleLog(store).events())
