"""Enhance every record anew with the latest bundle: no model runs, and what is done is not done again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.record import Record, Status
from shared.services.enhancing import Enhancer
from shared.services.steps import Step
from shared.storage.catalogue import Catalogue
from shared.storage.concurrency import mapped
from shared.storage.dataset import assign
from shared.storage.records import RecordRepository
from shared.storage.runs import Run
from shared.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Reprocess:
    """The steps of the reprocess state machine; one that is started again skips what is done."""

    bucket: str
    store: ObjectStore
    records: RecordRepository
    enhancer: Enhancer
    catalogue: Catalogue

    def plan(self, step: Step) -> Mapping[str, Any]:
        """List the shards of records."""
        prefixes = assign([photo_id for photo_id, _ in self.records.list()])
        shards_key = Run(self.store, step.run_id).put_shards(prefixes)
        return {"status": "planned", "run_id": step.run_id, "bucket": self.bucket, "shards_key": shards_key}

    def shard(self, step: Step) -> Mapping[str, Any]:
        """Bring the records of one prefix, and their part of the catalogue, up to the live bundle."""
        patterns = self.enhancer.patterns()
        version = patterns.version if patterns else None

        def bring_up(photo_id: str) -> bool:
            def change(record: Record | None) -> Record | None:
                if record is None or record.status is not Status.ANALYZED:
                    return None
                return self.enhancer.refresh(record)

            stored = self.records.get(photo_id)
            if stored is None or _done(stored.record, version):
                return False
            return self.records.update(photo_id, change) is not None

        ids = (photo_id for photo_id, _ in self.records.list(step.shard.prefix))
        changed = sum(mapped(bring_up, ids))
        self.catalogue.refresh(step.shard.prefix)
        name = step.shard.prefix or "all"
        Run(self.store, step.run_id).put_json(f"reprocessed/{name}.json", {"records": changed})
        return {}

    def finish(self, step: Step) -> Mapping[str, Any]:
        """Say how many records were brought up."""
        run = Run(self.store, step.run_id)
        names = [prefix or "all" for prefix in run.prefixes()]
        total = sum(run.json(f"reprocessed/{name}.json")["records"] for name in names)
        return {"status": "completed", "records": total}


def _done(record: Record, version: str | None) -> bool:
    if record.status is not Status.ANALYZED:
        return True
    return record.enhancement is not None and record.enhancement.bundle == version
