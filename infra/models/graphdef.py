"""Reads a frozen TensorFlow graph without TensorFlow, by the few protobuf fields that matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from numpy.typing import NDArray

_PACKAGE = "frozen"
_Field = descriptor_pb2.FieldDescriptorProto
_DTYPES: dict[int, np.dtype[Any]] = {1: np.dtype("<f4"), 3: np.dtype("<i4"), 9: np.dtype("<i8")}
_MESSAGES: dict[str, Sequence[tuple[str, int, int | str, bool]]] = {
    "Dim": [("size", 1, _Field.TYPE_INT64, False)],
    "Shape": [("dim", 2, "Dim", True)],
    "Tensor": [
        ("dtype", 1, _Field.TYPE_INT32, False),
        ("shape", 2, "Shape", False),
        ("content", 4, _Field.TYPE_BYTES, False),
        ("float_val", 5, _Field.TYPE_FLOAT, True),
        ("int_val", 7, _Field.TYPE_INT32, True),
    ],
    "List": [("i", 3, _Field.TYPE_INT64, True)],
    "Value": [
        ("list", 1, "List", False),
        ("s", 2, _Field.TYPE_BYTES, False),
        ("i", 3, _Field.TYPE_INT64, False),
        ("f", 4, _Field.TYPE_FLOAT, False),
        ("tensor", 8, "Tensor", False),
    ],
    "Attribute": [("key", 1, _Field.TYPE_STRING, False), ("value", 2, "Value", False)],
    "Node": [
        ("name", 1, _Field.TYPE_STRING, False),
        ("op", 2, _Field.TYPE_STRING, False),
        ("input", 3, _Field.TYPE_STRING, True),
        ("attr", 5, "Attribute", True),
    ],
    "Graph": [("node", 1, "Node", True)],
}


def _graph_class() -> Any:
    file = descriptor_pb2.FileDescriptorProto(name="frozen_graph.proto", package=_PACKAGE, syntax="proto3")
    for message, fields in _MESSAGES.items():
        descriptor = file.message_type.add(name=message)
        for name, number, kind, repeated in fields:
            field = descriptor.field.add(name=name, number=number)
            field.label = _Field.LABEL_REPEATED if repeated else _Field.LABEL_OPTIONAL
            if isinstance(kind, str):
                field.type, field.type_name = _Field.TYPE_MESSAGE, f".{_PACKAGE}.{kind}"
            else:
                field.type = kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.Graph"))


@dataclass(frozen=True, slots=True)
class Node:
    """One operation: its inputs are names of nodes, without control inputs and output numbers."""

    name: str
    op: str
    inputs: tuple[str, ...]
    attributes: dict[str, Any]

    def array(self) -> NDArray[Any]:
        """The value of a constant."""
        tensor = self.attributes["value"].tensor
        shape = [dim.size for dim in tensor.shape.dim]
        dtype = _DTYPES[tensor.dtype]
        if tensor.content:
            return np.frombuffer(tensor.content, dtype).reshape(shape)
        values = tensor.float_val if dtype.kind == "f" else tensor.int_val
        if len(values) == 1:
            return np.full(shape, values[0], dtype)
        return np.array(values, dtype).reshape(shape)

    def integers(self, attribute: str) -> list[int]:
        """A list attribute such as strides."""
        return list(self.attributes[attribute].list.i)

    def text(self, attribute: str) -> str:
        """A text attribute such as the padding."""
        return str(self.attributes[attribute].s.decode())

    def number(self, attribute: str) -> float:
        """A float attribute such as epsilon."""
        return float(self.attributes[attribute].f)


def load(path: Path) -> dict[str, Node]:
    """Nodes of a frozen graph by name."""
    graph = _graph_class().FromString(path.read_bytes())
    return {
        node.name: Node(
            node.name,
            node.op,
            tuple(name.split(":")[0] for name in node.input if not name.startswith("^")),
            {attribute.key: attribute.value for attribute in node.attr},
        )
        for node in graph.node
    }
