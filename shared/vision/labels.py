"""ImageNet labels and embeddings of a photo."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shared.domain.errors import ModelUnavailable
from shared.domain.vectors import Array
from shared.vision.images import Pixels, model_input
from shared.vision.manifest import ModelEntry
from shared.vision.session import Session

CLASSES = 1000
_EXPONENT_LIMIT = 80.0


@dataclass(frozen=True, slots=True, eq=False)
class Classified:
    """What one classifier makes of one view.

    Attributes
    ----------
    probabilities : (1000,) float32
    embedding : (d,) float32
        Of the layer before the last, not normalised.
    """

    probabilities: Array
    embedding: Array


class Classifier:
    """An ImageNet classifier whose outputs are `logits` and `embedding`."""

    def __init__(self, session: Session, entry: ModelEntry) -> None:
        if entry.preprocessing is None:
            raise ModelUnavailable(f"Model {entry.name} needs preprocessing in its manifest entry")
        self._session = session
        self._preprocessing = entry.preprocessing

    def classify(self, pixels: Pixels) -> Classified:
        """Probabilities and embedding of one view.

        Parameters
        ----------
        pixels : (h, w, 3) uint8
        """
        feeds = {self._session.inputs[0]: model_input(pixels, self._preprocessing)}
        logits, embedding = self._session.run(feeds, ("logits", "embedding"))
        return Classified(softmax(logits[0]), np.asarray(embedding[0], np.float32))


def softmax(logits: Array) -> Array:
    """Probabilities from logits, stable for large ones; same shape, float32, summing to 1."""
    shifted = np.maximum(logits.astype(np.float64) - logits.max(), -_EXPONENT_LIMIT)
    raised = np.exp(shifted)
    return np.asarray(raised / raised.sum(), dtype=np.float32)


def read_names(path: Path) -> tuple[tuple[str, ...], ...]:
    """Every class's names, the usual one first.

    Raises
    ------
    ModelUnavailable
        Where the file does not list one class a line, a thousand of them.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    if len(lines) != CLASSES:
        raise ModelUnavailable(f"{path.name} lists {len(lines)} classes, not {CLASSES}: run make models")
    return tuple(tuple(name.strip() for name in line.split(",")) for line in lines)
