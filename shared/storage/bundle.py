"""One bundle of learned patterns: its manifest, its files verified as they are read, and the alias."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.errors import BundleInvalid, ObjectMissing
from shared.storage import keys
from shared.storage.store import ObjectStore


def version_name(run_id: str, at: datetime) -> str:
    """The name of the bundle of a run: sorts by time; the end of a run's name is what chance made of it."""
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}-{run_id[-8:]}"


class FileRef(BaseModel):
    """What a file of a bundle must be."""

    model_config = ConfigDict(frozen=True)

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=0)

    @classmethod
    def of(cls, body: bytes) -> "FileRef":
        """What `body` is."""
        return cls(sha256=hashlib.sha256(body).hexdigest(), size=len(body))


class Manifest(BaseModel):
    """What a bundle holds, and `about`: what its training says of it (models, parameters, measurements)."""

    model_config = ConfigDict(frozen=True)

    version: str
    run_id: str
    files: dict[str, FileRef]
    about: dict[str, Any] = {}

    def to_json(self) -> bytes:
        """The manifest as it is stored; the same bytes for the same content."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, indent=1).encode()

    @classmethod
    def from_json(cls, version: str, body: bytes) -> "Manifest":
        """The manifest that stands under a version; `BundleInvalid` where it is none."""
        try:
            manifest = cls.model_validate_json(body)
        except ValidationError as error:
            raise BundleInvalid(f"The manifest.json of bundle {version} cannot be read: roll back") from error
        if manifest.version != version:
            raise BundleInvalid(f"The manifest.json of bundle {version} is of {manifest.version}: roll back")
        return manifest


@dataclass(frozen=True, slots=True)
class Alias:
    """Which bundle is live: `etag` is of the alias itself, to change it by compare-and-swap."""

    version: str
    manifest_sha256: str
    previous: str | None
    run_id: str
    etag: str = ""

    def to_json(self) -> bytes:
        """The alias as it is stored."""
        fields = {
            "version": self.version,
            "manifest_sha256": self.manifest_sha256,
            "previous": self.previous,
            "run_id": self.run_id,
        }
        return json.dumps(fields, sort_keys=True).encode()

    @classmethod
    def from_json(cls, body: bytes, etag: str) -> "Alias":
        """The alias that was stored; `BundleInvalid` where it cannot be read."""
        try:
            return cls(**json.loads(body), etag=etag)
        except (ValueError, TypeError) as error:
            raise BundleInvalid("aliases/latest.json cannot be read: delete it, then promote") from error


class BundleFiles(Mapping[str, bytes]):
    """The files of a bundle by name, each read and verified on first need, then kept."""

    def __init__(self, store: ObjectStore, manifest: Manifest) -> None:
        self._store = store
        self._manifest = manifest
        self._read: dict[str, bytes] = {}

    def __getitem__(self, name: str) -> bytes:
        if name not in self._read:
            self._read[name] = self._verified(name, self._manifest.files[name])
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._manifest.files))

    def __len__(self) -> int:
        return len(self._manifest.files)

    def _verified(self, name: str, ref: FileRef) -> bytes:
        version = self._manifest.version
        try:
            body = self._store.get(keys.bundle(version, name)).body
        except ObjectMissing as error:
            raise BundleInvalid(f"Bundle {version} lacks its file {name}: roll back") from error
        if FileRef.of(body) != ref:
            raise BundleInvalid(f"The file {name} of bundle {version} is not the one published: roll back")
        return body


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """A published bundle."""

    version: str
    manifest: Manifest
    files: BundleFiles

    def verify(self, names: Collection[str] | None = None) -> None:
        """Read files (all by default) and check them; `BundleInvalid` names one that is not as published."""
        for name in sorted(self.files if names is None else self.files.keys() & set(names)):
            self.files[name]


class State(StrEnum):
    """Where a bundle stands."""

    LIVE = "live"
    PUBLISHED = "published"
    INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Listed:
    """A bundle in the list; without a manifest where its publication did not finish."""

    version: str
    state: State
    manifest: Manifest | None
