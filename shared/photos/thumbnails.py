"""A small upright copy of a photo for screens."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageStat

from shared.domain.observation import Box
from shared.photos.photo import Photo

MARGIN = 0.35
"""Of a face's height and width, on each side: hair and chin go with the face."""


def thumbnail(photo: Photo, side: int = 512, hidden: Sequence[Box] = ()) -> bytes:
    """WebP of the photo, upright sRGB without metadata, its longer side at most `side` pixels.

    Parameters
    ----------
    hidden : sequence of Box
        Faces that must not be seen: each becomes a plain patch of its mean colour.
    """
    image = Image.fromarray(photo.pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    return _webp(image, hidden)


def blanked(webp: bytes, hidden: Sequence[Box]) -> bytes:
    """A thumbnail with plain patches for faces."""
    with Image.open(BytesIO(webp), formats=("WEBP",)) as image:
        return _webp(image.convert("RGB"), hidden)


def cropped(webp: bytes, box: Box, side: int = 96) -> bytes:
    """The square around a face of a thumbnail, as WebP."""
    with Image.open(BytesIO(webp), formats=("WEBP",)) as image:
        x, y = (box.left + box.right) / 2 * image.width, (box.top + box.bottom) / 2 * image.height
        face = max((box.right - box.left) * image.width, (box.bottom - box.top) * image.height)
        half = min((0.5 + MARGIN) * face, image.width / 2, image.height / 2)
        x = min(max(x, half), image.width - half)
        y = min(max(y, half), image.height - half)
        square = (round(x - half), round(y - half), round(x + half), round(y + half))
        return _webp(image.convert("RGB").crop(square).resize((side, side), Image.Resampling.LANCZOS), ())


def _webp(image: Image.Image, hidden: Sequence[Box]) -> bytes:
    for box in hidden:
        _cover(image, box)
    stream = BytesIO()
    image.save(stream, "WEBP", quality=80, method=4)
    return stream.getvalue()


def _cover(image: Image.Image, box: Box) -> None:
    wide, high = MARGIN * (box.right - box.left), MARGIN * (box.bottom - box.top)
    left, right = (round(image.width * x) for x in (max(0, box.left - wide), min(1, box.right + wide)))
    top, bottom = (round(image.height * y) for y in (max(0, box.top - high), min(1, box.bottom + high)))
    if left < right and top < bottom:
        mean = ImageStat.Stat(image.crop((left, top, right, bottom))).mean
        red, green, blue = (round(channel) for channel in mean)
        image.paste((red, green, blue), (left, top, right, bottom))
