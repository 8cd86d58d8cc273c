"""The texts of the evaluation data, and how they are split by a hash of their ids."""

import hashlib
import json
from pathlib import Path
from typing import Any

from shared.domain.errors import InvalidInput


def read(data: Path, name: str) -> list[dict[str, Any]]:
    """The rows of one file of texts.

    Raises
    ------
    InvalidInput
        If the folder has no such file.
    """
    path = data / "text" / name
    if not path.is_file():
        raise InvalidInput(f"There is no {path}: give the folder of the evaluation data with --data.")
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def digest(text: str) -> int:
    """SHA-256 of a text as a number, which the protocol's splits go by."""
    return int(hashlib.sha256(text.encode()).hexdigest(), 16)
