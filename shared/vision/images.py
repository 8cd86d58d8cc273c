"""Pixels as models want them: resized with antialiasing, normalised, channels first."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.domain.observation import Box
from shared.domain.vectors import Array
from shared.vision.manifest import Preprocessing

Pixels = NDArray[np.uint8]

_CROP = 0.72
"""Share of each side that the crops of `views` keep."""
_MIN_CROP_PIXELS = 8


def model_input(pixels: Pixels, how: Preprocessing) -> Array:
    """Resize and normalise one photo.

    Parameters
    ----------
    pixels : (h, w, 3) uint8
        Upright sRGB.
    how : Preprocessing

    Returns
    -------
    (1, 3, size, size) float32
    """
    image = Image.fromarray(pixels)
    if how.crop:
        image = _centre_square(image)
    resized = image.resize((how.size, how.size), Image.Resampling.BICUBIC)
    values = np.asarray(resized, dtype=np.float32)
    normalised = (values - np.array(how.mean, np.float32)) / np.array(how.scale, np.float32)
    return np.ascontiguousarray(normalised.transpose(2, 0, 1)[None], dtype=np.float32)


def views(pixels: Pixels, count: int) -> list[Pixels]:
    """The photo itself, or seven looks at it: whole, mirrored, centre and four corners.

    Parameters
    ----------
    pixels : (h, w, 3) uint8
    count : 1 or 7
    """
    if count == 1:
        return [pixels]
    height, width = pixels.shape[:2]
    h, w = max(1, round(height * _CROP)), max(1, round(width * _CROP))
    tops, lefts = (0, height - h), (0, width - w)
    corners = [(top, left) for top in tops for left in lefts]
    starts = [((height - h) // 2, (width - w) // 2), *corners]
    crops = [pixels[top : top + h, left : left + w] for top, left in starts]
    return [pixels, np.ascontiguousarray(pixels[:, ::-1]), *crops]


def crop(pixels: Pixels, box: Box) -> Pixels | None:
    """The part of the photo inside a box, None where it is too small to look at."""
    height, width = pixels.shape[:2]
    top, bottom = (int(np.clip(round(v * height), 0, height)) for v in (box.top, box.bottom))
    left, right = (int(np.clip(round(v * width), 0, width)) for v in (box.left, box.right))
    if min(bottom - top, right - left) < _MIN_CROP_PIXELS:
        return None
    return pixels[top:bottom, left:right]


def _centre_square(image: Image.Image) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side))
