"""An object store on S3 or anything that speaks its interface."""

import errno
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, TypeVar, cast

from boto3.exceptions import S3UploadFailedError
from botocore import exceptions as botocore_errors
from botocore.exceptions import ClientError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from shared.domain.errors import InvalidInput, LostRace, ObjectMissing, StoreRefused, StoreUnavailable
from shared.storage import aws
from shared.storage.objects import BINARY, Entry, Object

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from shared.storage.native_reader import NativeReader

SPOOL_BYTES = 16 * 2**20
THROTTLED = frozenset(
    {"SlowDown", "Throttling", "ThrottlingException", "RequestLimitExceeded", "RequestTimeout"}
)

T = TypeVar("T")


class _Conflict(Exception):
    """S3's 409: two conditional writes met; the same request may be sent again."""


BROKEN_ANSWER = (botocore_errors.ResponseStreamingError, botocore_errors.IncompleteReadError)
NO_ANSWER = (*BROKEN_ANSWER, botocore_errors.ConnectionError, botocore_errors.HTTPClientError)
INSIST = Retrying(
    retry=retry_if_exception_type((_Conflict, *BROKEN_ANSWER)),
    stop=stop_after_attempt(6),
    wait=wait_random_exponential(multiplier=0.05, max=2),
    reraise=True,
)


