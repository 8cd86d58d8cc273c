"""The owner's words in a file, merged from XMP, IPTC and EXIF.

XMP precedes IPTC unless IPTC was edited last (its digest tells), and EXIF speaks where neither does: the
reading order of the Metadata Working Group, except that EXIF's caption comes last, since cameras fill it.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import Element

from PIL.ExifTags import Base

from shared.domain.observation import FileWords, Region
from shared.photos.exif import text
from shared.photos.iptc import IptcWords
from shared.photos.regions import read_regions
from shared.photos.xmp import localized, texts

LONGEST_DESCRIPTION = 2_000
LONGEST_TAG = 100
MOST_TAGS = 200

_BOILERPLATE = re.compile(
    r"(olympus|konica minolta|minolta|kodak|casio|samsung|sony|nikon|pentax|ricoh|vivitar|maginon|medion)?"
    r"[ _]*(digital[ _]*(still)?[ _]*camera|dsc)"
    r"|exif[_ ]jpeg([_ ]\w+)*|dcf \d.*|jpeg|default|created with .*|lead technologies.*|charset=.*"
    r"|file written by .*|[\w ]+ - version [\d.]+"
    r"|dcim\w*|dji|untitled|image|photo|picture|test|none|null|\(null\)|screenshot"
    r"|hdr|sdr|rhdr|mde|(cof|qrf|nor|hdrpl|bur|ptr|fbt|vhdr|edf|oznor\w*)(;[\w ]*)*"
    r"|(img|dsc[fn]?|pict|p|_?mg|pxl|imag|gopr|wp|vid|mvimg|sam)[-_ ]?\d[\w-]*(\.\w{3,4})?|[\W\d_]*",
    re.IGNORECASE,
)
_XP_COMMENT, _XP_TITLE, _XP_SUBJECT, _XP_KEYWORDS = 0x9C9C, 0x9C9B, 0x9C9F, 0x9C9E
_COMMENT_CODES = {b"ASCII\x00\x00\x00": "ascii", b"UNICODE\x00": "utf-16", b"\x00" * 8: "utf-8"}
_PATHS = (("lr:hierarchicalSubject", "|"), ("digiKam:TagsList", "/"))
LEARNED_BRANCH = "Avinash-EYE"  # where an export hangs what the library learned: nobody's words


def read_words(
    xmp: Element | None,
    iptc: IptcWords,
    main: Mapping[int, Any],
    details: Mapping[int, Any],
    *,
    orientation: int,
    stored: tuple[int, int],
) -> FileWords:
    """What a person wrote into the file.

    Parameters
    ----------
    main, details : mapping
        EXIF's first and EXIF directories.
    orientation, stored : int, (int, int)
        As `regions.read_regions` takes them.
    """
    xmp_caption = localized(xmp, "dc:description") if xmp is not None else ""
    captions = [xmp_caption, iptc.caption]
    keywords: list[tuple[str, ...]] = [texts(xmp, "dc:subject") if xmp is not None else (), iptc.keywords]
    if iptc.edited_last:
        captions.reverse()
        keywords.reverse()
    regions: tuple[Region, ...] = () if xmp is None else read_regions(xmp, orientation, stored)
    descriptions = (caption for caption in (*captions, *exif_captions(main, details)) if caption.strip())
    flat = next((words for words in keywords if words), None)
    if flat is None:
        flat = tuple(_wide(main.get(_XP_KEYWORDS)).split(";"))
    return FileWords(
        description=_tidy(next(descriptions, ""), LONGEST_DESCRIPTION) or None,
        tags=_distinct((*flat, *_leaves(xmp))),
        regions=regions,
    )


def exif_captions(main: Mapping[int, Any], details: Mapping[int, Any]) -> tuple[str, ...]:
    """EXIF's captions that a person may have written, best first; what cameras fill in is left out."""
    candidates = (
        text(main.get(Base.ImageDescription)),
        _wide(main.get(_XP_COMMENT)),
        _wide(main.get(_XP_SUBJECT)),
        _wide(main.get(_XP_TITLE)),
        _comment(details.get(Base.UserComment)),
    )
    return tuple(caption for caption in candidates if is_human(caption))


def is_human(caption: str) -> bool:
    """Whether a text reads like a person's, not like a camera's boilerplate, a file name or binary notes."""
    caption = caption.strip()
    if (caption.isascii() and len(caption) < 3) or _BOILERPLATE.fullmatch(caption):
        return False
    spoken = sum(unicodedata.category(character)[0] in "LMZ" for character in caption)
    return "\ufffd" not in caption and spoken >= 0.6 * len(caption)


def _leaves(xmp: Element | None) -> tuple[str, ...]:
    if xmp is None:
        return ()
    paths = ((path, separator) for name, separator in _PATHS for path in texts(xmp, name))
    return tuple(
        path.rsplit(separator, 1)[-1]
        for path, separator in paths
        if path.split(separator, 1)[0].strip() != LEARNED_BRANCH
    )


def _distinct(tags: Iterable[str]) -> tuple[str, ...]:
    found: dict[str, str] = {}
    for tag in tags:
        tidy = _tidy(tag, LONGEST_TAG)
        if tidy:
            found.setdefault(tidy.casefold(), tidy)
    return tuple(found.values())[:MOST_TAGS]


def _tidy(value: str, longest: int) -> str:
    """One line without control characters, in composed form, cut at a word where it is too long."""
    value = unicodedata.normalize("NFC", value)
    value = "".join(
        " " if unicodedata.category(character) in ("Cc", "Cs") else character for character in value
    )
    value = " ".join(value.split())
    if len(value) <= longest:
        return value
    return value[:longest].rsplit(" ", 1)[0]


def _wide(value: object) -> str:
    """Windows' XP tags: UTF-16 in little-endian bytes."""
    if isinstance(value, tuple) and all(isinstance(part, int) and 0 <= part < 256 for part in value):
        value = bytes(value)
    if not isinstance(value, bytes):
        return ""
    return value[: len(value) // 2 * 2].decode("utf-16-le", "replace").split("\x00", 1)[0].strip()


def _comment(value: object) -> str:
    if not isinstance(value, bytes):
        return text(value)
    encoding = _COMMENT_CODES.get(value[:8])
    if encoding is None:
        return text(value)
    body = value[8:]
    if encoding == "utf-16":
        encoding = "utf-16-le" if body[1:2] == b"\x00" else "utf-16-be"
    return body.decode(encoding, "replace").split("\x00", 1)[0].strip()
