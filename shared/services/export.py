"""The export: records become dataset shards, are counted, and the plan of the run is fixed."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from shared.domain.dataset import Options, Shard
from shared.domain.errors import LostRace, TrainingBusy
from shared.learning.planning import Counts, count, landmark_ids, number_bursts, oldest_within, plan, select
from shared.services.correcting import refold
from shared.services.enhancing import Enhancer
from shared.services.steps import Step
from shared.services.training_input import TrainingInput
from shared.storage import keys
from shared.storage.bundles import BundleRepository
from shared.storage.catalogue import Catalogue
from shared.storage.catalogue_rows import Row
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.dataset import DatasetRepository, ShardExport, assign
from shared.storage.erasures import ErasureRepository
from shared.storage.locks import TrainingLock
from shared.storage.objects import Entry
from shared.storage.records import TOMBSTONE_BYTES, TOMBSTONE_KEPT, RecordRepository, forgettable
from shared.storage.runs import Run
from shared.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Export:
    """The actions of the `export` function.

    Parameters
    ----------
    bucket : str
        Name of the library bucket, for the pointers handed to the maps.
    defaults : mapping
        Training input that holds where an execution does not say otherwise.
    """

    bucket: str
    store: ObjectStore
    records: RecordRepository
    corrections: CorrectionRepository
    people: PeopleLog
    bundles: BundleRepository
    dataset: DatasetRepository
    shards: ShardExport
    catalogue: Catalogue
    lock: TrainingLock
    enhancer: Enhancer
    defaults: Mapping[str, Any] = field(default_factory=dict)
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def plan(self, step: Step) -> Mapping[str, Any]:
        """Take the training lock and list the shards.

        Returns
        -------
        mapping
            `status` is `planned`, or `busy` while another training runs.
        """
        asked = TrainingInput.parse({**self.defaults, **step.input})
        try:
            self.lock.acquire(step.execution)
        except TrainingBusy as busy:
            return {"status": "busy", "run_id": step.run_id, "message": str(busy)}
        run = Run(self.store, step.run_id)
        refold(self.records, self.corrections, self.enhancer)
        listed = list(self.store.list(keys.RECORDS))
        self._forget(listed)
        prefixes = assign(keys.photo_of_record(entry.key) for entry in listed)
        alias = self.bundles.alias()
        run.put_json(
            "input.json",
            {
                "input": asked.model_dump(mode="json"),
                "started_at": self.now().isoformat(timespec="seconds"),
                "live": alias.version if alias else None,
                "erasures": ErasureRepository(self.store).ids(),
            },
        )
        shards_key = run.put_shards(prefixes)
        run.log("export-plan", [f"started: {len(prefixes)} shards; {asked.reason or 'asked by a person'}"])
        return {"status": "planned", "run_id": step.run_id, "bucket": self.bucket, "shards_key": shards_key}

    def shard(self, step: Step) -> Mapping[str, Any]:
        """Bring one shard of the dataset, and of the catalogue, up to its records, and count it."""
        prefix = step.shard.prefix
        run = Run(self.store, step.run_id)
        heard: dict[str, Row] = {}
        entry = self.shards.refresh(
            prefix, hear=lambda stored: heard.update({stored.record.photo_id: Row.of(stored)})
        )
        self.catalogue.refresh(prefix, heard)
        run.put_shard(entry)
        shard = self.dataset.load(prefix, entry.digest, blocks=())
        run.put_arrays(f"counts/{prefix or 'all'}.npz", count(shard).arrays())
        run.put_lines(_part(prefix), map(_line, metadata(shard)))
        run.log(f"export-shard-{prefix or 'all'}", [f"exported shard {prefix!r}: {entry.photos} photos"])
        return {}

    def count(self, step: Step) -> Mapping[str, Any]:
        """Fix the plan and write `images_metadata.json`.

        Returns
        -------
        mapping
            `status` is `counted`, or `nothing_new` where the live bundle was solved from the same.
        """
        run = Run(self.store, step.run_id)
        asked = TrainingInput.parse(run.json("input.json")["input"])
        prefixes = run.prefixes()
        digest = self._inputs_digest(run, prefixes, asked)
        run.put_json("inputs.json", {"digest": digest})
        live = self.bundles.latest()
        if live and not asked.force and live.manifest.about.get("inputs") == digest:
            run.log("export-count", ["ended: nothing new since the live bundle"])
            run.put_json(
                "training_report.json",
                {
                    "timestamp": self.now().isoformat(timespec="seconds"),
                    "run_id": step.run_id,
                    "status": "nothing_new",
                    "bundle": live.version,
                },
            )
            run.put_training_log()
            run.end("trial" if asked.trial else "nothing_new")
            self.lock.release(step.execution)
            return {"status": "nothing_new", "run_id": step.run_id, "bundle": live.version}
        counted = {prefix: self._counted(run, prefix) for prefix in prefixes}
        counts = reduce(add, counted.values())
        since = oldest_within(counts, asked.limit) if asked.limit else None
        if asked.trial:
            counts = self._selected_counts(run, prefixes, asked.options, since)
        burst, folds = number_bursts(counts)
        landmarks = self._landmarks(run, counted, frozenset(landmark_ids(counts, folds)))
        fixed = plan(counts, burst, folds, landmarks, asked.options, since)
        run.put_plan(fixed, ((prefix, part.ids) for prefix, part in counted.items()))
        self._join_metadata(run, prefixes)
        self.dataset.prune(prefixes)
        self.catalogue.prune(prefixes)
        facts = f"{fixed.photos} photos, {fixed.worded} with owner's words, {len(fixed.vocabulary)} tags"
        run.log("export-count", [f"counted {facts}"])
        return {"status": "counted", "run_id": step.run_id, "photos": fixed.photos, "worded": fixed.worded}

    def _forget(self, listed: Iterable[Entry]) -> None:
        """Remove tombstones that have stood for their 30 days: small and old in the listing."""
        now = self.now()
        old = (
            keys.photo_of_record(entry.key)
            for entry in listed
            if entry.size <= TOMBSTONE_BYTES and now - entry.modified > TOMBSTONE_KEPT
        )
        for stored in self.records.get_many(old):
            if forgettable(stored.record, now):
                try:
                    self.records.forget(stored.record.photo_id, stored.etag)
                except LostRace:
                    continue

    def _inputs_digest(self, run: Run, prefixes: list[str], asked: TrainingInput) -> str:
        said = [event.event_id for event in self.people.events()]
        erased = run.json("input.json").get("erasures", [])
        content = [[run.shard(prefix).digest for prefix in prefixes], said, asked.digest, erased]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def _counted(self, run: Run, prefix: str) -> Counts:
        return Counts.from_arrays(run.arrays(f"counts/{prefix or 'all'}.npz"))

    def _selected_counts(
        self, run: Run, prefixes: list[str], options: Options, since: tuple[float, str] | None
    ) -> Counts:
        return reduce(add, (count(select(shard, options, since)) for shard in self._loaded(run, prefixes)))

    def _loaded(self, run: Run, prefixes: list[str]) -> Iterator[Shard]:
        return (self.dataset.load(prefix, run.shard(prefix).digest, blocks=()) for prefix in prefixes)

    def _landmarks(self, run: Run, counted: Mapping[str, Counts], wanted: frozenset[str]) -> Shard | None:
        """The landmark photos, from the shards that hold any."""
        found = [
            self.dataset.load(prefix, run.shard(prefix).digest, among=here)
            for prefix, part in counted.items()
            if (here := wanted.intersection(part.ids))
        ]
        return Shard.concatenate(found) if found else None

    def _join_metadata(self, run: Run, prefixes: list[str]) -> None:
        """Stream `images_metadata.json` together, one photo a line, from what each shard said."""
        with self.store.writer(keys.run(run.run_id, "images_metadata.json"), "application/json") as out:
            separator = b"["
            for prefix in prefixes:
                for line in run.lines(_part(prefix)):
                    out.write(separator + b"\n" + line)
                    separator = b","
            out.write(b"\n]\n" if separator == b"," else b"[]\n")


def _part(prefix: str) -> str:
    return f"metadata/{prefix or 'all'}.jsonl"


def _line(entry: Mapping[str, Any]) -> str:
    return json.dumps(entry, ensure_ascii=False, sort_keys=True)


def metadata(shard: Shard) -> Iterator[dict[str, Any]]:
    """What `images_metadata.json` says of each photo of a shard.

    `description` is what the models alone say, `detailed_description` and `meta_tags` are the owner's words.
    """
    boxes: dict[int, list[dict[str, Any]]] = {}
    for row, face_id, box in zip(shard.faces.photo, shard.faces.ids, shard.faces.boxes, strict=True):
        boxes.setdefault(int(row), []).append({"face_id": face_id, "box": [round(float(x), 4) for x in box]})
    for row, photo_id in enumerate(shard.ids):
        taken = shard.taken_at[row]
        yield {
            "id": photo_id,
            "filename": shard.keys[row],
            "description": shard.generic[row],
            "detailed_description": shard.descriptions[row],
            "meta_tags": list(shard.tags[row]),
            "faces": boxes.get(row, []),
            "taken_at": None if np.isnan(taken) else datetime.fromtimestamp(float(taken), UTC).isoformat(),
        }
