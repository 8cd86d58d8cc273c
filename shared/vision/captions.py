"""An owner's captioner (BLIP, ViT-GPT2, Florence-2 and the like), from ONNX files named in `owner.json`.

Two forms are understood:

* one graph: the entry's file takes `pixel_values` (1, 3, size, size) float32 and gives token ids (1,
  length) int64 as its first output;
* encoder and decoder: the entry's file gives hidden states (1, m, d) as its first output, and the companion
  `decoder` takes `input_ids` (1, length) int64 and `encoder_hidden_states` and gives logits (1, length,
  vocabulary) as its first output. Words are chosen greedily.

The companion `tokenizer` is a `tokenizer.json`. Options: `start_token` and `end_token` (ids), `max_tokens`.
"""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from shared.domain.errors import ModelUnavailable
from shared.vision.images import Pixels, model_input
from shared.vision.manifest import Manifest, ModelEntry, Preprocessing
from shared.vision.session import OrtSession, Session

_MAX_TOKENS = 40


class Captioner:
    """Says in a sentence what a photo shows.

    Parameters
    ----------
    encoder : Session
        The one graph, or the encoder where there is a decoder.
    preprocessing : Preprocessing
    tokenizer : Tokenizer
    decoder : Session or None
    start_token, end_token : int
        Ids that begin and end a sentence.
    max_tokens : int
        Longest sentence the decoder may write.
    """

    def __init__(
        self,
        encoder: Session,
        preprocessing: Preprocessing,
        tokenizer: Tokenizer,
        decoder: Session | None = None,
        *,
        start_token: int = 0,
        end_token: int = 0,
        max_tokens: int = _MAX_TOKENS,
    ) -> None:
        self._encoder = encoder
        self._preprocessing = preprocessing
        self._tokenizer = tokenizer
        self._decoder = decoder
        self._start, self._end, self._max_tokens = start_token, end_token, max_tokens

    @classmethod
    def open(cls, manifest: Manifest, entry: ModelEntry, threads: int = 1) -> Self:
        """The captioner of a manifest entry of the task `caption`.

        Raises
        ------
        ModelUnavailable
            Where a file is missing or is not the one named, or the entry leaves out what its form needs.
        """
        if entry.preprocessing is None:
            raise ModelUnavailable(f"Model {entry.name} needs preprocessing in its manifest entry")
        decoder = None
        if "decoder" in entry.companions:
            missing = {"start_token", "end_token"} - set(entry.options)
            if missing:
                named = " and ".join(sorted(missing))
                raise ModelUnavailable(f"Model {entry.name} has a decoder and so needs the options {named}")
            decoder = OrtSession(manifest.companion(entry, "decoder"), threads)
        return cls(
            OrtSession(manifest.path(entry), threads),
            entry.preprocessing,
            Tokenizer.from_file(str(manifest.companion(entry, "tokenizer"))),
            decoder,
            start_token=int(entry.options.get("start_token", 0)),
            end_token=int(entry.options.get("end_token", 0)),
            max_tokens=int(entry.options.get("max_tokens", _MAX_TOKENS)),
        )

    def caption(self, pixels: Pixels) -> str | None:
        """One sentence of a photo, (h, w, 3) uint8; None where the model says nothing."""
        feeds = {self._encoder.inputs[0]: model_input(pixels, self._preprocessing)}
        first = self._encoder.run(feeds)[0]
        ids = self._write(self._decoder, first) if self._decoder else first.reshape(-1).tolist()
        text: str = self._tokenizer.decode(ids, skip_special_tokens=True)
        return text.strip() or None

    def _write(self, decoder: Session, states: NDArray[Any]) -> list[int]:
        ids = [self._start]
        while len(ids) <= self._max_tokens:
            feeds = {"input_ids": np.array([ids], np.int64), "encoder_hidden_states": states}
            token = int(decoder.run(feeds)[0][0, -1].argmax())
            if token == self._end:
                break
            ids.append(token)
        return ids[1:]
