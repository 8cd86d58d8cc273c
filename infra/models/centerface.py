"""CenterFace (faces with five landmarks): the published ONNX file, its input made dynamic.

References
----------
.. [1] Y. Xu et al., "CenterFace: Joint Face Detection and Alignment Using Face as Point", 2019.
"""

from pathlib import Path

import onnx


def build(source: Path, target: Path) -> None:
    """Write the model for any height and width that are multiples of 32."""
    model = onnx.load(source)
    graph = model.graph
    used = {name for node in graph.node for name in node.input}
    needed = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(needed)
    constants = {tensor.name for tensor in needed}
    inputs = [value for value in graph.input if value.name in used - constants]
    del graph.input[:]
    graph.input.extend(inputs)
    for value in [*graph.input, *graph.output]:
        for axis in (0, 2, 3):
            value.type.tensor_type.shape.dim[axis].dim_param = f"{value.name}_{axis}"
    del graph.value_info[:]
    target.write_bytes(model.SerializeToString(deterministic=True))
