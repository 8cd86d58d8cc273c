"""An owner's CLIP model: photos and words in one space, from two ONNX files named in `owner.json`.

The entry's own file takes `pixel_values` (n, 3, size, size) float32 and gives the image's vector as its
first output; the companion `text` takes `input_ids` and, if it has it, `attention_mask` (n, length) int64
and gives the text's. The companion `tokenizer` is a `tokenizer.json`. The option `context_length` (77 by
default) is what a text is padded to.
"""

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from shared.domain.errors import ModelUnavailable
from shared.domain.vectors import Array
from shared.vision.images import Pixels, model_input
from shared.vision.manifest import Manifest, ModelEntry, Preprocessing
from shared.vision.session import OrtSession, Session
from shared.vision.text import unit

_CONTEXT_LENGTH = 77


class Clip:
    """Image and text encoder of one space; the text side is opened when it is first needed."""

    def __init__(
        self,
        image: Session,
        preprocessing: Preprocessing,
        open_text: Callable[[], tuple[Session, Tokenizer]],
        context_length: int = _CONTEXT_LENGTH,
    ) -> None:
        self._image = image
        self._preprocessing = preprocessing
        self._open_text = open_text
        self._text: tuple[Session, Tokenizer] | None = None
        self._context_length = context_length

    @classmethod
    def open(cls, manifest: Manifest, entry: ModelEntry, threads: int = 1) -> Self:
        """The model of a manifest entry of the task `clip`.

        Raises
        ------
        ModelUnavailable
            Where a file is missing or is not the one named, or the entry says nothing of preprocessing.
        """
        if entry.preprocessing is None:
            raise ModelUnavailable(f"Model {entry.name} needs preprocessing in its manifest entry")

        def open_text() -> tuple[Session, Tokenizer]:
            tokenizer = Tokenizer.from_file(str(manifest.companion(entry, "tokenizer")))
            return OrtSession(manifest.companion(entry, "text"), threads), tokenizer

        length = int(entry.options.get("context_length", _CONTEXT_LENGTH))
        return cls(OrtSession(manifest.path(entry), threads), entry.preprocessing, open_text, length)

    def encode_image(self, pixels: Pixels) -> Array:
        """The unit vector of a photo, (h, w, 3) uint8 to (d,) float32."""
        feeds = {self._image.inputs[0]: model_input(pixels, self._preprocessing)}
        return unit(self._image.run(feeds)[0].reshape(-1).astype(np.float32))

    def encode_texts(self, texts: Sequence[str]) -> Array:
        """Unit rows of texts, (n, d) float32; their inner product with a photo's vector is their likeness."""
        if self._text is None:
            self._text = self._open_text()
        session, tokenizer = self._text
        return np.stack([unit(session.run(self._tokens(session, tokenizer, text))[0][0]) for text in texts])

    def _tokens(self, session: Session, tokenizer: Tokenizer, text: str) -> dict[str, NDArray[Any]]:
        tokenizer.enable_truncation(self._context_length)
        tokenizer.no_padding()
        ids = tokenizer.encode(text).ids
        padded = np.zeros((1, self._context_length), np.int64)
        mask = np.zeros_like(padded)
        padded[0, : len(ids)], mask[0, : len(ids)] = ids, 1
        feeds = {"input_ids": padded, "attention_mask": mask}
        return {name: feeds[name] for name in session.inputs if name in feeds}
