"""Which photo a person means: a file on this computer, a key, or the beginning of a photo id."""

import hashlib
import re
from pathlib import Path

from shared.cli.target import Target
from shared.domain.errors import InvalidInput, ObjectMissing
from shared.domain.record import Record
from shared.storage import keys
from shared.storage.records import RecordRepository

_ID = re.compile(r"[0-9a-f]{4,32}")
_SHOWN = 5


def named(target: Target, photo: str) -> Record:
    """The record of the photo meant.

    Parameters
    ----------
    photo : str
        A local file, found in the library by its content; a key; or the first 4 to 32 digits of a photo id.

    Raises
    ------
    ObjectMissing
        Where the library has no such photo.
    InvalidInput
        Where the digits begin several ids.
    """
    records = RecordRepository(target.library)
    for photo_id in _candidates(target, photo):
        stored = records.get(photo_id)
        if stored:
            return stored.record
    raise ObjectMissing(
        f"The library has no photo {photo!r}: `eye add` brings it in, `eye watch` shows what is on its way"
    )


def _candidates(target: Target, photo: str) -> list[str]:
    if Path(photo).is_file():
        etag = hashlib.md5(Path(photo).read_bytes(), usedforsecurity=False).hexdigest()
        same = [entry.key for entry in target.uploads.list() if entry.etag == etag]
        if same:
            return [keys.photo_id(target.uploads_bucket, key) for key in same]
    as_key = keys.photo_id(target.uploads_bucket, photo)
    return [as_key, *(_beginning(target, photo) if _ID.fullmatch(photo) else [])]


def _beginning(target: Target, digits: str) -> list[str]:
    listed = target.library.list(keys.RECORDS + digits)
    found = [keys.photo_of_record(entry.key) for entry in listed]
    if len(found) > 1:
        names = ", ".join(found[:_SHOWN])
        raise InvalidInput(f"{digits} begins {len(found)} photo ids ({names}): name more digits")
    return found
