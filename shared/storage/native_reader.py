"""Reading and listing a bucket through a client in native code, for functions that read thousands of objects.

botocore takes 3 ms of a processor for each object read and 0.2 ms for each one listed; this client takes a
sixth of the one and a twentieth of the other. It only reads, and knows only the credentials that Lambda puts
into the environment, so the command and all writing stay with botocore.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import takewhile
from typing import TYPE_CHECKING

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


def in_lambda() -> bool:
    """Whether this process is a function's, with its credentials in the environment."""
    return "AWS_LAMBDA_RUNTIME_API" in os.environ


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


def _plain(meta: "ObjectMeta") -> str:
    return (meta["e_tag"] or "").strip('"')


def _before(prefix: str) -> str:
    """A plain key shortly before all keys that begin with `prefix`."""
    last = chr(ord(prefix[-1]) - 1)
    return prefix[:-1] + ("." if last == "/" else last) + "~"
