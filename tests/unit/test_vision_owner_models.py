"""An owner's CLIP model and captioners, as small ONNX models of the same interface, by `owner.json` alone."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from shared.domain.errors import ModelUnavailable
from shared.vision.captions import Captioner
from shared.vision.clip import Clip
from shared.vision.manifest import Manifest, Task, sha256_of

WORDS = ("[PAD]", "[START]", "[END]", "a", "red", "blue", "photo")
RED = np.full((40, 60, 3), (255, 0, 0), np.uint8)
BLUE = np.full((40, 60, 3), (0, 0, 255), np.uint8)


def save(
    path: Path, nodes: list[Any], inputs: list[Any], outputs: list[Any], constants: dict[str, Any]
) -> None:
    tensors = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(nodes, "test", inputs, outputs, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def pixels_input() -> Any:
    return helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, [1, 3, 8, 8])


def mean_colour(path: Path) -> None:
    """Image encoder: the mean colour, (1, 3)."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["image_embeds"]),
    ]
    output = helper.make_tensor_value_info("image_embeds", TensorProto.FLOAT, [1, 3])
    save(path, nodes, [pixels_input()], [output], {})


def speaking_graph(path: Path) -> None:
    """A captioner in one graph: "a red photo" where red is the strongest colour, "a blue photo" else."""
    sentences = np.array(
        [[WORDS.index(word) for word in ("a", colour, "photo")] for colour in ("red", "blue", "blue")],
        np.int64,
    )
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["colour"]),
        helper.make_node("ArgMax", ["colour"], ["strongest"], axis=1, keepdims=0),
        helper.make_node("Gather", ["sentences", "strongest"], ["ids"]),
    ]
    output = helper.make_tensor_value_info("ids", TensorProto.INT64, [1, 3])
    save(path, nodes, [pixels_input()], [output], {"sentences": sentences})


def encoder_states(path: Path) -> None:
    """Encoder of a captioner: one hidden state, the mean colour, (1, 1, 3)."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["pixel_values"], ["pooled"]),
        helper.make_node("Reshape", ["pooled", "shape"], ["last_hidden_state"]),
    ]
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, [1, 1, 3])
    save(path, nodes, [pixels_input()], [output], {"shape": np.array([1, 1, 3], np.int64)})


def next_word(path: Path) -> None:
    """Decoder: "a", then a colour by the hidden state, then "photo", then the end."""
    following = np.zeros((len(WORDS), len(WORDS)), np.float32)
    for word, after in (("[START]", "a"), ("red", "photo"), ("blue", "photo"), ("photo", "[END]")):
        following[WORDS.index(word), WORDS.index(after)] = 10
    by_colour = np.zeros((3, len(WORDS)), np.float32)
    by_colour[0, WORDS.index("red")] = by_colour[2, WORDS.index("blue")] = 1
    nodes = [
        helper.make_node("Gather", ["following", "input_ids"], ["grammar"]),
        helper.make_node("MatMul", ["encoder_hidden_states", "by_colour"], ["colours"]),
        helper.make_node("Add", ["grammar", "colours"], ["logits"]),
    ]
    inputs = [
        helper.make_tensor_value_info("input_ids", TensorProto.INT64, [1, "length"]),
        helper.make_tensor_value_info("encoder_hidden_states", TensorProto.FLOAT, [1, 1, 3]),
    ]
    output = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, "length", len(WORDS)])
    save(path, nodes, inputs, [output], {"following": following, "by_colour": by_colour})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    tokenizer = Tokenizer(WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[PAD]"))
    tokenizer.pre_tokenizer = Whitespace()
    tokenizer.add_special_tokens(["[PAD]", "[START]", "[END]"])
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    (tmp_path / "manifest.json").write_text('{"models": []}')
    return tmp_path


def own(
    folder: Path, task: str, file: str, options: dict[str, int] | None = None, **companions: str
) -> Manifest:
    """The manifest of a folder to which its owner has added one model."""

    def ref(name: str) -> dict[str, str]:
        return {"file": name, "sha256": sha256_of(folder / name)}

    model = {
        **ref(file),
        "name": f"my-{task}",
        "task": task,
        "licence": "MIT",
        "origin": {"project": "a test"},
        "preprocessing": {"size": 8, "scale": [255, 255, 255], "crop": True},
        "options": options or {},
        "companions": {role: ref(name) for role, name in companions.items()},
    }
    (folder / "owner.json").write_text(json.dumps({"models": [model]}))
    return Manifest.load(folder)


def test_a_clip_model_places_photos(folder: Path) -> None:
    mean_colour(folder / "image.onnx")
    manifest = own(folder, "clip", "image.onnx")
    entry = manifest.first(Task.CLIP)
    assert entry is not None

    clip = Clip.open(manifest, entry)

    red, blue = clip.encode_image(RED), clip.encode_image(BLUE)
    assert red[0] > blue[0]
    np.testing.assert_allclose([np.linalg.norm(red), np.linalg.norm(blue)], 1, rtol=1e-6)


def test_a_captioner_in_one_graph_says_what_it_sees(folder: Path) -> None:
    speaking_graph(folder / "captioner.onnx")
    manifest = own(folder, "caption", "captioner.onnx", tokenizer="tokenizer.json")

    captioner = Captioner.open(manifest, manifest.entry("my-caption"))

    assert captioner.caption(RED) == "a red photo"
    assert captioner.caption(BLUE) == "a blue photo"


def test_a_captioner_with_a_decoder_says_word_after_word_until_the_end(folder: Path) -> None:
    encoder_states(folder / "encoder.onnx")
    next_word(folder / "decoder.onnx")
    options = {"start_token": WORDS.index("[START]"), "end_token": WORDS.index("[END]")}
    files = {"decoder": "decoder.onnx", "tokenizer": "tokenizer.json"}
    manifest = own(folder, "caption", "encoder.onnx", options, **files)

    captioner = Captioner.open(manifest, manifest.entry("my-caption"))

    assert captioner.caption(RED) == "a red photo"
    assert captioner.caption(BLUE) == "a blue photo"


def test_a_captioner_that_never_ends_is_stopped(folder: Path) -> None:
    encoder_states(folder / "encoder.onnx")
    next_word(folder / "decoder.onnx")
    options = {"start_token": WORDS.index("[START]"), "end_token": 0, "max_tokens": 2}
    files = {"decoder": "decoder.onnx", "tokenizer": "tokenizer.json"}
    manifest = own(folder, "caption", "encoder.onnx", options, **files)

    assert Captioner.open(manifest, manifest.entry("my-caption")).caption(RED) == "a red"


def test_a_decoder_without_its_tokens_is_refused(folder: Path) -> None:
    encoder_states(folder / "encoder.onnx")
    next_word(folder / "decoder.onnx")
    manifest = own(folder, "caption", "encoder.onnx", decoder="decoder.onnx", tokenizer="tokenizer.json")

    with pytest.raises(ModelUnavailable, match="needs the options end_token and start_token"):
        Captioner.open(manifest, manifest.entry("my-caption"))
