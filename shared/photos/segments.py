"""The segments of a JPEG file, and a copy of it without the words a person wrote into it."""

from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image

from shared.domain.errors import InvalidInput, UnreadablePhoto

EXIF_HEADER = b"Exif\x00\x00"
_XMP_HEADERS = (b"http://ns.adobe.com/xap/1.0/\x00", b"http://ns.adobe.com/xmp/extension/\x00")
_APP1, _APP13, _COMMENT, _START_OF_SCAN, _END = 0xE1, 0xED, 0xFE, 0xDA, 0xD9
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
_WORD_TAGS = (0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F)
_LONGEST_PAYLOAD = 65_533


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker segment before the first scan; `payload` is without marker and length."""

    marker: int
    payload: bytes
    start: int
    end: int


def is_jpeg(data: bytes) -> bool:
    """Whether the bytes begin as a JPEG file does."""
    return data[:3] == b"\xff\xd8\xff"


def segments(data: bytes) -> Iterator[Segment]:
    """Segments from the start of a JPEG file to its first scan; ends quietly where the structure does."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker in (_START_OF_SCAN, _END):
            return
        if marker in _STANDALONE:
            position += 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        end = position + 2 + length
        if length < 2 or end > len(data):
            return
        yield Segment(marker, data[position + 4 : end], position, end)
        position = end


def exif_packet(data: bytes) -> bytes:
    """The EXIF of a JPEG file without its header, joined over segments; empty where there is none."""
    return b"".join(
        segment.payload[len(EXIF_HEADER) :]
        for segment in segments(data)
        if segment.marker == _APP1 and segment.payload.startswith(EXIF_HEADER)
    )


def strip_words(data: bytes) -> bytes:
    """Copy a JPEG without captions, keywords and named regions; its compressed picture stays byte for byte.

    XMP, IPTC and comments go; EXIF stays (time, camera, GPS, orientation) without its text fields.

    Raises
    ------
    InvalidInput
        If the bytes are not a JPEG file.
    UnreadablePhoto
        If the EXIF cannot be parsed to take its text fields out.
    """
    if not is_jpeg(data):
        raise InvalidInput("Words can be taken out of JPEG files only: convert the photo to JPEG first.")
    kept = bytearray(data[:2])
    position = 2
    for segment in segments(data):
        if not _holds_words(segment):
            kept += data[position : segment.start]
            kept += _without_text(segment, data)
        position = segment.end
    return bytes(kept + data[position:])


def _holds_words(segment: Segment) -> bool:
    return segment.marker in (_APP13, _COMMENT) or (
        segment.marker == _APP1 and segment.payload.startswith(_XMP_HEADERS)
    )


def _without_text(segment: Segment, data: bytes) -> bytes:
    whole = data[segment.start : segment.end]
    if segment.marker != _APP1 or not segment.payload.startswith(EXIF_HEADER):
        return whole
    exif = Image.Exif()
    try:
        exif.load(segment.payload)
        details = exif.get_ifd(0x8769)
        if not any(tag in exif or tag in details for tag in _WORD_TAGS):
            return whole
        for tag in _WORD_TAGS:
            exif.pop(tag, None)
            details.pop(tag, None)
        payload = exif.tobytes()
    except (OSError, SyntaxError, ValueError, TypeError, KeyError, OverflowError) as error:
        raise UnreadablePhoto(
            "The EXIF of the photo is damaged: save the photo anew and try again."
        ) from error
    if not payload.startswith(EXIF_HEADER):
        payload = EXIF_HEADER + payload
    if len(payload) > _LONGEST_PAYLOAD:
        raise UnreadablePhoto(
            "The EXIF of the photo is too long to rewrite: save the photo anew and try again."
        )
    return b"\xff\xe1" + (len(payload) + 2).to_bytes(2, "big") + payload
