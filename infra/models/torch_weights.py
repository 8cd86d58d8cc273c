"""Reads the tensors of a legacy torch checkpoint without torch, refusing every other object in it."""

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

_DTYPES: dict[str, np.dtype[Any]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


@dataclass(frozen=True, slots=True)
class _Tensor:
    storage: str
    offset: int
    size: tuple[int, ...]
    stride: tuple[int, ...]


def _rebuild(storage: str, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, size, stride)


class _CheckpointUnpickler(pickle.Unpickler):
    """Knows tensors and their storages, nothing else."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self.dtypes: dict[str, np.dtype[Any]] = {}

    def persistent_load(self, pid: Any) -> str:
        _, kind, key, *_ = pid
        self.dtypes[key] = _DTYPES[kind]
        return str(key)

    def find_class(self, module: str, name: str) -> Any:
        if name == "_rebuild_tensor_v2":
            return _rebuild
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"a checkpoint of weights has no use for {module}.{name}")


def load(path: Path) -> dict[str, NDArray[Any]]:
    """Tensors by name: magic number, protocol and system info, then the dictionary, then raw storages."""
    with path.open("rb") as file:
        for _ in range(3):
            _CheckpointUnpickler(file).load()
        unpickler = _CheckpointUnpickler(file)
        tensors: dict[str, _Tensor] = unpickler.load()
        storages: dict[str, NDArray[Any]] = {}
        for key in _CheckpointUnpickler(file).load():
            dtype = unpickler.dtypes[key]
            count = int.from_bytes(file.read(8), "little")
            storages[key] = np.frombuffer(file.read(count * dtype.itemsize), dtype)
    return {name: _materialise(tensor, storages[tensor.storage]) for name, tensor in tensors.items()}


def _materialise(tensor: _Tensor, storage: NDArray[Any]) -> NDArray[Any]:
    strides = [step * storage.itemsize for step in tensor.stride]
    view = np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.size, strides)
    return view.copy()
