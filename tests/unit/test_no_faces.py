"""Where face recognition is off, no encoding is ever made: the models for it are not even opened."""

from pathlib import Path

import pytest

from shared.photos import decode
from shared.storage import config
from shared.vision.manifest import Manifest
from shared.vision.observer import Observer
from shared.vision.session import OrtSession, Session
from tests.unit.vision_fixtures import MODELS, ROOT, needs_models

PORTRAIT = ROOT / "events" / "photos" / "obama_2009-09-09.jpg"


@pytest.mark.models
@needs_models
def test_a_portrait_is_observed_without_looking_for_faces() -> None:
    opened: list[str] = []

    def open_session(path: Path, threads: int) -> Session:
        opened.append(path.name)
        return OrtSession(path, threads)

    observer = Observer(Manifest.load(MODELS), face_engine="off", open_session=open_session)

    seen = observer.observe(decode(PORTRAIT.read_bytes()), "0" * 32)

    assert opened
    assert not [name for name in opened if "face" in name]
    assert (seen.faces, seen.encoding_space) == ((), "")
    assert not [model for model in seen.models if "face" in model]


def test_the_environment_switches_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "UPLOADS_BUCKET": "uploads",
        "LIBRARY_BUCKET": "library",
        "FACE_ENGINE": "off",
    }.items():
        monkeypatch.setenv(name, value)

    assert config.read_settings().face_engine == "off"
