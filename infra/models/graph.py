"""A small writer of ONNX graphs that keeps large weights in half the space or less.

Weights stored as float16 or int8 are cast back to float32 by nodes that onnxruntime folds while it loads
the file, so the arithmetic stays float32 and only the file is smaller.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

_OPSET = 13
_IR_VERSION = 8
_SMALL = 1024
_FLOAT16_MAX = 65504.0

Shape = Sequence[int | str]


class GraphWriter:
    """Collects nodes and constants in order and saves them as one checked ONNX model."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._initializers: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Add a constant as it is and return its name."""
        self._initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def weights(self, name: str, value: NDArray[np.float32]) -> str:
        """Add float weights, as float16 where there are many; returns the name of the float32 value."""
        value = np.ascontiguousarray(value, dtype=np.float32)
        if value.size <= _SMALL or float(np.abs(value).max()) > _FLOAT16_MAX:
            return self.constant(name, value)
        self.constant(f"{name}.half", value.astype(np.float16))
        return self.node("Cast", [f"{name}.half"], name, to=TensorProto.FLOAT)

    def quantised_weights(self, name: str, value: NDArray[np.int8], scale: NDArray[np.float32]) -> str:
        """Add int8 weights (zero point 0) with a scale that broadcasts against them."""
        self.constant(f"{name}.int8", value)
        self.constant(f"{name}.scale", scale.astype(np.float32))
        self.node("Cast", [f"{name}.int8"], f"{name}.wide", to=TensorProto.FLOAT)
        return self.node("Mul", [f"{name}.wide", f"{name}.scale"], name)

    def node(self, op: str, inputs: Sequence[str], name: str, **attributes: Any) -> str:
        """Add a node with one output, which has the node's name."""
        self._nodes.append(helper.make_node(op, list(inputs), [name], name=name, **attributes))
        return name

    def save(self, path: Path, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]) -> None:
        """Check the model and write it; every input and output is float32."""
        graph = helper.make_graph(
            self._nodes,
            self._name,
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(s)) for name, s in inputs.items()],
            [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(s)) for name, s in outputs.items()],
            self._initializers,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)])
        model.ir_version = _IR_VERSION
        onnx.checker.check_model(model)
        path.write_bytes(model.SerializeToString(deterministic=True))
