"""Any picture Pillow can hold to eight-bit sRGB of a working size."""

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

_FULL_SCALES = (255.0, 4095.0, 65535.0)
_DEEP = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")
_SPACES = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK", "Lab ": "LAB"}


def simple(image: Image.Image, side: int) -> Image.Image:
    """A decoded picture, opaque, at most `side` pixels long, in mode L, RGB, CMYK, LAB or YCbCr.

    It is scaled down before anything is composited or stretched, so that memory stays near the decoded size.
    """
    if image.mode in _DEEP:
        values = _shrunk(image if image.mode == "F" else image.convert("I"), side, Image.Resampling.BOX)
        return Image.fromarray(_scaled(np.asarray(values, dtype=np.float64)))
    if image.mode in ("LA", "PA", "La", "RGBA", "RGBa") or "transparency" in image.info:
        if image.mode == "La":
            image = image.convert("LA")
        layered = _shrunk(image if image.mode == "RGBA" else image.convert("RGBA"), side)
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    if image.mode not in ("L", "RGB", "CMYK", "LAB", "YCbCr"):
        image = image.convert("L" if image.mode == "1" else "RGB")
    return _shrunk(image, side)


def to_srgb(image: Image.Image, profile: bytes | None) -> tuple[Image.Image, str | None]:
    """An RGB image in sRGB, and a note where the embedded profile could not be used.

    Parameters
    ----------
    image : Image
        As `simple` leaves it.
    profile : bytes or None
        The embedded ICC profile; without one the values are taken as sRGB.
    """
    if image.mode == "LAB":
        return _transformed(image, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))), None
    if not profile:
        return image.convert("RGB"), None
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _SPACES.get(source.profile.xcolor_space)
        if mode is None or (mode == "CMYK") != (image.mode == "CMYK"):
            return image.convert("RGB"), "The colour profile does not fit the picture and was ignored."
        return _transformed(image if image.mode == mode else image.convert(mode), source), None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image.convert("RGB"), "The colour profile is damaged and was ignored."


def is_blank(image: Image.Image) -> bool:
    """Whether every pixel of an RGB image is the same colour."""
    values = np.asarray(image)
    return bool(np.all(values == values[0, 0]))


def missing_share(image: Image.Image) -> float:
    """Share of the height, from the bottom, that a JPEG decoder filled with mid grey for want of data."""
    rows = np.asarray(image.convert("RGB"), dtype=np.int16)
    present = np.flatnonzero((np.abs(rows - 128) > 1).any(axis=(1, 2)))
    return 1.0 - float(present[-1] + 1) / len(rows) if present.size else 1.0


def _shrunk(
    image: Image.Image, side: int, filter_: Image.Resampling = Image.Resampling.LANCZOS
) -> Image.Image:
    scale = side / max(image.size)
    if scale >= 1:
        return image
    width, height = (max(1, round(length * scale)) for length in image.size)
    return image.resize((width, height), filter_, reducing_gap=3.0)


def _transformed(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    result = ImageCms.profileToProfile(
        image,
        source,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    if result is None:
        raise ValueError("no image came of the colour transform")
    return result


def _scaled(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Grey values of unknown depth to 0..255 by the smallest usual full scale that holds them.

    Values in 0..1 are taken as shares, 0..255, 0..4095 and 0..65535 as 8, 12 and 16 bits; what fits
    none (negative, larger) is stretched from its smallest to its largest value.
    """
    finite = np.isfinite(values)
    if not finite.any():
        return np.zeros(values.shape, dtype=np.uint8)
    low, high = float(values[finite].min()), float(values[finite].max())
    values = np.where(finite, values, low)
    if low < 0 or high > _FULL_SCALES[-1]:
        values, full = values - low, (high - low) or 1.0
    elif high <= 1:
        full = 1.0
    else:
        full = next(scale for scale in _FULL_SCALES if high <= scale)
    return np.rint(values / full * 255.0).clip(0, 255).astype(np.uint8)
