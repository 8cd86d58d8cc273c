"""SSD-MobileNetV2 (COCO objects): frozen TensorFlow graph to ONNX, without its pre- and post-processing.

Boxes are decoded from anchors in `shared.vision.objects`; two inner maps are given out pooled, as features of
the photo.

References
----------
.. [1] M. Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", CVPR 2018.
.. [2] W. Liu et al., "SSD: Single Shot MultiBox Detector", ECCV 2016.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.models import graphdef
from infra.models.graph import GraphWriter

SIZE = 300
CLASSES = 91
_BACKBONE = "FeatureExtractor/MobilenetV2"
_FINE = f"{_BACKBONE}/Conv_1/Relu6"
_COARSE = f"{_BACKBONE}/layer_19_2_Conv2d_2_3x3_s2_512/Relu6"
_PREDICTORS = 6
_FOLDED = {"Mul": np.multiply, "Add": np.add, "Sub": np.subtract}


class _Converter:
    """Walks back from an output to the image; batch normalisation and biases are folded into convolutions."""

    def __init__(self, nodes: dict[str, graphdef.Node]) -> None:
        self._nodes = nodes
        self._written: dict[str, str] = {"Preprocessor/sub": "image"}
        self.graph = GraphWriter("ssd_mobilenet_v2_coco")
        self.graph.constant("zero", np.array(0, np.float32))
        self.graph.constant("six", np.array(6, np.float32))

    def write(self, name: str) -> str:
        """Write the node and all it needs; returns its name in the ONNX graph."""
        if name not in self._written:
            self._written[name] = self._write(self._nodes[name])
        return self._written[name]

    def _write(self, node: graphdef.Node) -> str:
        match node.op:
            case "Identity":
                return self.write(node.inputs[0])
            case "Relu6":
                return self.graph.node("Clip", [self.write(node.inputs[0]), "zero", "six"], node.name)
            case "BiasAdd":
                return self._conv(self._nodes[node.inputs[0]], None, self._constant(node.inputs[1]))
            case "Add":
                offset = self._constant(node.inputs[1])
                if offset is None:
                    return self.graph.node("Add", [self.write(name) for name in node.inputs], node.name)
                scaled = self._nodes[node.inputs[0]]
                conv = self._nodes[scaled.inputs[0]]
                return self._conv(conv, self._constant(scaled.inputs[1]), offset)
        raise ValueError(f"no rule for {node.op} ({node.name})")

    def _conv(self, node: graphdef.Node, scale: NDArray[Any] | None, bias: NDArray[Any] | None) -> str:
        kernel = self._constant(node.inputs[1])
        if kernel is None or bias is None:
            raise ValueError(f"{node.name} has no constant weights")
        depthwise = node.op == "DepthwiseConv2dNative"
        kernel = kernel.transpose((2, 3, 0, 1) if depthwise else (3, 2, 0, 1))
        if scale is not None:
            kernel = kernel * scale.reshape(-1, 1, 1, 1)
        return self.graph.node(
            "Conv",
            [
                self.write(node.inputs[0]),
                self.graph.weights(f"{node.name}.w", kernel),
                self.graph.constant(f"{node.name}.b", np.asarray(bias, np.float32)),
            ],
            node.name,
            strides=node.integers("strides")[1:3],
            auto_pad={"SAME": "SAME_UPPER", "VALID": "VALID"}[node.text("padding")],
            group=kernel.shape[0] if depthwise else 1,
        )

    def _constant(self, name: str) -> NDArray[Any] | None:
        node = self._nodes[name]
        if node.op == "Const":
            return node.array()
        if node.op == "Identity":
            return self._constant(node.inputs[0])
        if node.op == "Rsqrt":
            value = self._constant(node.inputs[0])
            return None if value is None else 1 / np.sqrt(value)
        if node.op in _FOLDED:
            left, right = (self._constant(name) for name in node.inputs)
            return None if left is None or right is None else _FOLDED[node.op](left, right)
        return None

    def head(self, kind: str, width: int, name: str) -> str:
        """All predictors' outputs of one kind as (1, anchors, width), finest map first."""
        rows = self.graph.constant(f"{name}.shape", np.array([1, -1, width], np.int64))
        parts = []
        for index in range(_PREDICTORS):
            y = self.write(f"BoxPredictor_{index}/{kind}/BiasAdd")
            y = self.graph.node("Transpose", [y], f"{name}.{index}.last", perm=[0, 2, 3, 1])
            parts.append(self.graph.node("Reshape", [y, rows], f"{name}.{index}"))
        return self.graph.node("Concat", parts, name, axis=1)

    def pooled(self, source: str, operations: tuple[str, ...], name: str) -> None:
        """An inner map pooled over its positions, one vector an operation, side by side."""
        parts = []
        for operation in operations:
            y = self.graph.node(operation, [self.write(source)], f"{name}.{operation}")
            parts.append(self.graph.node("Flatten", [y], f"{name}.{operation}.flat"))
        self.graph.node("Concat", parts, name, axis=1)


def build(source: Path, target: Path) -> None:
    """Write the model: input `image` (1, 3, 300, 300) in -1 to 1.

    Outputs are `boxes` (1, 1917, 4), offsets from the anchors; `scores` (1, 1917, 91), class 0 is
    background; `fine` (1, 1280), the mean of the last backbone map; `coarse` (1, 1024), mean and maximum of
    the 5 x 5 map.
    """
    converter = _Converter(graphdef.load(source))
    converter.head("BoxEncodingPredictor", 4, "boxes")
    converter.graph.node("Sigmoid", [converter.head("ClassPredictor", CLASSES, "logits")], "scores")
    converter.pooled(_FINE, ("GlobalAveragePool",), "fine")
    converter.pooled(_COARSE, ("GlobalAveragePool", "GlobalMaxPool"), "coarse")
    converter.graph.save(
        target,
        {"image": [1, 3, SIZE, SIZE]},
        {
            "boxes": [1, "anchors", 4],
            "scores": [1, "anchors", CLASSES],
            "fine": [1, 1280],
            "coarse": [1, 1024],
        },
    )
