"""Opening a file anybody may have made: allowed formats, limits before decoding, a reason for a failure."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO

import pi_heif
from PIL import Image, UnidentifiedImageError

from shared.domain.errors import UnreadablePhoto
from shared.photos.boxes import refuse_unnamed_items
from shared.photos.directories import refuse_greedy_directories

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "GIF", "BMP", "HEIF", "AVIF", "JPEG2000")
_READABLE = "JPEG, PNG, WebP, TIFF, GIF, BMP, HEIC, AVIF or JPEG 2000"
_KINDS = (
    (b"%PDF", "a PDF document"),
    (b"8BPS", "a Photoshop document"),
    (b"%!PS", "a PostScript drawing"),
    (b"\x00\x00\x01\x00", "a Windows icon"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
    (b"\x1a\x45\xdf\xa3", "a video"),
    (b"RIFF", "a sound or video"),
    (b"FUJIFILMCCD-RAW", "a camera's raw file"),
    (b"<svg", "an SVG drawing"),
    (b"<?xml", "an XML document or SVG drawing"),
    (b"<!DOCTYPE html", "a web page"),
    (b"<html", "a web page"),
)
_STILL_BRANDS = frozenset(
    {
        b"heic",
        b"heix",
        b"heim",
        b"heis",
        b"hevc",
        b"hevx",
        b"mif1",
        b"msf1",
        b"avif",
        b"avis",
        b"miaf",
        b"jp2 ",
    }
)


@contextmanager
def open_photo(data: bytes, *, max_pixels: int) -> Iterator[Image.Image]:
    """Open a photo's container, pixels not yet decoded; whatever decoding raises inside becomes a reason.

    Pillow's own bomb limit (about 179 million pixels) also holds, whatever `max_pixels` says.

    Raises
    ------
    UnreadablePhoto
        With a sentence that names the cause and what to do.
    """
    _register_heif()
    if not data:
        raise UnreadablePhoto("The file is empty: the upload was probably cut short, upload the photo again.")
    refuse_greedy_directories(data)
    refuse_unnamed_items(data)
    with reasons(data), Image.open(BytesIO(data), formats=FORMATS) as image:
        refuse_too_large(image, max_pixels)
        yield image


def refuse_too_large(image: Image.Image, max_pixels: int) -> None:
    """Refuse by the size the header declares, before any pixel is decoded."""
    width, height = image.size
    if width * height > max_pixels:
        raise UnreadablePhoto(
            f"The photo has {width * height / 1e6:,.0f} million pixels, more than the limit of"
            f" {max_pixels / 1e6:,.0f} million: upload a smaller copy."
        )


@contextmanager
def reasons(data: bytes) -> Iterator[None]:
    """Turn what Pillow, its codecs and libheif raise on broken or hostile files into `UnreadablePhoto`."""
    try:
        yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePhoto(
            "The photo declares far more pixels than a camera makes: upload a smaller copy."
        ) from error
    except UnidentifiedImageError as error:
        raise UnreadablePhoto(_unidentified(data)) from error
    except MemoryError as error:
        raise UnreadablePhoto(
            "The photo needs more memory than there is to decode: upload a smaller copy."
        ) from error
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        LookupError,
        EOFError,
        ArithmeticError,
        AttributeError,
        AssertionError,
        RuntimeError,
        struct.error,
        zlib.error,
    ) as error:
        raise UnreadablePhoto(_damaged(str(error))) from error


def _damaged(message: str) -> str:
    lowered = message.lower()
    if "truncated" in lowered or "end of file" in lowered or "end of stream" in lowered:
        return (
            "The file ends before the picture does: upload the photo again, or a copy that opens completely."
        )
    if "unsupported" in lowered:
        return (
            f"The photo uses a variant of its format that is not read ({message}): export it as JPEG or PNG."
        )
    if "text" in lowered and "too large" in lowered:
        return "The photo's text blocks unpack to far more than a photo needs: save it anew without metadata."
    return "The photo is damaged and cannot be decoded: save it anew as JPEG and upload that."


def _unidentified(data: bytes) -> str:
    kind = _kind(data)
    if kind:
        return f"The file is {kind}, not a photo: export it as one of {_READABLE}."
    return f"The file is not a photo in a known format, or its beginning is damaged: upload {_READABLE}."


def _kind(data: bytes) -> str | None:
    if data[4:8] == b"ftyp":
        return None if data[8:12] in _STILL_BRANDS else "a video"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return None
    start = data[:64].lstrip(b"\xef\xbb\xbf \t\r\n") if data[:1] not in (b"\x00", b"\xff") else data[:64]
    return next((kind for magic, kind in _KINDS if start.startswith(magic)), None)


@cache
def _register_heif() -> None:
    Image.init()
    pi_heif.register_heif_opener()
