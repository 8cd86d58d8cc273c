"""A small upright copy of a photo for screens."""

from io import BytesIO

from PIL import Image

from shared.photos.photo import Photo


def thumbnail(photo: Photo, side: int = 512) -> bytes:
    """WebP of the photo, upright sRGB without metadata, its longer side at most `side` pixels."""
    image = Image.fromarray(photo.pixels)
    image.thumbnail((side, side), Image.Resampling.LANCZOS)
    stream = BytesIO()
    image.save(stream, "WEBP", quality=80, method=4)
    return stream.getvalue()
