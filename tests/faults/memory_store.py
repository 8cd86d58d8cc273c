"""An object store in memory, on a clock of its own: fast enough for thousands of uploads a second."""

import hashlib
import io
from bisect import bisect_left, insort
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import BinaryIO

from shared.domain.errors import LostRace, ObjectMissing
from shared.storage.objects import BINARY, Entry, Object

START = datetime(2026, 1, 1, tzinfo=UTC)
TICK = timedelta(milliseconds=7)


class Clock:
    """Goes on a little whenever it is asked."""

    def __init__(self) -> None:
        self._now = START

    def __call__(self) -> datetime:
        self._now += TICK
        return self._now


class MemoryStore:
    """Keeps `ObjectStore`'s promises for one thread."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._objects: dict[str, tuple[bytes, Entry]] = {}
        self._keys: list[str] = []

    def get(self, key: str) -> Object:
        if key not in self._objects:
            raise ObjectMissing(f"There is no object {key!r}")
        body, entry = self._objects[key]
        return Object(body, entry.etag)

    def open(self, key: str) -> BinaryIO:
        return io.BytesIO(self.get(key).body)

    def get_if_changed(self, key: str, etag: str) -> Object | None:
        found = self.get(key)
        return None if found.etag == etag else found

    def head(self, key: str) -> Entry | None:
        return self._objects[key][1] if key in self._objects else None

    def put(self, key: str, body: bytes, content_type: str = BINARY) -> str:  # noqa: ARG002
        if key not in self._objects:
            insort(self._keys, key)
        etag = hashlib.md5(body).hexdigest()
        self._objects[key] = (body, Entry(key, etag, len(body), self._clock()))
        return etag

    def put_if_absent(self, key: str, body: bytes, content_type: str = BINARY) -> bool:  # noqa: ARG002
        if key in self._objects:
            return False
        self.put(key, body)
        return True

    def swap_if_match(self, key: str, body: bytes, etag: str, content_type: str = BINARY) -> str:  # noqa: ARG002
        self._expect(key, etag)
        return self.put(key, body)

    @contextmanager
    def writer(self, key: str, content_type: str = BINARY) -> Iterator[BinaryIO]:  # noqa: ARG002
        buffer = io.BytesIO()
        yield buffer
        self.put(key, buffer.getvalue())

    def delete(self, key: str) -> None:
        if self._objects.pop(key, None):
            self._keys.pop(bisect_left(self._keys, key))

    def delete_if_match(self, key: str, etag: str) -> None:
        self._expect(key, etag)
        self.delete(key)

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[Entry]:
        first = bisect_left(self._keys, max(prefix, start_after))
        for key in self._keys[first:]:
            if not key.startswith(prefix):
                if key > prefix:
                    return
                continue
            if key > start_after and key in self._objects:
                yield self._objects[key][1]

    def _expect(self, key: str, etag: str) -> None:
        if key not in self._objects or self._objects[key][1].etag != etag:
            raise LostRace(f"{key!r} was changed by somebody else")
