"""An owner's CLIP model, the side that sees: an ONNX file named in `owner.json`.

It takes `pixel_values` (n, 3, size, size) float32 and gives the image's vector as its first output. Words
need no side of their own: which of the owner's words go with a vector is learned.
"""

from typing import Self

import numpy as np

from shared.domain.errors import ModelUnavailable
from shared.domain.vectors import Array
from shared.vision.images import Pixels, model_input
from shared.vision.manifest import Manifest, ModelEntry, Preprocessing
from shared.vision.session import OrtSession, Session
from shared.vision.text import unit


class Clip:
    """From photos to vectors.

    Parameters
    ----------
    image : Session
    preprocessing : Preprocessing
    """

    def __init__(self, image: Session, preprocessing: Preprocessing) -> None:
        self._image = image
        self._preprocessing = preprocessing

    @classmethod
    def open(cls, manifest: Manifest, entry: ModelEntry, threads: int = 1) -> Self:
        """The model of a manifest entry of the task `clip`.

        Raises
        ------
        ModelUnavailable
            Where the file is missing or is not the one named, or the entry says nothing of preprocessing.
        """
        if entry.preprocessing is None:
            raise ModelUnavailable(f"Model {entry.name} needs preprocessing in its manifest entry")
        return cls(OrtSession(manifest.path(entry), threads), entry.preprocessing)

    def encode_image(self, pixels: Pixels) -> Array:
        """The unit vector of a photo, (h, w, 3) uint8 to (d,) float32."""
        feeds = {self._image.inputs[0]: model_input(pixels, self._preprocessing)}
        return unit(self._image.run(feeds)[0].reshape(-1).astype(np.float32))
