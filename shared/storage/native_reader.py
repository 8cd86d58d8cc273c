"""Reading and listing a bucket through a client in native code, for functions that read thousands of objects.

botocore takes 3 ms of a processor for each object read and 0.2 ms for each one listed; this client takes a
sixth of the one and a twentieth of the other. It only reads, and knows only the credentials that Lambda puts
into the environment, so the command and all writing stay with botocore.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import takewhile
from typing import TYPE_CHECKING, BinaryIO, cast

from obstore import exceptions
from obstore.store import S3Store as Bucket

from shared.domain.errors import InvalidInput, ObjectMissing, StoreRefused, StoreUnavailable
from shared.storage.aws import local_endpoint
from shared.storage.objects import Entry, Object

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import RetryConfig

PAGE = 1_000
RETRIES: "RetryConfig" = {"max_retries": 5, "retry_timeout": timedelta(seconds=60)}
REFUSED = (exceptions.PermissionDeniedError, exceptions.UnauthenticatedError)


class NativeReader:
    """Objects of one bucket, read with the credentials, region and endpoint of the environment.

    Keys are plain: parts of letters, digits and ``_.-`` between single slashes, as all of the library's are.

    Parameters
    ----------
    bucket : str
    """

    def __init__(self, bucket: str) -> None:
        self._name = bucket
        local = local_endpoint() is not None
        self._bucket = Bucket(
            bucket,
            virtual_hosted_style_request=not local,
            client_options={"allow_http": local, "connect_timeout": "5s", "timeout": "60s"},
            retry_config=RETRIES,
        )

    def get(self, key: str) -> Object:
        """See `ObjectStore.get`."""
        with self._translated(key):
            found = self._bucket.get(key)
            return Object(bytes(found.bytes()), _plain(found.meta))

    def open(self, key: str) -> BinaryIO:
        """See `ObjectStore.open`."""
        with self._translated(key):
            size = self._bucket.head(key)["size"]
        return cast("BinaryIO", _Parts(partial(self._part, key), size))

    def _part(self, key: str, start: int, end: int) -> bytes:
        with self._translated(key):
            return bytes(self._bucket.get_range(key, start=start, end=end))

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[Entry]:
        """See `ObjectStore.list`.

        The client lists whole folders: of the last part of a prefix it is told where to begin, and left where
        that part ends.
        """
        folder, _, rest = prefix.rpartition("/")
        begin = max(start_after, _before(prefix)) if rest else start_after
        with self._translated(prefix):
            pages = self._bucket.list(folder or None, offset=begin or None, chunk_size=PAGE)
            found = (one for page in pages for one in page if one["path"] >= prefix)
            for one in takewhile(lambda one: one["path"].startswith(prefix), found):
                yield Entry(one["path"], _plain(one), one["size"], one["last_modified"])

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Turn the client's errors into the domain's."""
        try:
            yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                missing = f"There is no bucket {self._name}: deploy the stack, or set its name"
                raise InvalidInput(missing) from error
            raise ObjectMissing(f"There is no object {key!r} in {self._name}") from error
        except REFUSED as error:
            raise StoreRefused(f"{self._name} refuses {key!r}: allow it in the function's policy") from error
        except exceptions.BaseError as error:
            raise StoreUnavailable(f"{self._name} did not answer for {key!r}: try again") from error


class _Parts(io.RawIOBase):
    """A file of `size` bytes whose bytes from a start to an end are asked for one by one."""

    def __init__(self, part: Callable[[int, int], bytes], size: int) -> None:
        self._part, self._size, self._at = part, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        end = self._size if size < 0 else min(self._at + size, self._size)
        found = self._part(self._at, end) if end > self._at else b""
        self._at += len(found)
        return found


def _plain(meta: "ObjectMeta") -> str:
    return (meta["e_tag"] or "").strip('"')


def _before(prefix: str) -> str:
    """A plain key shortly before all keys that begin with `prefix`."""
    last = chr(ord(prefix[-1]) - 1)
    return prefix[:-1] + ("." if last == "/" else last) + "~"
