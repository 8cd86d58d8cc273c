"""Photos on this computer on their way into the bucket: which key each gets, and what need not be sent."""

import hashlib
import mimetypes
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath

from shared.domain.errors import InvalidInput
from shared.storage.concurrency import mapped
from shared.storage.store import ObjectStore

AT_ONCE = 8
PHOTO_SUFFIXES = frozenset(
    {".avif", ".bmp", ".dib", ".gif", ".heic", ".heif", ".hif", ".jfif", ".jp2", ".jpe", ".jpeg", ".jpg"}
    | {".mpo", ".png", ".tif", ".tiff", ".webp"}
)


class Sent(StrEnum):
    """What became of one file."""

    NEW = "new"
    REPLACED = "replaced"
    AGAIN = "sent again"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Upload:
    """A file and the key it gets."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an upload, and the etag of what now stands there."""

    upload: Upload
    sent: Sent
    etag: str


@dataclass(frozen=True, slots=True)
class Found:
    """Photos to upload, sorted by key; and files of folders that are no photos by their names."""

    uploads: tuple[Upload, ...]
    skipped: tuple[Path, ...]


def find(paths: Sequence[Path], under: str = "", *, everything: bool = False) -> Found:
    """The photos at some paths, each with its key.

    A file's key is its name; a folder's files keep their path below it, with the folder's own name in front.

    Parameters
    ----------
    paths : sequence of Path
        Files, taken whatever their names, and folders, searched for photos.
    under : str
        A folder of the bucket to put all of them in.
    everything : bool
        Whether to take files of folders whatever their names; hidden ones are left out all the same.

    Raises
    ------
    InvalidInput
        Where a path is not there, or two files would get one key.
    """
    chosen: dict[str, Path] = {}
    skipped: list[Path] = []
    for path, key in _walk(paths, under):
        if path not in paths and not everything and path.suffix.lower() not in PHOTO_SUFFIXES:
            skipped.append(path)
            continue
        if chosen.setdefault(key, path) != path:
            raise InvalidInput(
                f"{chosen[key]} and {path} would both be {key!r}: add one of them with --under NAME"
            )
    return Found(tuple(Upload(chosen[key], key) for key in sorted(chosen)), tuple(skipped))


def _walk(paths: Sequence[Path], under: str) -> Iterator[tuple[Path, str]]:
    for given in paths:
        if not given.exists():
            raise InvalidInput(f"{given} is not there: name photos or folders of photos")
        if given.is_file():
            yield given, str(PurePosixPath(under, given.name))
            continue
        name = given.resolve().name
        for path in sorted(given.rglob("*")):
            inside = path.relative_to(given)
            if path.is_file() and not any(part.startswith(".") for part in inside.parts):
                yield path, str(PurePosixPath(under, name, inside.as_posix()))


def send(
    store: ObjectStore, uploads: Iterable[Upload], at_once: int = AT_ONCE, *, again: bool = False
) -> Iterator[Result]:
    """Put files where they are not yet, some at a time; results come in the order of the uploads.

    A file is unchanged where the object's etag is its MD5. With a customer's key S3 makes other etags; files
    are then sent again, which is slower and ends in the same records. With `again` all files are.
    """
    return mapped(lambda upload: _send(store, upload, again=again), uploads, at_once)


def _send(store: ObjectStore, upload: Upload, *, again: bool) -> Result:
    body = upload.path.read_bytes()
    standing = store.head(upload.key)
    same = standing is not None and standing.etag == hashlib.md5(body, usedforsecurity=False).hexdigest()
    if standing and same and not again:
        return Result(upload, Sent.UNCHANGED, standing.etag)
    kind = mimetypes.guess_type(upload.key)[0] or "application/octet-stream"
    etag = store.put(upload.key, body, kind)
    return Result(upload, Sent.AGAIN if same else Sent.REPLACED if standing else Sent.NEW, etag)
