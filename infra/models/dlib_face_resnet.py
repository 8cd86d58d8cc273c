"""dlib's 128-d face network: its own weights file to ONNX at full precision, without dlib.

dlib serialises layers innermost first, so the file lists them in the order data flows. Every convolution
(`con_4`) is followed by the affine layer that batch normalisation became, and the last layer (`fc_2`) has
no bias. A tensor is a version, four packed integers (a length byte, then little-endian bytes) and float32
values.

References
----------
.. [1] D. King, "High Quality Face Recognition with Deep Metric Learning", 2017;
   `dnn_face_recognition_ex.cpp`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from infra.models.graph import GraphWriter

SIZE = 150
_MEAN = (122.782, 117.001, 104.298)
_DIVISOR = 256.0
_WIDTHS = (32, 32, 32, 64, 64, 64, 64, 128, 128, 128, 256, 256, 256, 256)
_DOWN = {3: (35, 17, 17), 7: (17, 8, 8), 10: (8, 4, 3), 13: (4, 2, 1)}
"""Blocks that halve the size, with the side of their input, of the shortcut and of the main path."""


class _Reader:
    """Takes layers' parameters from the file in order."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0

    def layer(self, kind: bytes) -> NDArray[np.float32]:
        """Parameters of the next layer of this kind, flat."""
        marker = bytes([1, len(kind)]) + kind
        start = self._data.find(marker, self._position)
        if start < 0:
            raise ValueError(f"dlib's file ends before the expected layer {kind.decode()}")
        self._position = start + len(marker)
        if kind == b"fc_2":
            self._integers(2)  # outputs and inputs
        version, *shape = self._integers(5)
        if version != 2:
            raise ValueError(f"dlib's tensors have version {version}, expected 2")
        count = int(np.prod(shape))
        values = np.frombuffer(self._data, "<f4", count, self._position)
        self._position += 4 * count
        return values.astype(np.float32)

    def _integers(self, count: int) -> list[int]:
        values = []
        for _ in range(count):
            length = self._data[self._position]
            start = self._position + 1
            values.append(int.from_bytes(self._data[start : start + length], "little"))
            self._position = start + length
        return values


@dataclass(slots=True)
class _Writer:
    graph: GraphWriter
    reader: _Reader

    def conv(
        self, x: str, name: str, *, inputs: int, outputs: int, kernel: int, stride: int, relu: bool
    ) -> str:
        parameters = self.reader.layer(b"con_4")
        gamma, beta = self.reader.layer(b"affine_").reshape(2, outputs)
        weights = parameters[:-outputs].reshape(outputs, inputs, kernel, kernel)
        padding = kernel // 2 if stride == 1 else 0
        y = self.graph.node(
            "Conv",
            [
                x,
                self.graph.weights(f"{name}.w", weights * gamma[:, None, None, None]),
                self.graph.constant(f"{name}.b", parameters[-outputs:] * gamma + beta),
            ],
            f"{name}.conv",
            strides=[stride, stride],
            pads=[padding] * 4,
        )
        return self.graph.node("Relu", [y], f"{name}.relu") if relu else y

    def pad(self, x: str, name: str, *, channels: int = 0, side: int = 0) -> str:
        amounts = np.array([0, 0, 0, 0, 0, channels, side, side], np.int64)
        return self.graph.node("Pad", [x, self.graph.constant(f"{name}.by", amounts)], name)

    def block(self, x: str, number: int, inputs: int, outputs: int) -> str:
        """A residual block; the smaller of the two paths is padded with zeros, as dlib's add_prev does."""
        name, down = f"block{number}", _DOWN.get(number)
        stride = 2 if down else 1
        y = self.conv(x, f"{name}.a", inputs=inputs, outputs=outputs, kernel=3, stride=stride, relu=True)
        y = self.conv(y, f"{name}.b", inputs=outputs, outputs=outputs, kernel=3, stride=1, relu=False)
        if down:
            _, shortcut, main = down
            x = self.graph.node("AveragePool", [x], f"{name}.pool", kernel_shape=[2, 2], strides=[2, 2])
            if shortcut > main:
                y = self.pad(y, f"{name}.larger", side=shortcut - main)
            if outputs > inputs:
                x = self.pad(x, f"{name}.deeper", channels=outputs - inputs)
        return self.graph.node("Relu", [self.graph.node("Add", [x, y], f"{name}.sum")], f"{name}.out")


def build(source: Path, target: Path) -> None:
    """Write the model: input `chip` (n, 3, 150, 150) RGB 0 to 255, output `encoding` (n, 128)."""
    writer = _Writer(GraphWriter("dlib_face_resnet_128"), _Reader(source.read_bytes()))
    graph = writer.graph
    mean = graph.constant("mean", np.array(_MEAN, np.float32).reshape(1, 3, 1, 1))
    x = graph.node("Sub", ["chip", mean], "centred")
    x = graph.node("Div", [x, graph.constant("divisor", np.array(_DIVISOR, np.float32))], "scaled")
    x = writer.conv(x, "stem", inputs=3, outputs=32, kernel=7, stride=2, relu=True)
    x = graph.node("MaxPool", [x], "stem.pool", kernel_shape=[3, 3], strides=[2, 2])
    inputs = 32
    for number, outputs in enumerate(_WIDTHS):
        x = writer.block(x, number, inputs, outputs)
        inputs = outputs
    x = graph.node("Flatten", [graph.node("GlobalAveragePool", [x], "pooled")], "flat")
    dense = writer.reader.layer(b"fc_2").reshape(256, 128)
    graph.node("MatMul", [x, graph.weights("dense", dense)], "encoding")
    graph.save(target, {"chip": ["n", 3, SIZE, SIZE]}, {"encoding": ["n", 128]})
