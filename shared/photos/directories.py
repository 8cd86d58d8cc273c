"""How much a TIFF or EXIF directory asks a reader to copy, counted before a reader is let near it.

A directory of 12-byte entries may point every entry at the same megabytes, so that a small file makes a
reader that copies each value (Pillow does, on opening) take gigabytes.
"""

from collections.abc import Iterator
from typing import Literal

from shared.domain.errors import UnreadablePhoto
from shared.photos.segments import exif_packet, is_jpeg

_SIZES = {
    1: 1,
    2: 1,
    3: 2,
    4: 4,
    5: 8,
    6: 1,
    7: 1,
    8: 2,
    9: 4,
    10: 8,
    11: 4,
    12: 8,
    13: 4,
    16: 8,
    17: 8,
    18: 8,
}
_CHILDREN = frozenset({34665, 34853, 40965, 330})
_HEADERS = (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")
_MOST_DIRECTORIES = 256
_MOST_HEADERS = 32
_ALLOWANCE = 16_000_000


def refuse_greedy_directories(data: bytes) -> None:
    """Refuse a file whose directories declare far more data than the file holds.

    Raises
    ------
    UnreadablePhoto
        If the values add up to more than twice the file's size and 16 MB.
    """
    packets = [exif_packet(data)] if is_jpeg(data) else _packets(data)
    for packet in packets:
        if packet and declared_bytes(packet) > 2 * len(packet) + _ALLOWANCE:
            raise UnreadablePhoto(
                "The photo's metadata is built to exhaust memory: save the photo anew without metadata."
            )


def declared_bytes(packet: bytes) -> int:
    """Bytes a reader copies that takes every value of every directory of a TIFF structure."""
    order: Literal["little", "big"] = "little" if packet[:2] == b"II" else "big"
    big = packet[2:4] in (b"+\x00", b"\x00+")
    counter, offset, entry = (8, 8, 20) if big else (2, 4, 12)

    def number(at: int, width: int) -> int:
        return int.from_bytes(packet[at : at + width], order)

    total = 0
    waiting = [number(8, 8) if big else number(4, 4)]
    seen: set[int] = set()
    while waiting and len(seen) < _MOST_DIRECTORIES:
        start = waiting.pop()
        if start in seen or not 0 < start < len(packet):
            continue
        seen.add(start)
        count = min(number(start, counter), (len(packet) - start) // entry)
        for index in range(count):
            at = start + counter + index * entry
            tag, kind = number(at, 2), number(at + 2, 2)
            size = number(at + 4, offset) * _SIZES.get(kind, 0)
            value = number(at + 4 + offset, offset)
            if size > offset and value < len(packet):
                total += min(size, len(packet) - value)
            if tag in _CHILDREN:
                waiting.append(value)
        waiting.append(number(start + counter + count * entry, offset))
    return total


def _packets(data: bytes) -> Iterator[bytes]:
    found = 0
    for header in _HEADERS:
        position = data.find(header)
        while position >= 0 and found < _MOST_HEADERS:
            found += 1
            yield data[position:]
            position = data.find(header, position + 4)
