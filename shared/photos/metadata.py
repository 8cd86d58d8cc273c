"""The facts and words beside a photo's pixels, wherever its container keeps them."""

import struct
from dataclasses import dataclass, field

from PIL import Image
from PIL.ExifTags import Base
from PIL.TiffImagePlugin import TiffImageFile

from shared.domain.errors import UnreadablePhoto
from shared.domain.observation import Exif, FileWords
from shared.photos.directories import refuse_greedy_directories
from shared.photos.exif import directories, read_exif
from shared.photos.iptc import read_iptc
from shared.photos.words import read_words
from shared.photos.xmp import parse_xmp

_IPTC_RESOURCE, _DIGEST_RESOURCE, _IPTC_TAG, _SUBFILE_TAG = 0x0404, 0x0425, 33723, 254
_REDUCED_RESOLUTION = 1
_RAW_PROFILE = "Raw profile type exif"


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a file says of its picture.

    Attributes
    ----------
    orientation : int
        EXIF orientation of the picture as stored, 1 to 8.
    """

    orientation: int = 1
    exif: Exif = field(default_factory=Exif)
    words: FileWords = field(default_factory=FileWords)
    notes: tuple[str, ...] = ()


def read_metadata(image: Image.Image) -> Metadata:
    """Orientation, camera's facts and owner's words of an opened photo, before its pixels are decoded.

    Damaged metadata counts as none, with a note: the picture is worth having without it.
    """
    exif, notes = _exif(image)
    main, details, gps = directories(exif)
    orientation = _orientation(image, exif)
    swapped = isinstance(image, TiffImageFile) or image.format == "HEIF"
    stored = image.size[::-1] if swapped and orientation >= 5 else image.size
    packet = _xmp(image)
    xmp = parse_xmp(packet)
    if packet.strip(b"\x00 \r\n\t") and xmp is None:
        notes += ("The XMP block is damaged or not allowed and was ignored.",)
    block, digest = _iptc(image)
    words = read_words(
        xmp, read_iptc(block, digest), main, details, orientation=orientation, stored=(stored[0], stored[1])
    )
    if isinstance(image, TiffImageFile) and _integer(image.tag_v2.get(_SUBFILE_TAG)) & _REDUCED_RESOLUTION:
        notes += ("Only a small preview inside the file was read: export a raw file as JPEG for more.",)
    return Metadata(orientation, read_exif(main, details, gps), words, notes)


def _exif(image: Image.Image) -> tuple[Image.Exif, tuple[str, ...]]:
    try:
        profile = image.info.get(_RAW_PROFILE)
        if isinstance(profile, str):
            refuse_greedy_directories(bytes.fromhex("".join(profile.split("\n")[3:])))
        exif = image.getexif()
        directories(exif)
    except (
        OSError,
        SyntaxError,
        ValueError,
        TypeError,
        LookupError,
        ArithmeticError,
        struct.error,
        UnreadablePhoto,
    ):
        image.info.pop("exif", None)
        image.info.pop(_RAW_PROFILE, None)
        return Image.Exif(), ("The EXIF block is damaged and was ignored.",)
    return exif, ()


def _orientation(image: Image.Image, exif: Image.Exif) -> int:
    value = image.info.get("original_orientation") if image.format == "HEIF" else exif.get(Base.Orientation)
    orientation = _integer(value)
    return orientation if 1 <= orientation <= 8 else 1


def _integer(value: object) -> int:
    return value if isinstance(value, int) else 0


def _xmp(image: Image.Image) -> bytes:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or b""
    if isinstance(packet, str):
        return packet.encode("utf-8", "replace")
    return packet if isinstance(packet, bytes) else b""


def _iptc(image: Image.Image) -> tuple[bytes, bytes | None]:
    if isinstance(image, TiffImageFile):
        block = image.tag_v2.get(_IPTC_TAG)
        return (block if isinstance(block, bytes) else b""), None
    resources = image.info.get("photoshop")
    if not isinstance(resources, dict):
        return b"", None
    block, digest = resources.get(_IPTC_RESOURCE), resources.get(_DIGEST_RESOURCE)
    return (block if isinstance(block, bytes) else b""), (digest if isinstance(digest, bytes) else None)
