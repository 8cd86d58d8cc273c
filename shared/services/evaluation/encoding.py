"""Sentence vectors of many texts, computed once for a text model."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shared.domain.vectors import Array
from shared.vision.cache import default_directory
from shared.vision.manifest import Manifest
from shared.vision.text import TextEncoder

BATCH = 256


def encode(models: Path, texts: Sequence[str]) -> Array:
    """Unit sentence vectors of texts, (n, 384) float32, from the cache where they were computed before."""
    model = Manifest.load(models).entry("minilm_l6_v2_int8").sha256
    digest = hashlib.sha256("\n".join((model, *texts)).encode()).hexdigest()
    path = default_directory() / "texts" / f"{digest}.npy"
    if path.is_file():
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    encoder = TextEncoder.load(models)
    batches = [encoder.encode(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]
    vectors = np.concatenate(batches) if batches else np.empty((0, 384), dtype=np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npy")
    np.save(part, vectors, allow_pickle=False)
    part.replace(path)
    return vectors
