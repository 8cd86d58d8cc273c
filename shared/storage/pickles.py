"""Pickles of plain builtins: written the same way every time, and read without running anything."""

import io
import math
import pickle
import struct
from typing import Any, NoReturn

from shared.domain.errors import BundleInvalid, InvalidInput

PROTOCOL = 4
BROKEN = (
    pickle.UnpicklingError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    MemoryError,
    OverflowError,
    TypeError,
    ValueError,
    struct.error,
)


def dumps(value: Any) -> bytes:
    """Pickle plain data: the same bytes for equal values, whatever the order of keys or identity of parts.

    Parameters
    ----------
    value : dict with str keys, list, str, bytes, int, float, bool or None
        Nested as deep as need be; floats finite.

    Raises
    ------
    InvalidInput
        Naming the place of anything else.
    """
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=PROTOCOL)
    pickler.fast = True  # no memo: two equal strings are written alike, whether or not they are one object
    pickler.dump(_plain(value, "value"))
    return buffer.getvalue()


def loads(body: bytes) -> Any:
    """Read plain data from a pickle.

    Raises
    ------
    BundleInvalid
        Where the bytes are no pickle, or name any class or function.
    """
    try:
        return _PlainUnpickler(io.BytesIO(body)).load()
    except BROKEN as error:
        raise BundleInvalid(f"The pickle is broken: {error}") from error


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> NoReturn:
        raise BundleInvalid(f"The pickle names {module}.{name}, but may hold plain data only: do not use it")

    def persistent_load(self, _pid: Any) -> NoReturn:
        raise BundleInvalid("The pickle refers to outside data, but may hold plain data only: do not use it")


def _plain(value: Any, where: str) -> Any:
    kind = type(value)
    if kind is dict:
        for key in value:
            if type(key) is not str:
                raise InvalidInput(f"{where} has the key {key!r}: only text can be a key")
        return {key: _plain(value[key], f"{where}[{key!r}]") for key in sorted(value)}
    if kind is list:
        return [_plain(item, f"{where}[{at}]") for at, item in enumerate(value)]
    if kind in (str, bytes, int, bool) or value is None or (kind is float and math.isfinite(value)):
        return value
    raise InvalidInput(f"{where} is {kind.__name__} {value!r}: only plain, finite data can be pickled")