class S3Store:
    """One bucket. Throttling and outages are retried by botocore, and by tenacity where it has no rule.

    Parameters
    ----------
    bucket : str
    client : S3Client, optional
        The cached client of `shared.storage.aws` by default.
    reader : NativeReader, optional
        Reads and lists in the client's place: for buckets whose keys are plain.
    """

    def __init__(
        self, bucket: str, client: "S3Client | None" = None, reader: "NativeReader | None" = None
    ) -> None:
        self.bucket = bucket
        self._client = client or aws.s3()
        self._reader = reader

    def get(self, key: str) -> Object:
        """See `ObjectStore.get`."""
        if self._reader:
            return self._reader.get(key)

        def read() -> Object:
            answer = self._client.get_object(Bucket=self.bucket, Key=key)
            return Object(answer["Body"].read(), _plain(answer["ETag"]))

        return self._ask(key, read)

    def open(self, key: str) -> BinaryIO:
        """See `ObjectStore.open`; without a reader that reads parts, all of it is read at once."""
        return self._reader.open(key) if self._reader else BytesIO(self.get(key).body)

    def get_if_changed(self, key: str, etag: str) -> Object | None:
        """See `ObjectStore.get_if_changed`."""

        def read() -> Object | None:
            try:
                answer = self._client.get_object(Bucket=self.bucket, Key=key, IfNoneMatch=_quoted(etag))
            except ClientError as error:
                if _status(error) == 304:
                    return None
                raise
            return Object(answer["Body"].read(), _plain(answer["ETag"]))

        return self._ask(key, read)

    def head(self, key: str) -> Entry | None:
        """See `ObjectStore.head`."""
        try:
            answer = self._ask(key, lambda: self._client.head_object(Bucket=self.bucket, Key=key))
        except ObjectMissing:
            return None
        return Entry(key, _plain(answer["ETag"]), answer["ContentLength"], answer["LastModified"])

    def put(self, key: str, body: bytes, content_type: str = BINARY) -> str:
        """See `ObjectStore.put`."""

        def write() -> str:
            answer = self._client.put_object(Bucket=self.bucket, Key=key, Body=body, ContentType=content_type)
            return _plain(answer["ETag"])

        return self._ask(key, write)

    def put_if_absent(self, key: str, body: bytes, content_type: str = BINARY) -> bool:
        """See `ObjectStore.put_if_absent`."""

        def write() -> str:
            answer = self._client.put_object(
                Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, IfNoneMatch="*"
            )
            return _plain(answer["ETag"])

        try:
            self._write_once(key, body, write)
        except LostRace:
            return False
        return True

    def swap_if_match(self, key: str, body: bytes, etag: str, content_type: str = BINARY) -> str:
        """See `ObjectStore.swap_if_match`."""

        def write() -> str:
            answer = self._client.put_object(
                Bucket=self.bucket, Key=key, Body=body, ContentType=content_type, IfMatch=_quoted(etag)
            )
            return _plain(answer["ETag"])

        try:
            return self._write_once(key, body, write)
        except ObjectMissing as error:
            raise _lost(key) from error

    @contextmanager
    def writer(self, key: str, content_type: str = BINARY) -> Iterator[BinaryIO]:
        """See `ObjectStore.writer`; spooled to disk, then sent in parts."""
        with _enough_disk(key), tempfile.SpooledTemporaryFile(max_size=SPOOL_BYTES) as spool:
            yield cast("BinaryIO", spool)
            spool.seek(0)
            with self._translated(key):
                self._client.upload_fileobj(
                    cast("BinaryIO", spool), self.bucket, key, ExtraArgs={"ContentType": content_type}
                )

    def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        self._ask(key, lambda: self._client.delete_object(Bucket=self.bucket, Key=key))

    def delete_if_match(self, key: str, etag: str) -> None:
        """See `ObjectStore.delete_if_match`."""
        try:
            self._ask(
                key,
                lambda: self._client.delete_object(Bucket=self.bucket, Key=key, IfMatch=_quoted(etag)),
            )
        except ObjectMissing as error:
            raise _lost(key) from error

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[Entry]:
        """See `ObjectStore.list`."""
        if self._reader:
            yield from self._reader.list(prefix, start_after)
            return
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self.bucket, Prefix=prefix, StartAfter=start_after
        )
        with self._translated(prefix):
            for page in pages:
                for item in page.get("Contents", ()):
                    yield Entry(item["Key"], _plain(item["ETag"]), item["Size"], item["LastModified"])

    def _write_once(self, key: str, body: bytes, write: Callable[[], str]) -> str:
        """Send a conditional write; a refusal after an attempt without an answer may be of that attempt."""
        broken: list[Exception] = []

        def attempt() -> str:
            try:
                return write()
            except BROKEN_ANSWER as error:
                broken.append(error)
                raise
            except ClientError as error:
                if _status(error) == 409:
                    raise _Conflict from error
                if _status(error) == 412 and (broken or _retried(error)):
                    standing = self.get(key)
                    if standing.body == body:
                        return standing.etag
                raise

        return self._ask(key, attempt)

    def _ask(self, key: str, request: Callable[[], T]) -> T:
        with self._translated(key):
            return INSIST(request)

    @contextmanager
    def _translated(self, key: str) -> Iterator[None]:
        """Turn the client's errors into the domain's."""
        try:
            yield
        except ClientError as error:
            raise self._meaning(key, error) from error
        except (_Conflict, *NO_ANSWER) as error:
            raise StoreUnavailable(f"{self.bucket} did not answer for {key!r}: try again") from error
        except S3UploadFailedError as error:
            raise StoreUnavailable(f"{key!r} could not be uploaded to {self.bucket}: try again") from error

    def _meaning(self, key: str, error: ClientError) -> Exception:
        code, status = error.response.get("Error", {}).get("Code", ""), _status(error)
        if code == "NoSuchBucket":
            return InvalidInput(f"There is no bucket {self.bucket}: deploy the stack, or set its name")
        if status == 404:
            return ObjectMissing(f"There is no object {key!r} in {self.bucket}")
        if status == 412:
            return _lost(key)
        if code in THROTTLED or status >= 500:
            return StoreUnavailable(f"The bucket {self.bucket} asks to slow down ({code}): try again")
        if code == "RequestTimeTooSkewed":
            return StoreUnavailable("The clock of this machine is off, so S3 answers nothing: set it")
        if status == 403:
            return StoreRefused(f"{self.bucket} refuses {key!r} ({code}): allow it in the function's policy")
        return error


@contextmanager
def _enough_disk(key: str) -> Iterator[None]:
    """Say so where the scratch disk is full; the next process has one of its own."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise StoreUnavailable(f"The disk for scratch files is full while {key!r} is written") from error


def _lost(key: str) -> LostRace:
    return LostRace(f"{key!r} was changed by somebody else: read it again")


def _status(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _retried(error: ClientError) -> bool:
    return bool(error.response["ResponseMetadata"].get("RetryAttempts", 0))


def _plain(etag: str) -> str:
    return etag.strip('"')


def _quoted(etag: str) -> str:
    return f'"{etag}"'
