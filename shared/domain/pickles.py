"""Pickles of plain builtins: what is written holds nothing else, what is read can name nothing else.

A pickle from outside can run any code its author likes, by naming it. A reader that resolves no name at all
is left with numbers, text, bytes and their containers.
"""

import io
import pickle
from typing import Any, NoReturn

from shared.domain.errors import InvalidInput

PROTOCOL = 4
_SCALARS = (str, bytes, int, float, bool, type(None))


class _Refusing(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> NoReturn:
        raise InvalidInput(
            f"The pickle names {module}.{name}, which plain data never does: do not use this file."
        )


def dumps(value: Any) -> bytes:
    """A pickle of dicts, lists, text, numbers and bytes; equal values give equal bytes.

    Raises
    ------
    InvalidInput
        Where the value holds anything else.
    """
    _check(value)
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer, protocol=PROTOCOL)
    pickler.fast = True  # no references back, so that the bytes follow values and not identities
    pickler.dump(value)
    return buffer.getvalue()


def loads(body: bytes) -> Any:
    """What `dumps` was given.

    Raises
    ------
    InvalidInput
        Where the bytes are no pickle, or one that names a class or function.
    """
    try:
        return _Refusing(io.BytesIO(body)).load()
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        IndexError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise InvalidInput(f"Not a pickle of plain data: {error}") from error


def _check(value: Any) -> None:
    if type(value) is dict:
        for key, item in value.items():
            _check(key)
            _check(item)
    elif type(value) is list:
        for item in value:
            _check(item)
    elif type(value) not in _SCALARS:
        raise InvalidInput(f"Only plain data is pickled, not {type(value).__name__}.")
