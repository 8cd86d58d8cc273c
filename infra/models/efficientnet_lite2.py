"""EfficientNet-Lite2 (ImageNet labels and a 1,280-d embedding): torch checkpoint to ONNX.

References
----------
.. [1] M. Tan, Q. V. Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", ICML
   2019.
"""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from infra.models import torch_weights
from infra.models.graph import GraphWriter

SIZE = 260
_STAGES = ((1, 1, False), (3, 2, True), (3, 2, True), (4, 2, True), (4, 1, True), (5, 2, True), (1, 1, True))
"""(blocks, stride of the first, expanded) of every stage at depth 1.2."""
_EPSILON = 1e-3


class _Writer:
    """Convolutions with their batch normalisation folded in, padded as TensorFlow's SAME."""

    def __init__(self, weights: dict[str, NDArray[Any]]) -> None:
        self.graph = GraphWriter("efficientnet_lite2")
        self._weights = weights
        self._side = SIZE
        self.graph.constant("zero", np.array(0, np.float32))
        self.graph.constant("six", np.array(6, np.float32))

    def conv(
        self, x: str, name: str, norm: str, *, stride: int = 1, groups: int = 1, relu: bool = True
    ) -> str:
        kernel = self._weights[f"{name}.weight"]
        scale = self._weights[f"{norm}.weight"] / np.sqrt(self._weights[f"{norm}.running_var"] + _EPSILON)
        bias = self._weights[f"{norm}.bias"] - self._weights[f"{norm}.running_mean"] * scale
        side = math.ceil(self._side / stride)
        padding = max((side - 1) * stride + kernel.shape[2] - self._side, 0)
        self._side = side
        before, after = padding // 2, padding - padding // 2
        y = self.graph.node(
            "Conv",
            [
                x,
                self.graph.weights(f"{name}.w", (kernel * scale[:, None, None, None]).astype(np.float32)),
                self.graph.constant(f"{name}.b", bias.astype(np.float32)),
            ],
            f"{name}.conv",
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=groups,
        )
        return self.graph.node("Clip", [y, "zero", "six"], f"{name}.relu6") if relu else y

    def block(self, x: str, prefix: str, *, stride: int, expanded: bool, residual: bool) -> str:
        y = self.conv(x, f"{prefix}_expand_conv", f"{prefix}_bn0") if expanded else x
        depthwise = f"{prefix}_depthwise_conv"
        channels = self._weights[f"{depthwise}.weight"].shape[0]
        y = self.conv(y, depthwise, f"{prefix}_bn1", stride=stride, groups=channels)
        y = self.conv(y, f"{prefix}_project_conv", f"{prefix}_bn2", relu=False)
        return self.graph.node("Add", [y, x], f"{prefix}add") if residual else y


def build(checkpoint: Path, target: Path) -> None:
    """Write the model: `image` (n, 3, 260, 260) to `logits` (n, 1000) and `embedding` (n, 1280)."""
    weights = torch_weights.load(checkpoint)
    writer = _Writer(weights)
    x = writer.conv("image", "_conv_stem", "_bn0", stride=2)
    number = 0
    for blocks, first_stride, expanded in _STAGES:
        for position in range(blocks):
            stride = first_stride if position == 0 else 1
            prefix = f"_blocks.{number}."
            x = writer.block(x, prefix, stride=stride, expanded=expanded, residual=position > 0)
            number += 1
    x = writer.conv(x, "_conv_head", "_bn1")
    graph = writer.graph
    graph.node("Flatten", [graph.node("GlobalAveragePool", [x], "pooled")], "embedding")
    dense = graph.weights("dense.w", weights["_fc.weight"])
    graph.node(
        "Gemm", ["embedding", dense, graph.constant("dense.b", weights["_fc.bias"])], "logits", transB=1
    )
    graph.save(target, {"image": ["n", 3, SIZE, SIZE]}, {"logits": ["n", 1000], "embedding": ["n", 1280]})
