"""What tells one picture from another: a hash that near-duplicates share."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def dhash(pixels: NDArray[np.uint8]) -> str:
    """64-bit difference hash as 16 hex digits: which cells of a 9 by 8 grey copy are darker than the next.

    Parameters
    ----------
    pixels : (h, w, 3) uint8

    References
    ----------
    Krawetz, N. (2013). Kind of Like That. The Hacker Factor Blog.
    """
    small = Image.fromarray(pixels).convert("L").resize((9, 8), Image.Resampling.LANCZOS)
    cells = np.asarray(small, dtype=np.int16)
    bits = cells[:, :-1] < cells[:, 1:]
    return np.packbits(bits).tobytes().hex()
