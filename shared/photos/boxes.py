"""The boxes of a HEIF file (ISO/IEC 14496-12), looked at before its reader is let near them.

pi-heif 1.4.0, the last reader without GPL code, ends the process on an item whose type or content type is
not UTF-8 (pull request 478 of pillow-heif mended it there).
"""

import re
from collections.abc import Iterator

from shared.domain.errors import UnreadablePhoto

MOST_BOXES = 10_000
"""A photo in a thousand tiles has a tenth of them."""
_NAME_THEN_TYPE = re.compile(rb"[^\0]*\0([^\0]*)")
_VERSION = 4
_LONG, _TO_THE_END = 1, 0


def refuse_unnamed_items(data: bytes) -> None:
    """Refuse a file of boxes that lists an item whose type is no text; other files pass.

    Raises
    ------
    UnreadablePhoto
        If there is one, or more boxes than a photo has.
    """
    if data[4:8] == b"ftyp" and not all(map(_is_text, _Items(data).types())):
        raise _damaged()


class _Items:
    """Walks what a file lists, without copying it."""

    def __init__(self, data: bytes) -> None:
        self._file = memoryview(data)
        self._left = MOST_BOXES

    def types(self) -> Iterator[bytes]:
        """The type of each item, and its content type where it has one."""
        for meta in self._boxes(self._file, b"meta"):
            for items in self._boxes(meta[_VERSION:], b"iinf"):
                counter = 4 if bytes(items[:1]) > b"\0" else 2
                for entry in self._boxes(items[_VERSION + counter :], b"infe"):
                    yield from _types(entry)

    def _boxes(self, within: memoryview, kind: bytes) -> Iterator[memoryview]:
        """What the outermost boxes of one kind hold; ends quietly where the structure does."""
        position = 0
        while position + 8 <= len(within):
            self._left -= 1
            if self._left < 0:
                raise _damaged()
            header, size = 8, int.from_bytes(within[position : position + 4], "big")
            if size == _LONG:
                header, size = 16, int.from_bytes(within[position + 8 : position + 16], "big")
            elif size == _TO_THE_END:
                size = len(within) - position
            if size < header:
                return
            if within[position + 4 : position + 8] == kind:
                yield within[position + header : position + size]
            position += size


def _types(entry: memoryview) -> Iterator[bytes]:
    version = entry[0] if entry else 0
    kind_at = _VERSION + (4 if version >= 3 else 2) + 2
    kind, name_at = b"mime", kind_at
    if version >= 2:
        kind, name_at = bytes(entry[kind_at : kind_at + 4]), kind_at + 4
    yield kind
    behind_name = _NAME_THEN_TYPE.match(entry, name_at) if kind == b"mime" else None
    if behind_name:
        yield behind_name[1]


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _damaged() -> UnreadablePhoto:
    return UnreadablePhoto("The photo's list of contents is damaged: save it anew as JPEG and upload that.")
