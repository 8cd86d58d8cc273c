"""Object stores under one name: what they promise, and the two that keep it."""

from shared.storage.directory_store import DirectoryStore
from shared.storage.objects import Entry, Object, ObjectStore
from shared.storage.s3_store import S3Store

__all__ = ["DirectoryStore", "Entry", "Object", "ObjectStore", "S3Store"]
