"""Every version of every object of a bucket: what erasing has to find, and takes away for good."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from shared.domain.errors import StoreUnavailable
from shared.storage import aws
from shared.storage.concurrency import mapped

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Version:
    """One version of an object, or the marker that a deletion left.

    Attributes
    ----------
    latest : bool
        Whether it is what readers get (a marker: nothing).
    """

    key: str
    version_id: str
    latest: bool
    marker: bool


class VersionedBucket:
    """The versions of a bucket. Only the erase role may take one away.

    Parameters
    ----------
    bucket : str
    client : S3Client, optional
        The cached client of `shared.storage.aws` by default.
    """

    def __init__(self, bucket: str, client: "S3Client | None" = None) -> None:
        self.bucket = bucket
        self._client = client or aws.s3()

    def versions(self, prefix: str = "") -> Iterator[Version]:
        """All versions and deletion markers whose key begins with `prefix`."""
        pages = self._client.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=prefix)
        try:
            for page in pages:
                for one in page.get("Versions", ()):
                    yield Version(one["Key"], one["VersionId"], one["IsLatest"], marker=False)
                for gone in page.get("DeleteMarkers", ()):
                    yield Version(gone["Key"], gone["VersionId"], gone["IsLatest"], marker=True)
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(f"The versions of {self.bucket} cannot be listed: {error}") from error

    def read(self, version: Version) -> bytes:
        """The bytes of one version."""
        try:
            answer = self._client.get_object(
                Bucket=self.bucket, Key=version.key, VersionId=version.version_id
            )
            return answer["Body"].read()
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(f"{version.key!r} of {self.bucket} cannot be read: {error}") from error

    def destroy(self, prefix: str, wanted: Callable[[Version], bool] = lambda _: True) -> int:
        """Take versions away for good; returns how many there were.

        Raises
        ------
        StoreUnavailable
            Where one could not be; those before it are gone.
        """
        found = [version for version in self.versions(prefix) if wanted(version)]
        # What readers see goes last, and markers after what they hide: nothing comes back in between.
        for kind in sorted({(one.marker, one.latest) for one in found}):
            for _ in mapped(self._take_away, (one for one in found if (one.marker, one.latest) == kind)):
                pass
        return len(found)

    def destroy_former(self, prefix: str) -> int:
        """Take away what stands no more: former versions, and markers with what they hide."""
        gone = {version.key for version in self.versions(prefix) if version.marker and version.latest}
        return self.destroy(prefix, lambda version: not version.latest or version.key in gone)

    def _take_away(self, version: Version) -> None:
        """One request each: an engine that checks policies takes a batch for deletions without versions."""
        try:
            self._client.delete_object(Bucket=self.bucket, Key=version.key, VersionId=version.version_id)
        except (ClientError, BotoCoreError) as error:
            raise StoreUnavailable(f"{version.key!r} of {self.bucket} was not deleted: {error}") from error
