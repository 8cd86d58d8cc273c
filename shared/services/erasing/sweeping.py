"""The second half of an erasure, once a bundle without them is live: away with all that was made before."""

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass

from shared.domain.errors import MetadataNotFound
from shared.domain.record import Record, Status
from shared.storage import keys
from shared.storage.bundles import Bundle, BundleRepository
from shared.storage.catalogue import Catalogue
from shared.storage.concurrency import mapped
from shared.storage.erasures import met
from shared.storage.queues import Letters
from shared.storage.records import RecordRepository
from shared.storage.runs import Run
from shared.storage.store import ObjectStore
from shared.storage.versions import VersionedBucket


@dataclass(frozen=True, slots=True)
class Sweeper:
    """Takes away what was made before an erasure, all of it by version; may be asked again.

    Parameters
    ----------
    letters : Letters
        The events that could not be analyzed.
    refresh : callable
        Enhances a record by the live bundle (`Enhancer.refresh`).
    """

    store: ObjectStore
    bucket: VersionedBucket
    records: RecordRepository
    bundles: BundleRepository
    catalogue: Catalogue
    letters: Letters
    refresh: Callable[[Record], Record]

    def sweep(self, erased: Collection[str], letter: Callable[[str], bool]) -> None:
        """Leave nothing made before the erasures.

        Parameters
        ----------
        erased : collection of str
            Ids of all erasures.
        letter : callable
            Whether a dead letter about an object of this key has to go.
        """
        live = self.bundles.latest()
        self._reprocess(live)
        self._drop_bundles(erased)
        self._drop_runs(erased)
        self.bucket.destroy(keys.SUMS)
        self._drop_shards()
        for entry in list(self.store.list(keys.CATALOGUE)):
            self.catalogue.refresh(keys.catalogue_prefix(entry.key))
        self.letters.drop(letter)
        self.bucket.destroy_former("")

    def _reprocess(self, live: Bundle | None) -> None:
        """Enhance anew what a bundle made before says of photos: its sentences and tags may name somebody."""
        version = live.version if live else None

        def bring_up(photo_id: str) -> None:
            self.records.update(photo_id, lambda record: _by(record, version, self.refresh))

        for _ in mapped(bring_up, (photo_id for photo_id, _ in self.records.list())):
            pass

    def _drop_bundles(self, erased: Collection[str]) -> None:
        for listed in self.bundles.list():
            if listed.manifest is None or set(erased) - met(listed.manifest.about):
                self.bucket.destroy(keys.bundle(listed.version))

    def _drop_runs(self, erased: Collection[str]) -> None:
        stand = (version.key.removeprefix(keys.RUNS) for version in self.bucket.versions(keys.RUNS))
        ids = {name.partition("/")[0] for name in stand}
        for run_id in sorted(ids):
            try:
                about = Run(self.store, run_id).json("input.json")
            except MetadataNotFound:
                continue
            if set(erased) - met(about):
                self.bucket.destroy(keys.run(run_id))

    def _drop_shards(self) -> None:
        """Files of the dataset that no index names: an export that was stopped left them."""
        named = set()
        for entry in self.store.list(keys.DATASET):
            if entry.key.endswith("/index.json"):
                index = json.loads(self.store.get(entry.key).body)
                named |= {entry.key, keys.dataset_shard(index["prefix"], index["digest"])}
        self.bucket.destroy(keys.DATASET, lambda version: version.key not in named)


def _by(record: Record | None, version: str | None, refresh: Callable[[Record], Record]) -> Record | None:
    if record is None or record.status is not Status.ANALYZED or record.enhancement is None:
        return None
    return None if record.enhancement.bundle == version else refresh(record)
