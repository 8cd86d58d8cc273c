"""Where the models and the evaluation data stand, and small stand-ins for what vision needs."""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from shared.domain.observation import Exif
from shared.vision.manifest import MANIFEST

ROOT = Path(__file__).parents[2]
MODELS = ROOT / "models"
DATA = Path(os.environ.get("EYE_DATA", ROOT.parent / "shared" / "data"))

needs_models = pytest.mark.skipif(
    not (MODELS / MANIFEST).is_file(), reason="the models are not built: run make models"
)


def evaluation_rows(name: str) -> list[dict[str, Any]]:
    """The rows of an evaluation set, or a skip that says where it was looked for."""
    manifest = DATA / name / "manifest.jsonl"
    if not manifest.is_file():
        pytest.skip(f"no evaluation data at {manifest.parent}: set EYE_DATA")
    return [json.loads(line) for line in manifest.read_text(encoding="utf-8").splitlines()]


@dataclass
class StubPhoto:
    """A decoded photo of nothing in particular."""

    pixels: NDArray[np.uint8]
    content_sha256: str = "ab" * 32
    format: str = "JPEG"
    dhash: str = "0" * 16
    exif: Exif = field(default_factory=Exif)
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        return int(self.pixels.shape[0])
