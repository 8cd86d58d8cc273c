"""Sentence vectors of words.

References
----------
.. [1] N. Reimers, I. Gurevych, "Sentence-BERT", EMNLP 2019; the model is all-MiniLM-L6-v2.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from tokenizers import Tokenizer

from shared.domain.vectors import Array
from shared.vision.manifest import Manifest, Task
from shared.vision.session import OrtSession, Session

DIMENSIONS = 384
MODEL = "minilm_l6_v2_int8"
_MAX_TOKENS = 128
_TAGS_WEIGHT = 0.5


class TextEncoder:
    """MiniLM: a text to a unit vector whose cosine with another is their likeness in meaning."""

    def __init__(self, session: Session, tokenizer: Tokenizer) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(_MAX_TOKENS)

    @classmethod
    def load(cls, models_dir: Path, *, threads: int = 1) -> Self:
        """The encoder of a models folder.

        Raises
        ------
        ModelUnavailable
            Where its files are missing or are not those the manifest names.
        """
        return cls.from_manifest(Manifest.load(models_dir), threads=threads)

    @classmethod
    def from_manifest(cls, manifest: Manifest, *, threads: int = 1) -> Self:
        """The encoder a manifest names for the task `text`."""
        entry = manifest.first(Task.TEXT) or manifest.entry(MODEL)
        tokenizer = Tokenizer.from_file(str(manifest.companion(entry, "tokenizer")))
        return cls(OrtSession(manifest.path(entry), threads), tokenizer)

    def encode(self, texts: Sequence[str]) -> Array:
        """Encode texts one by one, so that no text's vector depends on its company.

        Returns
        -------
        (n, 384) float32
            Unit rows.
        """
        rows = [self._encode(text) for text in texts]
        return np.stack(rows) if rows else np.zeros((0, DIMENSIONS), np.float32)

    def _encode(self, text: str) -> Array:
        encoding = self._tokenizer.encode(text)
        ids = np.array([encoding.ids], np.int64)
        feeds = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        (states,) = self._session.run(feeds)
        return unit(states[0].mean(axis=0))


def unit(vector: Array) -> Array:
    """The vector at length 1, float32; zero stays zero."""
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length > 0 else vector, dtype=np.float32)


def words_vector(encoder: TextEncoder, description: str | None, tags: Sequence[str]) -> Array | None:
    """Where the owner's words of a photo stand among sentence vectors.

    Parameters
    ----------
    encoder : TextEncoder
    description : str or None
    tags : sequence of str

    Returns
    -------
    (384,) float32 or None
        unit(e(description) + e(description and tags) + 0.5 e(tags)), None where there are no words.
    """
    said = (description or "").strip()
    listed = ", ".join(tags)
    parts = [
        (said, 1.0),
        (f"{said} {listed}".strip() if said and listed else "", 1.0),
        (listed, _TAGS_WEIGHT),
    ]
    parts = [(text, weight) for text, weight in parts if text]
    if not parts:
        return None
    vectors = encoder.encode([text for text, _ in parts])
    weights = np.array([weight for _, weight in parts], np.float32)
    return unit(weights @ vectors)
