"""Vectors as they travel: float32 in memory, base64 of little-endian float16 in JSON, deflated where it pays.

What models see of a photo is most of its record, and a quarter of that deflates away.
"""

import base64
import binascii
import zlib
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator

Array = NDArray[np.float32]
DEFLATED = "z:"
"""Before the base64 of deflated bytes: no base64 begins so."""


def encode(vector: Array) -> str:
    """Base64 text of a one-dimensional vector as little-endian float16, deflated where that is shorter."""
    plain = np.asarray(vector, dtype="<f2").tobytes()
    deflated = zlib.compress(plain)
    if len(deflated) < len(plain):
        return DEFLATED + base64.b64encode(deflated).decode("ascii")
    return base64.b64encode(plain).decode("ascii")


def decode(value: Any) -> Array:
    """A float32 vector from what `encode` wrote, or from a sequence of numbers."""
    if isinstance(value, str):
        try:
            body = base64.b64decode(value.removeprefix(DEFLATED), validate=True)
            plain = zlib.decompress(body) if value.startswith(DEFLATED) else body
            return np.frombuffer(plain, dtype="<f2").astype(np.float32)
        except (binascii.Error, zlib.error, ValueError) as error:
            raise ValueError("not base64 of little-endian float16") from error
    return np.asarray(value, dtype=np.float32)


Vector = Annotated[Array, PlainValidator(decode), PlainSerializer(encode, return_type=str, when_used="json")]
