"""What every object store can do, on S3 or in a directory."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

BINARY = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Object:
    """An object's bytes with the tag of the version they are (without quotes)."""

    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An object as a listing shows it: `size` in bytes, `modified` with its zone."""

    key: str
    etag: str
    size: int
    modified: datetime


class ObjectStore(Protocol):
    """A bucket: whole objects, conditional writes, sorted listings.

    Every method raises `StoreUnavailable` where the store does not answer; it is worth trying again later.
    """

    def get(self, key: str) -> Object:
        """Read an object; `ObjectMissing` where there is none."""
        ...

    def open(self, key: str) -> BinaryIO:
        """An object as a file, of which parts are read as they are asked for; `ObjectMissing` likewise."""
        ...

    def get_if_changed(self, key: str, etag: str) -> Object | None:
        """Read an object unless it is still the version `etag`; `ObjectMissing` where there is none."""
        ...

    def head(self, key: str) -> Entry | None:
        """Look at an object without reading it; None where there is none."""
        ...

    def put(self, key: str, body: bytes, content_type: str = BINARY) -> str:
        """Write an object whatever stands there; returns its etag."""
        ...

    def put_if_absent(self, key: str, body: bytes, content_type: str = BINARY) -> bool:
        """Write an object where none stands; returns whether this call did."""
        ...

    def swap_if_match(self, key: str, body: bytes, etag: str, content_type: str = BINARY) -> str:
        """Replace the version `etag` of an object; returns the new etag.

        Raises
        ------
        LostRace
            Where another version stands there, or none.
        """
        ...

    def writer(self, key: str, content_type: str = BINARY) -> AbstractContextManager[BinaryIO]:
        """Write a big object piece by piece; it appears whole when the block ends, or not at all."""
        ...

    def delete(self, key: str) -> None:
        """Remove an object, if it is there."""
        ...

    def delete_if_match(self, key: str, etag: str) -> None:
        """Remove the version `etag` of an object; `LostRace` where another stands there, or none."""
        ...

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[Entry]:
        """Objects whose key begins with `prefix`, sorted by key in UTF-8, those after `start_after` only."""
        ...
