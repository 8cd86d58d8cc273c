"""Object stores under one name: what they promise, and the two that keep it."""

from shared.storage.aws import in_lambda
from shared.storage.directory_store import DirectoryStore
from shared.storage.objects import Entry, Object, ObjectStore
from shared.storage.s3_store import S3Store

__all__ = ["DirectoryStore", "Entry", "Object", "ObjectStore", "S3Store", "library_store"]


def library_store(bucket: str) -> S3Store:
    """The library's bucket; in Lambda the native client reads and lists it, since its keys are plain."""
    if not in_lambda():
        return S3Store(bucket)
    from shared.storage.native_reader import NativeReader

    return S3Store(bucket, reader=NativeReader(bucket))
