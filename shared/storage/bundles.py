"""All bundles: published whole, one of them live, and the live one kept warm."""

import hashlib
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from shared.domain.errors import BundleInvalid, InvalidInput, LostRace, ObjectMissing, StoreUnavailable
from shared.storage import keys
from shared.storage.bundle import Alias, Bundle, BundleFiles, FileRef, Listed, Manifest, State, version_name
from shared.storage.concurrency import mapped
from shared.storage.erasures import ErasureRepository
from shared.storage.objects import BINARY, Object
from shared.storage.observability import logger
from shared.storage.store import ObjectStore

__all__ = [
    "Alias",
    "Bundle",
    "BundleRepository",
    "LatestBundle",
    "Listed",
    "Manifest",
    "State",
    "version_name",
]

JSON = "application/json"
CONTENT_TYPES = {".json": JSON, ".html": "text/html; charset=utf-8"}
NEVER = "never read"

T = TypeVar("T")


class BundleRepository:
    """Bundles and the alias `latest` in the library bucket."""

    def __init__(self, store: ObjectStore) -> None:
        self.store = store

    def publish(
        self, version: str, run_id: str, files: Mapping[str, bytes], about: Mapping[str, Any] | None = None
    ) -> Manifest:
        """Store the files, then the manifest that makes them a bundle.

        Returns
        -------
        Manifest
            The one that stands: where the run published before, as a step that is retried has, its first.

        Raises
        ------
        BundleInvalid
            Where another run published under this version.
        """
        standing = self._published(version, run_id)
        if standing:
            return standing
        names = sorted(files)
        created = mapped(lambda name: self._create(version, name, files[name]), names)
        refs = dict(zip(names, created, strict=True))
        manifest = Manifest(version=version, run_id=run_id, files=refs, about=dict(about or {}))
        if self.store.put_if_absent(keys.manifest(version), manifest.to_json(), JSON):
            return manifest
        return self._published(version, run_id) or manifest

    def load(self, version: str, manifest_sha256: str | None = None) -> Bundle:
        """A bundle with its manifest checked and its files still to be read.

        Parameters
        ----------
        manifest_sha256 : str, optional
            What the alias says its manifest is.

        Raises
        ------
        BundleInvalid
            Where it was not published whole, or its manifest is not the one named.
        """
        try:
            body = self.store.get(keys.manifest(version)).body
        except ObjectMissing as error:
            raise BundleInvalid(
                f"Bundle {version} has no manifest: it was never published whole, or erased since"
            ) from error
        if manifest_sha256 and hashlib.sha256(body).hexdigest() != manifest_sha256:
            raise BundleInvalid(f"The manifest.json of bundle {version} is not the one promoted: roll back")
        manifest = Manifest.from_json(version, body)
        return Bundle(version, manifest, BundleFiles(self.store, manifest))

    def alias(self) -> Alias | None:
        """What the alias `latest` says; None before the first promotion."""
        try:
            found = self.store.get(keys.LATEST)
        except ObjectMissing:
            return None
        return Alias.from_json(found.body, found.etag)

    def latest(self) -> Bundle | None:
        """The live bundle; None before the first promotion."""
        alias = self.alias()
        return self.load(alias.version, alias.manifest_sha256) if alias else None

    def promote(self, version: str, expected_etag: str | None) -> Alias:
        """Make a bundle live, if the alias is still the one it was compared with.

        Parameters
        ----------
        expected_etag : str or None
            Of the alias when the decision was made; None where there was none.

        Raises
        ------
        LostRace
            Where the alias has changed since; it then names another bundle than this one.
        BundleInvalid
            Where the bundle does not verify.
        """
        standing = self.alias()
        if standing and standing.version == version:
            return standing
        if (standing.etag if standing else None) != expected_etag:
            raise LostRace("The live bundle has changed since it was compared with: compare again")
        return self._point(standing, version)

    def rollback(self, to: str | None = None) -> Alias:
        """Make an earlier bundle live again: the one before by default.

        Raises
        ------
        InvalidInput
            Where there is no bundle to go back to, or it was trained before an erasure.
        """
        standing = self.alias()
        if standing is None:
            raise InvalidInput("No bundle is live yet: there is nothing to roll back")
        version = to or standing.previous
        if version is None:
            raise InvalidInput(f"There is no bundle before {standing.version}: name the one to go back to")
        if version == standing.version:
            return standing
        return self._point(standing, version)

    def list(self) -> list[Listed]:
        """All bundles, newest first, unfinished ones included."""
        alias = self.alias()
        live = alias.version if alias else None
        found: dict[str, bool] = {}
        for entry in self.store.list(keys.BUNDLES):
            version, _, name = entry.key.removeprefix(keys.BUNDLES).partition("/")
            found[version] = found.get(version, False) or name == keys.MANIFEST
        return [self._listed(version, found[version], live) for version in sorted(found, reverse=True)]

    def _listed(self, version: str, has_manifest: bool, live: str | None) -> Listed:
        try:
            manifest = self.load(version).manifest if has_manifest else None
        except BundleInvalid:
            manifest = None
        if manifest is None:
            return Listed(version, State.INCOMPLETE, None)
        return Listed(version, State.LIVE if version == live else State.PUBLISHED, manifest)

    def _published(self, version: str, run_id: str) -> Manifest | None:
        try:
            body = self.store.get(keys.manifest(version)).body
        except ObjectMissing:
            return None
        manifest = Manifest.from_json(version, body)
        if manifest.run_id != run_id:
            raise BundleInvalid(f"Run {manifest.run_id} published as {version}: publish under another name")
        return manifest

    def _create(self, version: str, name: str, body: bytes) -> FileRef:
        """Store a file where none stands; the bucket refuses to overwrite one that a first try left."""
        key, content_type = keys.bundle(version, name), CONTENT_TYPES.get(name[name.rfind(".") :], BINARY)
        if self.store.put_if_absent(key, body, content_type):
            return FileRef.of(body)
        return FileRef.of(self.store.get(key).body)

    def _point(self, standing: Alias | None, version: str) -> Alias:
        bundle = self.load(version)
        bundle.verify()
        if ErasureRepository(self.store).unmet(bundle.manifest.about):
            raise InvalidInput(f"Bundle {version} was trained before somebody was erased: it cannot go live")
        alias = Alias(
            version=version,
            manifest_sha256=hashlib.sha256(self.store.get(keys.manifest(version)).body).hexdigest(),
            previous=standing.version if standing else None,
            run_id=bundle.manifest.run_id,
        )
        if standing:
            etag = self.store.swap_if_match(keys.LATEST, alias.to_json(), standing.etag, JSON)
            return replace(alias, etag=etag)
        if not self.store.put_if_absent(keys.LATEST, alias.to_json(), JSON):
            raise LostRace("Another bundle has just gone live: compare with it first")
        return replace(alias, etag=self.store.get(keys.LATEST).etag)


