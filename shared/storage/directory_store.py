"""An object store in a directory: the same promises as S3, for tests and for evaluating without a cloud.

A key becomes a path whose names hold letters, digits, spaces and ``_.-~``, the rest percent-encoded; names
never begin with a dot, so no key leaves the directory or meets the store's own files. Unlike on S3, one key
cannot be the folder of another, and content types are not kept.
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO
from urllib.parse import quote, unquote

from shared.domain.errors import InvalidInput, LostRace, ObjectMissing
from shared.storage.objects import BINARY, Entry, Object

PRIVATE = ".store"
EMPTY = "%"
CONTINUED = "+"
NAME_LENGTH = 200


class DirectoryStore:
    """Objects as files below `root`, which is made where it is missing.

    Writes are atomic by rename; conditional ones hold a lock file, so threads and processes may share the
    directory. The etag is the SHA-256 of the content, which takes half as long as S3's MD5.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / PRIVATE).mkdir(parents=True, exist_ok=True)

    def get(self, key: str) -> Object:
        """See `ObjectStore.get`."""
        try:
            body = self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise ObjectMissing(f"There is no object {key!r} in {self.root}") from error
        return Object(body, _etag(body))

    def open(self, key: str) -> BinaryIO:
        """See `ObjectStore.open`."""
        try:
            return self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise ObjectMissing(f"There is no object {key!r} in {self.root}") from error

    def get_if_changed(self, key: str, etag: str) -> Object | None:
        """See `ObjectStore.get_if_changed`."""
        found = self.get(key)
        return None if found.etag == etag else found

    def head(self, key: str) -> Entry | None:
        """See `ObjectStore.head`."""
        return self._entry(key, self._path(key))

    def put(self, key: str, body: bytes, content_type: str = BINARY) -> str:  # noqa: ARG002
        """See `ObjectStore.put`."""
        with self._lock():
            self._place(key, body)
        return _etag(body)

    def put_if_absent(self, key: str, body: bytes, content_type: str = BINARY) -> bool:  # noqa: ARG002
        """See `ObjectStore.put_if_absent`."""
        with self._lock():
            if self._path(key).is_file():
                return False
            self._place(key, body)
        return True

    def swap_if_match(self, key: str, body: bytes, etag: str, content_type: str = BINARY) -> str:  # noqa: ARG002
        """See `ObjectStore.swap_if_match`."""
        with self._lock():
            self._expect(key, etag)
            self._place(key, body)
        return _etag(body)

    @contextmanager
    def writer(self, key: str, content_type: str = BINARY) -> Iterator[BinaryIO]:  # noqa: ARG002
        """See `ObjectStore.writer`."""
        with self._spool() as spool:
            yield spool
            spool.flush()
            with self._lock():
                self._move(Path(spool.name), key)

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        with self._lock():
            self._remove(key)

    def delete_if_match(self, key: str, etag: str) -> None:
        """See `ObjectStore.delete_if_match`."""
        with self._lock():
            self._expect(key, etag)
            self._remove(key)

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[Entry]:
        """See `ObjectStore.list`."""
        after = start_after.encode()
        found = ((_key(path.relative_to(self.root)), path) for path in self._files(prefix))
        for key, path in sorted((key.encode(), path) for key, path in found if key.startswith(prefix)):
            entry = self._entry(key.decode(), path) if key > after else None
            if entry:
                yield entry

    def _files(self, prefix: str) -> Iterator[Path]:
        folder, slash, _ = prefix.rpartition("/")
        for parent, folders, names in os.walk(self._path(folder) if slash else self.root):
            folders[:] = [name for name in folders if not name.startswith(".")]
            yield from (Path(parent, name) for name in names)

    def _entry(self, key: str, path: Path) -> Entry | None:
        try:
            body = path.read_bytes()
            modified = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        return Entry(key, _etag(body), len(body), modified)

    def _expect(self, key: str, etag: str) -> None:
        standing = self._entry(key, self._path(key))
        if standing is None or standing.etag != etag:
            raise LostRace(f"{key!r} was changed by somebody else: read it again")

    def _place(self, key: str, body: bytes) -> None:
        with self._spool() as spool:
            spool.write(body)
            spool.flush()
            self._move(Path(spool.name), key)

    def _move(self, source: Path, key: str) -> None:
        target = self._path(key)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.replace(target)
        except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
            raise InvalidInput(
                f"{key!r} is both an object and a folder, which a directory cannot hold"
            ) from error

    def _remove(self, key: str) -> None:
        path = self._path(key)
        if not path.is_file():
            return
        path.unlink()
        for parent in path.parents:
            if parent == self.root or any(parent.iterdir()):
                return
            parent.rmdir()

    def _path(self, key: str) -> Path:
        return self.root.joinpath(*(name for part in key.split("/") for name in _names(part)))

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.root / PRIVATE / "lock").open("wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _spool(self) -> Iterator[BinaryIO]:
        folder = Path(tempfile.mkdtemp(dir=self.root / PRIVATE))
        try:
            with (folder / "object").open("wb") as file:
                yield file
        finally:
            shutil.rmtree(folder)


def _names(part: str) -> list[str]:
    """File names of one part of a key: several where it is too long for one, ``%`` where it is empty."""
    text = quote(part, safe=" ")
    if text.startswith("."):
        text = "%2E" + text[1:]
    pieces = [text[at : at + NAME_LENGTH] for at in range(0, len(text), NAME_LENGTH)] or [EMPTY]
    return [pieces[0], *(CONTINUED + piece for piece in pieces[1:])]


def _key(path: Path) -> str:
    parts: list[str] = []
    for name in path.parts:
        if name.startswith(CONTINUED):
            parts[-1] += name[1:]
        else:
            parts.append("" if name == EMPTY else name)
    return "/".join(unquote(part) for part in parts)


def _etag(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
