"""Contact sheets: rows of faces cut out of photos, as one picture or as one page that stands alone."""

import base64
import html
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from shared.domain.errors import InvalidInput
from shared.domain.observation import Box

SIDE = 112
"""Pixels of a face on a sheet."""

MARGIN = 0.3
"""Of the longer side of a face, around it."""

PICTURES = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG", ".webp": "WEBP"}
PAGES = (".html", ".htm")
_GAP, _LINE, _MOST_PIXELS = 8, 15, 60_000
_INK, _PALE, _PAPER = (30, 30, 30), (110, 110, 110), (255, 255, 255)


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """A face cut out, and what is written below it."""

    image: Image.Image
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A person or group on a sheet."""

    title: str
    note: str
    cuts: tuple[Cut, ...]


def cut_out(image: Image.Image, box: Box, side: int = SIDE) -> Image.Image:
    """The square around a face, `side` pixels wide; black where it reaches beyond the photo."""
    width, height = image.size
    half = (0.5 + MARGIN) * max((box.right - box.left) * width, (box.bottom - box.top) * height, 1.0)
    x, y = (box.left + box.right) / 2 * width, (box.top + box.bottom) / 2 * height
    corners = (round(x - half), round(y - half), round(x + half), round(y + half))
    return image.convert("RGB").crop(corners).resize((side, side), Image.Resampling.BICUBIC)


def check(path: Path) -> None:
    """See that a sheet can be written so.

    Raises
    ------
    InvalidInput
        Where the ending is none of a picture or page.
    """
    if path.suffix.lower() not in (*PICTURES, *PAGES):
        raise InvalidInput(f"A contact sheet is a .jpg, .png, .webp or .html file: {path.name} is none")


def write(rows: Sequence[Row], path: Path) -> None:
    """Write a sheet in the format that the file's ending names; see `check`."""
    check(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() in PAGES:
        path.write_text(page(rows), encoding="utf-8")
    else:
        picture(rows).save(path, PICTURES[path.suffix.lower()], quality=85)


def picture(rows: Sequence[Row]) -> Image.Image:
    """The rows below each other, title and note above the faces."""
    widest = max((len(row.cuts) for row in rows), default=1)
    high = 2 * _LINE + SIDE + _LINE + 2 * _GAP
    fitting = rows[: _MOST_PIXELS // high]
    sheet = Image.new("RGB", (max(4, widest) * (SIDE + _GAP) + _GAP, max(1, len(fitting)) * high), _PAPER)
    draw = ImageDraw.Draw(sheet)
    bold, small = ImageFont.load_default(13), ImageFont.load_default(10)
    for number, row in enumerate(fitting):
        top = number * high + _GAP
        draw.text((_GAP, top), row.title, _INK, bold)
        draw.text((_GAP, top + _LINE), row.note, _PALE, small)
        for place, cut in enumerate(row.cuts):
            left = _GAP + place * (SIDE + _GAP)
            sheet.paste(cut.image, (left, top + 2 * _LINE))
            draw.text((left, top + 2 * _LINE + SIDE + 1), cut.caption, _PALE, small)
    return sheet


def page(rows: Sequence[Row]) -> str:
    """The rows as HTML with the faces inside: names in any script, and text to search and copy."""
    sections = "\n".join(
        f"<section><h2>{html.escape(row.title)}</h2><p>{html.escape(row.note)}</p>"
        + "".join(
            f'<figure><img src="{_inline(cut.image)}" alt="{html.escape(row.title)}">'
            f"<figcaption>{html.escape(cut.caption)}</figcaption></figure>"
            for cut in row.cuts
        )
        + "</section>"
        for row in rows
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>People</title><style>'
        "body{font:14px system-ui,sans-serif;margin:2em}h2{margin:1em 0 0;font-size:1rem}"
        "p{margin:0;color:#666}figure{display:inline-block;margin:4px}figcaption{font-size:11px;color:#666}"
        f"</style><h1>People</h1>\n{sections}\n</html>\n"
    )


def _inline(image: Image.Image) -> str:
    stream = BytesIO()
    image.save(stream, "JPEG", quality=80)
    return f"data:image/jpeg;base64,{base64.b64encode(stream.getvalue()).decode()}"
