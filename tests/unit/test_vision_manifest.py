import hashlib
import json
from pathlib import Path

import pytest

from shared.domain.errors import ModelUnavailable
from shared.vision.manifest import Manifest, ModelEntry, Task


def entry(name: str, content: bytes, **changes: object) -> dict[str, object]:
    return {
        "name": name,
        "task": "labels",
        "file": f"{name}.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "licence": "MIT",
        "origin": {"project": "a test"},
        **changes,
    }


def folder(path: Path, *entries: dict[str, object], manifest: str = "manifest.json") -> Path:
    (path / manifest).write_text(json.dumps({"models": entries}))
    return path


def test_a_file_with_the_right_hash_is_given_out(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"weights")
    manifest = Manifest.load(folder(tmp_path, entry("net", b"weights")))

    assert manifest.path(manifest.entry("net")) == tmp_path / "net.onnx"


def test_a_file_with_another_hash_is_refused_with_its_name_and_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "net.onnx").write_bytes(b"other weights")
    manifest = Manifest.load(folder(tmp_path, entry("net", b"weights")))

    with pytest.raises(ModelUnavailable, match=r"net\.onnx is not the one .* run make models"):
        manifest.path(manifest.entry("net"))


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    manifest = Manifest.load(folder(tmp_path, entry("net", b"weights")))

    with pytest.raises(ModelUnavailable, match=r"net\.onnx is missing"):
        manifest.path(manifest.entry("net"))


def test_a_folder_that_was_never_built_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="run make models"):
        Manifest.load(tmp_path)


@pytest.mark.parametrize("file", ["../outside.onnx", "/etc/passwd", "a/../../b.onnx"])
def test_a_file_outside_the_folder_is_refused(tmp_path: Path, file: str) -> None:
    with pytest.raises(ModelUnavailable, match="inside the models folder"):
        Manifest.load(folder(tmp_path, entry("net", b"", file=file)))


def test_the_message_names_the_field_that_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"models\.0\.task"):
        Manifest.load(folder(tmp_path, entry("net", b"", task="poetry")))


def test_an_owner_adds_a_model_and_replaces_one(tmp_path: Path) -> None:
    folder(tmp_path, entry("net", b"old"))
    folder(tmp_path, entry("net", b"new"), entry("eye", b"", task="clip"), manifest="owner.json")

    manifest = Manifest.load(tmp_path)

    assert [one.name for one in manifest.entries] == ["eye", "net"]
    assert manifest.entry("net").sha256 == hashlib.sha256(b"new").hexdigest()
    assert manifest.first(Task.CLIP) == manifest.entry("eye")
    assert manifest.first(Task.CAPTION) is None


@pytest.mark.parametrize(
    "change",
    [
        {"sha256": "0" * 64},
        {"options": {"floor": 0.4}},
        {"preprocessing": {"size": 224}},
        {"companions": {"tokenizer": {"file": "t.json", "sha256": "1" * 64}}},
    ],
)
def test_whatever_changes_what_a_model_says_changes_its_identity(change: dict[str, object]) -> None:
    before = ModelEntry.model_validate(entry("net", b"weights"))
    after = ModelEntry.model_validate(entry("net", b"weights", **change))

    assert before.identity != after.identity
    assert after.identity.startswith("net@")


def test_what_is_only_said_of_a_model_leaves_its_identity() -> None:
    before = ModelEntry.model_validate(entry("net", b"weights"))
    after = ModelEntry.model_validate(entry("net", b"weights", licence="CC0"))

    assert before.identity == after.identity
