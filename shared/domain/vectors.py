"""Vectors as they travel: float32 in memory, base64 of little-endian float16 in JSON."""

import base64
import binascii
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import PlainSerializer, PlainValidator

Array = NDArray[np.float32]


def encode(vector: Array) -> str:
    """Base64 text of a one-dimensional vector as little-endian float16."""
    return base64.b64encode(np.asarray(vector, dtype="<f2").tobytes()).decode("ascii")


def decode(value: Any) -> Array:
    """A float32 vector from what `encode` wrote, or from a sequence of numbers."""
    if isinstance(value, str):
        try:
            return np.frombuffer(base64.b64decode(value, validate=True), dtype="<f2").astype(np.float32)
        except (binascii.Error, ValueError) as error:
            raise ValueError("not base64 of little-endian float16") from error
    return np.asarray(value, dtype=np.float32)


Vector = Annotated[Array, PlainValidator(decode), PlainSerializer(encode, return_type=str, when_used="json")]
