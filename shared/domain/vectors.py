"""Vectors as they travel: base64 of little-endian float16 in JSON, deflated where it pays.

What models see of a photo is most of its record, and a quarter of that deflates away. In memory vectors are
float32; feature blocks are read as they are stored, for an export only passes them on.
"""

import base64
import binascii
import zlib
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator

Array = NDArray[np.float32]
Half = NDArray[np.float16]
DEFLATED = "z:"
"""Before the base64 of deflated bytes: no base64 begins so."""


def encode(vector: Array) -> str:
    """Base64 text of a one-dimensional vector as little-endian float16, deflated where that is shorter."""
    plain = np.asarray(vector, dtype="<f2").tobytes()
    deflated = zlib.compress(plain)
    if len(deflated) < len(plain):
        return DEFLATED + base64.b64encode(deflated).decode("ascii")
    return base64.b64encode(plain).decode("ascii")


def decode_half(value: Any) -> Half:
    """A float16 vector from what `encode` wrote, or from a sequence of numbers."""
    if isinstance(value, str):
        try:
            body = binascii.a2b_base64(value.removeprefix(DEFLATED), strict_mode=True)
            plain = zlib.decompress(body) if value.startswith(DEFLATED) else body
            return np.frombuffer(plain, dtype="<f2")
        except (zlib.error, ValueError) as error:
            raise ValueError("not base64 of little-endian float16") from error
    return np.asarray(value, dtype="<f2")


def decode(value: Any) -> Array:
    """The same as float32."""
    return decode_half(value).astype(np.float32) if isinstance(value, str) else np.asarray(value, np.float32)


_as_text = PlainSerializer(encode, return_type=str, when_used="json")
Vector = Annotated[Array, PlainValidator(decode), _as_text]
HalfVector = Annotated[Half | Array, PlainValidator(decode_half), _as_text]
