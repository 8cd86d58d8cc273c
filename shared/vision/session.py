"""Sessions on onnxruntime, set up for one photo at a time on a shared machine."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from shared.domain.errors import ModelUnavailable

_ERRORS_ONLY = 3


class Session(Protocol):
    """What the models need of a runtime, so that a test can bring its own."""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs in the file's order."""
        ...

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] = ()) -> list[NDArray[Any]]:
        """Values of the outputs asked for, or of all in the file's order."""
        ...


class OrtSession:
    """An onnxruntime session on the CPU.

    Parameters
    ----------
    path : Path
        A verified ONNX file.
    threads : int
        Threads inside an operation. onnxruntime would take every core; a photo is small enough for one.

    Raises
    ------
    ModelUnavailable
        Where the file is no model that onnxruntime can run.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
        options.log_severity_level = _ERRORS_ONLY
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except (RuntimeError, ValueError) as error:
            raise ModelUnavailable(f"onnxruntime cannot run {path.name}: {error}") from error
        self._inputs = tuple(value.name for value in self._session.get_inputs())

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs in the file's order."""
        return self._inputs

    def run(self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] = ()) -> list[NDArray[Any]]:
        """Values of the outputs asked for, or of all in the file's order."""
        values: list[NDArray[Any]] = self._session.run(list(outputs) or None, dict(feeds))
        return [np.asarray(value) for value in values]
