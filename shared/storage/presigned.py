"""Addresses by which a browser reads and writes single objects for a while, without credentials.

An address to read is signed as of the start of the window it is asked for in, so that within a window the
same object has the same address: browsers keep what they have, and answers that hold addresses keep their
ETag.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any
from urllib.parse import quote

import boto3
from botocore.auth import SIGV4_TIMESTAMP, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from shared.storage import aws

READ_WINDOW = 1_800
READ_SECONDS = 2 * READ_WINDOW
WRITE_SECONDS = 900
_PROBE = "probe"


class _SignedAsOf(S3SigV4QueryAuth):
    """Signs a query as of a given moment instead of now."""

    def __init__(self, at: datetime, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._at = at.strftime(SIGV4_TIMESTAMP)

    def _modify_request_before_signing(self, request: AWSRequest) -> None:
        request.context["timestamp"] = self._at
        super()._modify_request_before_signing(request)  # type: ignore[misc]


@dataclass(frozen=True, slots=True)
class PostForm:
    """Where a browser posts one file, and the fields that go before it."""

    url: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Presigner:
    """Signs addresses of one bucket's objects with the credentials of this process.

    Parameters
    ----------
    bucket : str
    now : callable
        The clock, with a zone.
    """

    bucket: str
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def read(self, key: str) -> str:
        """An address that reads the object for 30 to 60 minutes."""
        moment = self.now().timestamp()
        start = datetime.fromtimestamp(moment - moment % READ_WINDOW, UTC)
        request = AWSRequest(method="GET", url=self._base + quote(key, safe="/~"))
        region = aws.s3().meta.region_name
        _SignedAsOf(start, self._credentials, "s3", region, expires=READ_SECONDS).add_auth(request)
        return str(request.url)

    def post(self, key: str, content_type: str, most_bytes: int) -> PostForm:
        """A form that creates the object, of this type and at most this size, within 15 minutes."""
        signed = aws.s3().generate_presigned_post(
            Bucket=self.bucket,
            Key=key,
            Fields={"Content-Type": content_type},
            Conditions=[{"Content-Type": content_type}, ["content-length-range", 1, most_bytes]],
            ExpiresIn=WRITE_SECONDS,
        )
        return PostForm(signed["url"], signed["fields"])

    @cached_property
    def _base(self) -> str:
        """The bucket's address with a slash at the end, in the style the client uses."""
        params = {"Bucket": self.bucket, "Key": _PROBE}
        signed: str = aws.s3().generate_presigned_url("get_object", Params=params)
        return signed.partition("?")[0].removesuffix(_PROBE)

    @cached_property
    def _credentials(self) -> Credentials:
        found = boto3.Session().get_credentials()
        return Credentials("test", "test") if found is None else found
