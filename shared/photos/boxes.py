"""The boxes of a HEIF file (ISO/IEC 14496-12), looked at before its reader is let near them.

pi-heif 1.4.0, the last reader without GPL code, ends the process on an item whose type or content type is
not UTF-8 (pull request 478 of pillow-heif mended it there).
"""

from collections.abc import Iterator

from shared.domain.errors import UnreadablePhoto

_VERSION = 4
_LONG, _TO_THE_END = 1, 0


def refuse_unnamed_items(data: bytes) -> None:
    """Refuse a file of boxes that lists an item whose type is no text; other files pass.

    Raises
    ------
    UnreadablePhoto
        If there is one.
    """
    if data[4:8] == b"ftyp" and not all(_is_text(kind) for kind in _item_types(data)):
        raise UnreadablePhoto(
            "The photo's list of contents is damaged: save it anew as JPEG and upload that."
        )


def _item_types(data: bytes) -> Iterator[bytes]:
    """The type of each item of the file, and its content type where it has one."""
    for meta in _boxes(data, b"meta"):
        for items in _boxes(meta[_VERSION:], b"iinf"):
            counter = 4 if items[:1] > b"\0" else 2
            for entry in _boxes(items[_VERSION + counter :], b"infe"):
                yield from _types(entry)


def _types(entry: bytes) -> Iterator[bytes]:
    version = entry[0] if entry else 0
    identity = _VERSION + (4 if version >= 3 else 2) + 2
    kind, strings = b"mime", entry[identity:]
    if version >= 2:
        kind, strings = strings[:4], strings[4:]
    yield kind
    if kind == b"mime":
        yield b"".join(strings.split(b"\0")[1:2])  # behind the name


def _boxes(data: bytes, kind: bytes) -> Iterator[bytes]:
    """What the outermost boxes of one kind hold; ends quietly where the structure does."""
    position = 0
    while position + 8 <= len(data):
        header, size = 8, int.from_bytes(data[position : position + 4], "big")
        if size == _LONG:
            header, size = 16, int.from_bytes(data[position + 8 : position + 16], "big")
        elif size == _TO_THE_END:
            size = len(data) - position
        if size < header:
            return
        if data[position + 4 : position + 8] == kind:
            yield data[position + header : position + size]
        position += size


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True
