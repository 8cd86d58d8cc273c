"""Captions and keywords of IPTC-IIM, the block newsrooms and older photo programs write."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

CAPTION, KEYWORD, CHARACTER_SET = (2, 120), (2, 25), (1, 90)
_UTF8 = b"\x1b%G"
_MARK = 0x1C


@dataclass(frozen=True, slots=True)
class IptcWords:
    """Caption and keywords as the block holds them.

    Attributes
    ----------
    edited_last : bool
        Whether the block differs from the one that the digest beside it was made of: a program that knows no
        XMP wrote it last, so it precedes XMP (Metadata Working Group, Guidelines for Handling Image Metadata,
        version 2.0, 2010).
    """

    caption: str = ""
    keywords: tuple[str, ...] = ()
    edited_last: bool = False


def read_iptc(block: bytes, digest: bytes | None = None) -> IptcWords:
    """Caption and keywords of an IIM block; a damaged tail is left out.

    Parameters
    ----------
    digest : bytes or None
        MD5 that XMP-aware programs store in Photoshop resource 0x0425.
    """
    values: dict[tuple[int, int], list[bytes]] = {}
    for key, value in _datasets(block):
        values.setdefault(key, []).append(value)
    utf8 = values.get(CHARACTER_SET, [b""])[0].startswith(_UTF8)
    captions = [_decoded(value, utf8) for value in values.get(CAPTION, [])]
    keywords = tuple(_decoded(value, utf8) for value in values.get(KEYWORD, []))
    changed = bool(digest) and digest != hashlib.md5(block, usedforsecurity=False).digest()
    return IptcWords(captions[0] if captions else "", keywords, changed)


def _datasets(block: bytes) -> Iterator[tuple[tuple[int, int], bytes]]:
    position = 0
    while position + 5 <= len(block) and block[position] == _MARK:
        key = (block[position + 1], block[position + 2])
        size = int.from_bytes(block[position + 3 : position + 5], "big")
        position += 5
        if size & 0x8000:
            width = size & 0x7FFF
            if width > 4:
                return
            size = int.from_bytes(block[position : position + width], "big")
            position += width
        if position + size > len(block):
            return
        yield key, block[position : position + size]
        position += size


def _decoded(value: bytes, utf8: bool) -> str:
    """Text by the coded character set; undeclared, as UTF-8 where it is valid, else as Western Windows."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("utf-8" if utf8 else "cp1252", "replace")
