"""The working files of one training: what its steps hand each other through the library bucket."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter

from shared.domain import arrays
from shared.domain.dataset import Options, Plan, few_held_out
from shared.domain.errors import MetadataNotFound, ObjectMissing
from shared.storage import keys
from shared.storage.dataset import ShardEntry
from shared.storage.store import ObjectStore

ENDED = "ended.json"
LANDMARKS = "landmarks.npz"
_OPTIONS = TypeAdapter(Options)


@dataclass(frozen=True, slots=True)
class Run:
    """The files under `runs/{run_id}/`, each written once by the step that makes it."""

    store: ObjectStore
    run_id: str

    def put_json(self, name: str, value: Any) -> None:
        """Store a small JSON document under the run."""
        body = json.dumps(value, sort_keys=True, ensure_ascii=False).encode()
        self.store.put(keys.run(self.run_id, name), body, "application/json")

    def json(self, name: str) -> Any:
        """Read what `put_json` stored.

        Raises
        ------
        MetadataNotFound
            Where the step that writes it has not run.
        """
        return json.loads(self._body(name))

    def put_arrays(self, name: str, values: Mapping[str, NDArray[Any]], *, deflate: bool = True) -> None:
        """Store named arrays under the run, compressed unless they go with its end."""
        body = arrays.dumps(values, deflate=deflate)
        self.store.put(keys.run(self.run_id, name), body, "application/octet-stream")

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """Read what `put_arrays` stored."""
        return arrays.loads(self._body(name))

    def put_lines(self, name: str, lines: Iterable[str]) -> None:
        """Store texts without line breaks in them, one a line, under the run."""
        body = "".join(line + "\n" for line in lines).encode()
        self.store.put(keys.run(self.run_id, name), body, "application/x-ndjson")

    def lines(self, name: str) -> list[bytes]:
        """Read what `put_lines` stored, as UTF-8."""
        return self._body(name).splitlines()

    def _body(self, name: str) -> bytes:
        try:
            return self.store.get(keys.run(self.run_id, name)).body
        except ObjectMissing as error:
            raise MetadataNotFound from error

    def put_shards(self, prefixes: Sequence[str]) -> str:
        """Store the shards the maps run over; returns the key."""
        self.put_json("shards.json", [{"prefix": prefix} for prefix in prefixes])
        return keys.run(self.run_id, "shards.json")

    def prefixes(self) -> list[str]:
        """The shards' prefixes in order."""
        return [item["prefix"] for item in self.json("shards.json")]

    def put_shard(self, entry: ShardEntry) -> None:
        """Store which rows a shard has in this run."""
        self.put_json(f"shards/{_name(entry.prefix)}.json", asdict(entry))

    def shard(self, prefix: str) -> ShardEntry:
        """Which rows a shard has in this run."""
        return ShardEntry(**self.json(f"shards/{_name(prefix)}.json"))

    def put_plan(self, plan: Plan, ids_of: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Store the plan, its per-photo part shard by shard.

        Parameters
        ----------
        ids_of : iterable of (prefix, photo ids)
        """
        self.put_arrays(
            "plan.npz",
            {
                "document_frequency": plan.document_frequency,
                "landmark_zero_shot": plan.landmark_zero_shot,
                "text_mean": plan.text_mean,
            },
        )
        landmarks = {name: block.astype(np.float16) for name, block in plan.landmarks.items()}
        self.put_arrays(LANDMARKS, landmarks, deflate=False)
        for prefix, ids in ids_of:
            taking_part = [i for i in ids if i in plan.burst_of]
            self.put_arrays(
                f"plan/{_name(prefix)}.npz",
                {
                    "ids": np.asarray(taking_part, dtype=np.str_),
                    "burst": np.asarray([plan.burst_of[i] for i in taking_part], dtype=np.int64),
                    "fold": np.asarray([plan.fold_of.get(i, -1) for i in taking_part], dtype=np.int8),
                },
            )
        self.put_json(
            "plan.json",
            {
                "vocabulary": plan.vocabulary,
                "words": plan.words,
                "worded": plan.worded,
                "held_out": plan.held_out,
                "photos": plan.photos,
                "since": plan.since,
                "landmarks": hashlib.sha256(self._body(LANDMARKS)).hexdigest(),
                "options": _OPTIONS.dump_python(plan.options, mode="json"),
            },
        )

    def plan(self, *prefixes: str) -> Plan:
        """The plan, with the per-photo part of some shards.

        Raises
        ------
        MetadataNotFound
            Where no export was run.
        """
        facts = self.json("plan.json")
        stored = self.arrays("plan.npz")
        fixed = Plan(
            vocabulary=tuple(facts["vocabulary"]),
            words=tuple(facts["words"]),
            document_frequency=stored["document_frequency"],
            landmarks=_Landmarks(partial(self.arrays, LANDMARKS)),
            landmark_zero_shot=stored["landmark_zero_shot"],
            text_mean=stored["text_mean"],
            fold_of={},
            burst_of={},
            worded=facts["worded"],
            held_out=facts["held_out"],
            photos=facts["photos"],
            options=_OPTIONS.validate_python(facts["options"]),
            since=tuple(facts["since"]) if facts["since"] else None,
        )
        burst_of: dict[str, int] = {}
        for prefix in prefixes:
            rows = self.arrays(f"plan/{_name(prefix)}.npz")
            burst_of.update(zip(rows["ids"].tolist(), rows["burst"].tolist(), strict=True))
        fold_of = {i: f for prefix in prefixes for i, f in self.folds(prefix).items()}
        return replace(fixed, fold_of=fold_of, burst_of=burst_of)

    def folds(self, prefix: str) -> dict[str, int]:
        """The fold of every worded photo of a shard that took part."""
        rows = self.arrays(f"plan/{_name(prefix)}.npz")
        return {i: f for i, f in zip(rows["ids"].tolist(), rows["fold"].tolist(), strict=True) if f >= 0}

    def cross_fitted(self) -> bool:
        """Whether so few photos were held out that ten folds are used instead of one."""
        return few_held_out(self.json("plan.json")["held_out"])

    def photo_ids(self, prefix: str) -> tuple[str, ...]:
        """The photos of a shard that took part."""
        return tuple(self.arrays(f"plan/{_name(prefix)}.npz")["ids"].tolist())

    def plan_digest(self, prefix: str) -> str:
        """SHA-256 of everything the plan fixes for one shard; `plan.json` names the landmarks' own."""
        digest = hashlib.sha256()
        for name in ("plan.json", "plan.npz", f"plan/{_name(prefix)}.npz"):
            digest.update(self._body(name))
        return digest.hexdigest()

    def put_mapped(self, prefix: str, phi: NDArray[np.float32]) -> None:
        """Keep the kernel features of a shard's photos for the phases that follow."""
        self.put_arrays(f"mapped/{_name(prefix)}.npz", {"phi": phi}, deflate=False)

    def mapped(self, prefix: str) -> NDArray[np.float32] | None:
        """What `put_mapped` stored, float32; None where no phase has got so far."""
        try:
            return self.arrays(f"mapped/{_name(prefix)}.npz")["phi"].astype(np.float32, copy=False)
        except MetadataNotFound:
            return None

    def put_solved(self, phase: str, files: Mapping[str, bytes]) -> None:
        """Store what a phase publishes; their list last, so that half of it is never taken for all."""
        for name in sorted(files):
            self.store.put(keys.run_solved(self.run_id, phase, name), files[name], "application/octet-stream")
        self.put_json(f"solved/{phase}.json", sorted(files))

    def solved(self, phase: str) -> dict[str, bytes]:
        """The files a phase solved."""
        names: list[str] = self.json(f"solved/{phase}.json")
        return {name: self.store.get(keys.run_solved(self.run_id, phase, name)).body for name in names}

    def end(self, status: str) -> None:
        """Say how the run ended."""
        self.put_json(ENDED, {"status": status})

    def ending(self) -> str | None:
        """How the run ended; None where it has not, was stopped, or its files have expired."""
        try:
            return str(self.json(ENDED)["status"])
        except MetadataNotFound:
            return None

    def tidy(self) -> None:
        """Remove what only the steps of the run needed, once its bundle is published.

        All sums go as well: a plan fixes what is summed, and the next photo or word changes the plan.
        """
        parts = ("solved/", "counts/", "metadata/", "mapped/", "plan.npz", LANDMARKS)
        for prefix in (*(keys.run(self.run_id, part) for part in parts), keys.SUMS):
            for entry in self.store.list(prefix):
                self.store.delete(entry.key)

    def log(self, step: str, lines: Sequence[str]) -> None:
        """Append the lines of a step to the run's log; a step that runs again writes its lines anew."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        body = "".join(json.dumps({"at": at, "step": step, "line": line}) + "\n" for line in lines)
        self.store.put(keys.run(self.run_id, f"log/{step}.jsonl"), body.encode(), "application/x-ndjson")

    def log_lines(self) -> Iterator[tuple[str, str]]:
        """(time, line) of all steps so far, in the order of time."""
        entries = []
        for entry in self.store.list(keys.run(self.run_id, "log/")):
            for text in self.store.get(entry.key).body.decode().splitlines():
                record = json.loads(text)
                entries.append((record["at"], entry.key, record["line"]))
        for at, _, line in sorted(entries, key=lambda item: item[:2]):
            yield at, line

    def put_training_log(self) -> None:
        """Join the log of all steps into `training.log`, one line each, beginning with `Training`."""
        text = "".join(f"Training {self.run_id} {at} {line}\n" for at, line in self.log_lines())
        self.store.put(keys.run(self.run_id, "training.log"), text.encode(), "text/plain; charset=utf-8")


class _Landmarks(Mapping[str, NDArray[np.float16]]):
    """Feature blocks of the landmark photos, read when they are first looked at: most steps never do."""

    def __init__(self, read: Callable[[], Mapping[str, NDArray[np.float16]]]) -> None:
        self._blocks = cache(read)

    def __getitem__(self, name: str) -> NDArray[np.float16]:
        return self._blocks()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._blocks())

    def __len__(self) -> int:
        return len(self._blocks())


def _name(prefix: str) -> str:
    return prefix or "all"