class LatestBundle:
    """The live bundle as a warm function holds it.

    Asks for the alias conditionally, at most every `seconds`. A newly promoted bundle is read, verified, and
    only then swapped in; where it does not verify, the one in use stays, and `problem` says why. A function
    that holds none yet falls back on the one that was live before.

    Parameters
    ----------
    bundles : BundleRepository
    needs : collection of str, optional
        The files to read and verify before a bundle is used; the others are verified on first need.
    clock : callable
        Seconds, only ever forward.
    """

    def __init__(
        self,
        bundles: BundleRepository,
        needs: Collection[str] | None = None,
        seconds: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.problem: str | None = None
        self._bundles = bundles
        self._needs = needs
        self._seconds = seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._bundle: Bundle | None = None
        self._etag = NEVER
        self._asked: float | None = None

    def current(self) -> Bundle | None:
        """The bundle to use now; None where none was promoted, or none verifies.

        Raises
        ------
        StoreUnavailable
            Where it cannot be known yet whether there is one.
        """
        with self._lock:
            now = self._clock()
            if self._asked is None or now - self._asked >= self._seconds:
                try:
                    self._refresh()
                except StoreUnavailable as error:
                    if self._asked is None:
                        raise
                    logger.warning("The live bundle could not be asked for", extra={"reason": str(error)})
                self._asked = now
            return self._bundle

    def _refresh(self) -> None:
        try:
            found = self._bundles.store.get_if_changed(keys.LATEST, self._etag)
        except ObjectMissing:
            self._bundle, self._etag, self.problem = None, NEVER, None
            return
        if found is None:
            return
        self.problem = None
        self._swap_in(found)
        self._etag = found.etag

    def _swap_in(self, found: Object) -> None:
        alias = self._try(lambda: Alias.from_json(found.body, found.etag))
        if alias is None:
            return
        bundle = self._try(lambda: self._verified(alias.version, alias.manifest_sha256))
        previous = alias.previous
        if bundle is None and self._bundle is None and previous:
            bundle = self._try(lambda: self._verified(previous, None))
        self._bundle = bundle or self._bundle

    def _verified(self, version: str, manifest_sha256: str | None) -> Bundle:
        bundle = self._bundles.load(version, manifest_sha256)
        bundle.verify(self._needs)
        return bundle

    def _try(self, step: Callable[[], T]) -> T | None:
        try:
            return step()
        except BundleInvalid as error:
            self.problem = str(error)
            in_use = self._bundle.version if self._bundle else None
            about = {"reason": str(error), "bundle": in_use}
            logger.warning("A bundle does not verify; the one before stays in use", extra=about)
            return None
