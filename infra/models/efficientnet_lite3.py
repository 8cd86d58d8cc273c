"""EfficientNet-Lite3 (ImageNet labels and its penultimate layer): int8 TFLite file to ONNX.

The int8 weights are kept as they are and used in float32, so the activations lose no precision to
quantisation.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import tflite
from numpy.typing import NDArray

from infra.models.graph import GraphWriter

SIZE = 280
_DTYPES = {tflite.TensorType.INT8: np.int8, tflite.TensorType.INT32: np.int32}
_PADDING = {tflite.Padding.SAME: "SAME_UPPER", tflite.Padding.VALID: "VALID"}
_EMBEDDING, _LOGITS = "embedding", "logits"


class _Converter:
    """Follows the operators of a TFLite graph in order; one method an operator."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._tflite = model.Subgraphs(0)
        self.graph = GraphWriter("efficientnet_lite3")
        self._names: dict[int, str] = {}
        self.graph.constant("zero", np.array(0, np.float32))
        self.graph.constant("six", np.array(6, np.float32))

    def run(self, target: Path) -> None:
        operators: dict[int, Callable[[Any, str], str]] = {
            tflite.BuiltinOperator.CONV_2D: self._conv,
            tflite.BuiltinOperator.DEPTHWISE_CONV_2D: self._depthwise,
            tflite.BuiltinOperator.ADD: self._add,
            tflite.BuiltinOperator.AVERAGE_POOL_2D: self._pool,
            tflite.BuiltinOperator.RESHAPE: self._flatten,
            tflite.BuiltinOperator.FULLY_CONNECTED: self._dense,
        }
        for index in range(self._tflite.OperatorsLength()):
            operator = self._tflite.Operators(index)
            code = self._model.OperatorCodes(operator.OpcodeIndex()).BuiltinCode()
            if code == tflite.BuiltinOperator.SOFTMAX:
                break
            output = int(operator.Outputs(0))
            if code == tflite.BuiltinOperator.QUANTIZE:
                self._names[output] = "image"
            else:
                self._names[output] = operators[code](operator, f"op{index}")
        self.graph.save(
            target, {"image": ["n", 3, SIZE, SIZE]}, {_LOGITS: ["n", 1000], _EMBEDDING: ["n", 1280]}
        )

    def _tensor(self, index: int) -> tuple[NDArray[Any], NDArray[np.float32]]:
        tensor = self._tflite.Tensors(index)
        raw = self._model.Buffers(tensor.Buffer()).DataAsNumpy()
        values = np.frombuffer(raw.tobytes(), _DTYPES[tensor.Type()]).reshape(tensor.ShapeAsNumpy())
        return values, tensor.Quantization().ScaleAsNumpy().astype(np.float32)

    def _input(self, operator: Any, position: int = 0) -> str:
        return self._names[int(operator.Inputs(position))]

    def _bias(self, operator: Any, name: str) -> str:
        values, scale = self._tensor(operator.Inputs(2))
        return self.graph.constant(f"{name}.b", (values * scale).astype(np.float32))

    def _activate(self, x: str, kind: int, name: str) -> str:
        if kind == tflite.ActivationFunctionType.RELU6:
            return self.graph.node("Clip", [x, "zero", "six"], f"{name}.relu6")
        return x

    def _convolve(self, operator: Any, name: str, options: Any, groups: int, order: tuple[int, ...]) -> str:
        table = operator.BuiltinOptions()
        options.Init(table.Bytes, table.Pos)
        values, scale = self._tensor(operator.Inputs(1))
        kernel = np.ascontiguousarray(values.transpose(order))
        weights = self.graph.quantised_weights(f"{name}.w", kernel, scale.reshape(-1, 1, 1, 1))
        y = self.graph.node(
            "Conv",
            [self._input(operator), weights, self._bias(operator, name)],
            name,
            strides=[options.StrideH(), options.StrideW()],
            auto_pad=_PADDING[options.Padding()],
            group=groups or kernel.shape[0],
        )
        return self._activate(y, options.FusedActivationFunction(), name)

    def _conv(self, operator: Any, name: str) -> str:
        return self._convolve(operator, name, tflite.Conv2DOptions(), 1, (0, 3, 1, 2))

    def _depthwise(self, operator: Any, name: str) -> str:
        return self._convolve(operator, name, tflite.DepthwiseConv2DOptions(), 0, (3, 0, 1, 2))

    def _add(self, operator: Any, name: str) -> str:
        return self.graph.node("Add", [self._input(operator), self._input(operator, 1)], name)

    def _pool(self, operator: Any, name: str) -> str:
        return self.graph.node("GlobalAveragePool", [self._input(operator)], name)

    def _flatten(self, operator: Any, _: str) -> str:
        return self.graph.node("Flatten", [self._input(operator)], _EMBEDDING)

    def _dense(self, operator: Any, name: str) -> str:
        values, scale = self._tensor(operator.Inputs(1))
        weights = self.graph.quantised_weights(f"{name}.w", values, scale.reshape(-1, 1))
        inputs = [self._input(operator), weights, self._bias(operator, name)]
        return self.graph.node("Gemm", inputs, _LOGITS, transB=1)


def build(source: Path, target: Path) -> None:
    """Write the model: `image` (n, 3, 280, 280) to `logits` (n, 1000) and `embedding` (n, 1280)."""
    _Converter(tflite.Model.GetRootAs(source.read_bytes(), 0)).run(target)
