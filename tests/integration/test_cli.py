"""The command as its owner uses it, against the embedded cloud, with real photos and real models."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import pytest
from typer.testing import CliRunner, Result

from infra.local import cloud as embedded
from infra.local.endpoints import Endpoints
from shared.cli import app
from shared.storage.bundles import BundleRepository
from shared.storage.config import settings
from shared.storage.records import RecordRepository
from shared.storage.store import S3Store

pytestmark = [pytest.mark.cloud, pytest.mark.models]

SAMPLES = Path(__file__).parents[2] / "events" / "photos"
FOLDER = "from the command"
runner = CliRunner()


def eye(*words: str) -> Result:
    result = runner.invoke(app, words)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.fixture(scope="module")
def photos(cloud: Endpoints, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six of the demo's photos in the library, added by the command."""
    folder = tmp_path_factory.mktemp("photos") / FOLDER
    folder.mkdir()
    for path in sorted(SAMPLES.glob("*.jpg"))[:6]:
        (folder / path.name).write_bytes(path.read_bytes())
    (folder / "broken.jpg").write_bytes(b"no photo")
    added = eye("add", str(folder), "--wait")
    assert added.exit_code == 0, added.output
    assert "6 analyzed, 1 in quarantine" in added.output
    return folder


def test_adding_again_sends_nothing_and_watch_has_nothing_to_wait_for(photos: Path) -> None:
    assert "7 unchanged" in eye("add", str(photos)).output
    assert eye("watch").exit_code == 0


def test_show_says_what_the_owner_and_the_models_say(photos: Path) -> None:
    path = next(photos.glob("coco_*.jpg"))
    shown = json.loads(eye("show", str(path), "--json").output)
    assert shown["key"] == f"{FOLDER}/{path.name}"
    assert shown["owner"]["description"]
    assert shown["before"]["description"]
    assert "owner wrote" in eye("show", shown["photo_id"][:8]).output


def test_search_finds_by_the_owners_words(photos: Path) -> None:
    found = json.loads(eye("search", "white", "house", "--json").output)
    assert any("biden" in hit["key"] for hit in found["hits"])
    assert eye("search", "zzzyx").exit_code == 1


def test_train_shows_its_phases_and_ends_with_a_verdict(photos: Path) -> None:
    trained = eye("train", "--force")
    assert "5 Improved descriptions" in trained.output
    assert ("Training completed" in trained.output) == (trained.exit_code == 0)
    assert ("Training completed" in trained.output) == ("eye reprocess" in trained.output)
    bundles = json.loads(eye("bundles", "--json").output)
    assert bundles
    version = bundles[0]["version"]
    assert json.loads(eye("report", version, "--json").output)["bundle"] == version
    assert Path(eye("report", version, "--no-open").output.strip()).is_file()
    assert "exported shard" in eye("logs").output


def test_doctor_finds_models_endpoint_and_triggers_well(photos: Path) -> None:
    found = {finding["question"]: finding for finding in json.loads(eye("doctor", "--json").output)}
    for question in ("Models", "Endpoint", "Triggers", "Failed events", "Face engine", "Not enough memory?"):
        assert found[question]["well"], found[question]


def test_what_analyze_logged_can_be_read(photos: Path) -> None:
    logged = eye("logs", "--function", "analyze").output
    assert "no learned patterns exist yet" in logged or "using learned patterns" in logged


@pytest.fixture
def another_home(tmp_path: Path) -> Iterator[Path]:
    """A home without a cloud; what a command sets in the environment is taken back."""
    with mock.patch.dict(os.environ, EYE_HOME=str(tmp_path / "home")):
        settings.cache_clear()
        yield tmp_path / "home"
        embedded.down()
    settings.cache_clear()


def test_demo_plays_to_its_end_on_an_owners_folder(another_home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "holidays"
    folder.mkdir()
    for path in sorted(SAMPLES.glob("*.jpg"))[:14]:
        (folder / path.name).write_bytes(path.read_bytes())
    played = eye("demo", "--photos", str(folder), "--picture", str(tmp_path / "demo.svg"))
    assert played.exit_code == 0, played.output
    assert "Done in" in played.output
    assert "13 photos in it" in played.output
    assert (tmp_path / "demo.svg").read_text().startswith("<svg")
    keys = [entry.key for entry in S3Store(settings().uploads_bucket).list()]
    assert all(key.startswith("demo/") for key in keys)
    library = S3Store(settings().library_bucket)
    live = BundleRepository(library).alias()
    listed = RecordRepository(library)
    records = [stored.record for stored in listed.get_many(photo_id for photo_id, _ in listed.list())]
    new = [record.enhancement for record in records if record.origin.key.startswith("demo/new/")]
    assert bool(new) == bool(live)
    assert all(made and live and made.bundle == live.version for made in new), (
        "what was learned came too late"
    )
    report = next((another_home / "reports").glob("*.html"))
    assert "<html" in report.read_text()
