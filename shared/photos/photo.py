"""Bytes of a photo to what others work on: upright sRGB pixels, the camera's facts, the owner's words."""

import hashlib
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from shared.domain.errors import UnreadablePhoto
from shared.domain.observation import Exif, FileWords
from shared.photos.container import open_photo, refuse_too_large
from shared.photos.fingerprints import dhash
from shared.photos.metadata import read_metadata
from shared.photos.pixels import is_blank, missing_share, simple, to_srgb
from shared.photos.segments import is_jpeg

WORKING_SIDE = 2048
_FRAMES_LOOKED_AT = 16
_MOST_MISSING = 1 / 8
_END_OF_IMAGE = b"\xff\xd9"
_ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")
_TURNED_BY_DECODER = ("TIFF", "HEIF")
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One decoded photo.

    Attributes
    ----------
    pixels : (h, w, 3) uint8
        Upright, sRGB, on white where it was transparent; scaled down to at most 2,048 pixels on the longer
        side.
    width, height : int
        Of the upright photo at full size.
    format : str
        Pillow's name of the container: JPEG, PNG, HEIF and so on.
    content_sha256 : str
        Of the file's bytes.
    dhash : str
        16 hex digits, see `fingerprints.dhash`.
    notes : tuple of str
        Sentences on what was left out or mended in reading.
    """

    pixels: NDArray[np.uint8]
    width: int
    height: int
    format: str
    exif: Exif
    words: FileWords
    content_sha256: str
    dhash: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, *, max_pixels: int = 100_000_000) -> Photo:
    """Read a photo of any usual format, safely.

    A JPEG that lacks its end is accepted with a note while at most an eighth of its height is missing, since
    the last block of a file is what fails most; every other incomplete file is refused, so that half a
    picture is never described and learned from as a whole one.

    Parameters
    ----------
    data : bytes
        The file.
    max_pixels : int
        Most pixels the header may declare.

    Raises
    ------
    UnreadablePhoto
        With the reason and what to do; nothing else is raised for any bytes.
    """
    try:
        reading = _read(data, max_pixels)
    except UnreadablePhoto:
        if not is_jpeg(data):
            raise
        reading = _read(data + _END_OF_IMAGE, max_pixels, mended=True)
    pixels = np.asarray(reading.image)
    return Photo(
        pixels=pixels,
        width=reading.size[0],
        height=reading.size[1],
        format=reading.format,
        exif=reading.exif,
        words=reading.words,
        content_sha256=hashlib.sha256(data).hexdigest(),
        dhash=dhash(pixels),
        notes=reading.notes,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Reading:
    image: Image.Image
    size: tuple[int, int]
    format: str
    exif: Exif
    words: FileWords
    notes: tuple[str, ...]


def _read(data: bytes, max_pixels: int, *, mended: bool = False) -> _Reading:
    with open_photo(data, max_pixels=max_pixels) as image:
        metadata = read_metadata(image)
        size = image.size
        picture, notes = _first_picture(image, max_pixels)
        if mended:
            notes += (_accept_mended(picture),)
        if image.format not in _TURNED_BY_DECODER and metadata.orientation in _TURNS:
            picture = picture.transpose(_TURNS[metadata.orientation])
            size = size if metadata.orientation < 5 else (size[1], size[0])
        return _Reading(
            picture, size, image.format or "", metadata.exif, metadata.words, notes + metadata.notes
        )


def _first_picture(image: Image.Image, max_pixels: int) -> tuple[Image.Image, tuple[str, ...]]:
    """The first frame that is not one flat colour, in sRGB as stored, and notes."""
    several = bool(getattr(image, "is_animated", False))
    if image.format not in _ANIMATED or not several:
        picture, note = _picture(image)
        pages = (
            ("The file holds several pages: the first was read.",)
            if several and image.format == "TIFF"
            else ()
        )
        return picture, pages + ((note,) if note else ())
    first: tuple[Image.Image, str | None] | None = None
    frames = max(1, min(_FRAMES_LOOKED_AT, max_pixels // (image.width * image.height)))
    for index in range(frames):
        try:
            image.seek(index)
            refuse_too_large(image, max_pixels)
            picture, note = _picture(image)
        except EOFError:
            break
        except (OSError, SyntaxError, ValueError, struct.error):
            if first is None:
                raise
            break
        if not is_blank(picture):
            animated = f"The file is animated: its picture number {index + 1} was read."
            return picture, (animated, *((note,) if note else ()))
        first = first or (picture, note)
    if first is None:
        raise UnreadablePhoto("The animation holds no picture: export one frame of it as JPEG or PNG.")
    return first[0], ("The file is animated and its pictures are empty: the first was read.",)


def _picture(image: Image.Image) -> tuple[Image.Image, str | None]:
    if image.format in ("JPEG", "MPO"):
        scale = max(1.0, max(image.size) / WORKING_SIDE)
        image.draft(None, (round(image.width / scale), round(image.height / scale)))
    if isinstance(image, Jpeg2KImageFile):
        # A whole one takes 19 bytes a pixel to decode, and 3 KB can declare a hundred million pixels.
        image.reduce = max(0, (max(image.size) // WORKING_SIDE).bit_length() - 1)
    image.load()
    profile = image.info.get("icc_profile")
    return to_srgb(simple(image, WORKING_SIDE), profile if isinstance(profile, bytes) else None)


def _accept_mended(picture: Image.Image) -> str:
    missing = missing_share(picture)
    if missing > _MOST_MISSING:
        raise UnreadablePhoto(
            f"The file ends before the picture does ({missing:.0%} is missing): upload the photo again."
        )
    return "The file ends early: the picture's last lines may be missing."
