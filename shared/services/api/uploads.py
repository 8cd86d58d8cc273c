"""Room for new photos: keys the server makes, and forms a browser posts files with."""

from collections.abc import Sequence

from shared.domain.errors import InvalidInput
from shared.domain.limits import MOST_UPLOAD_BYTES
from shared.services.api import views
from shared.storage import keys
from shared.storage.presigned import Presigner
from shared.storage.ulids import new_ulid

TYPES = {
    "image/avif": "avif",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/jp2": "jp2",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tif",
    "image/webp": "webp",
}
MOST_FILES = 100


def slots(presigner: Presigner, content_types: Sequence[str]) -> views.Uploads:
    """Where to post each file.

    Raises
    ------
    InvalidInput
        Where a type is none of a photo, or there are too many files.
    """
    if not 1 <= len(content_types) <= MOST_FILES:
        raise InvalidInput(f"files: name 1 to {MOST_FILES} at a time, not {len(content_types)}")
    return views.Uploads(
        uploads=tuple(_slot(presigner, content_type) for content_type in content_types),
        most_bytes=MOST_UPLOAD_BYTES,
    )


def _slot(presigner: Presigner, content_type: str) -> views.UploadSlot:
    suffix = TYPES.get(content_type)
    if suffix is None:
        raise InvalidInput(
            f"files: {content_type!r} is no photo that is read: send {', '.join(sorted(TYPES))}"
        )
    key = keys.inbox(new_ulid(), suffix)
    form = presigner.post(key, content_type, MOST_UPLOAD_BYTES)
    return views.UploadSlot(
        key=key, photo_id=keys.photo_id(presigner.bucket, key), url=form.url, fields=form.fields
    )
