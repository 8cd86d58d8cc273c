"""A library under a seeded storm: what its owner does, what the weather does to it, and what is left.

The same script of the owner's is played in calm and in storm. Uploads, replacements, deletions and
corrections always arrive, since clients try again; everything after them may be refused, lost, doubled,
delayed, reordered or killed. Deliveries nest: while one process waits for the store, another takes the next
batch or the owner acts.
"""

import hashlib
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np

from shared.domain.corrections import AddTag
from shared.domain.errors import EyeError
from shared.domain.observation import Exif, Label, Observation
from shared.photos import Photo
from shared.services.analyze import MOST_UNFINISHED, Analyzer
from shared.services.correcting import refold
from shared.services.enhancing import Enhancer
from shared.storage import keys
from shared.storage.bundles import BundleRepository, LatestBundle
from shared.storage.corrections import CorrectionRepository
from shared.storage.keys import object_events
from shared.storage.records import RecordRepository
from shared.storage.store import ObjectStore
from tests.faults.cluttered_queue import ClutteredQueue
from tests.faults.faulty_store import CALM, STORM, FaultyStore, Killed, Process, Weather, nothing
from tests.faults.left import left
from tests.faults.memory_store import Clock, MemoryStore
from tests.faults.script import Act, deadly, script

BUCKET = "uploads"
DEEPEST = 3
GARBAGE = "{not an event"


@dataclass
class Eyes:
    """Sees the mean colour, in a process that may end while it looks."""

    process: Process
    models: tuple[str, ...] = ("eyes@1",)

    def observe(self, photo: Photo, photo_id: str) -> Observation:  # noqa: ARG002
        self.process.ask(nothing)
        if photo.content_sha256 == hashlib.sha256(deadly()).hexdigest():
            self.process.end()
        mean = photo.pixels.mean(axis=(0, 1)).astype(np.float32)
        return Observation(
            content_sha256=photo.content_sha256,
            width=photo.width,
            height=photo.height,
            format=photo.format,
            labels=(Label(f"colour {int(mean[0])}", 0.9),),
            objects=(),
            faces=(),
            features={"mean": mean},
            text_vector=np.zeros(384, dtype=np.float32),
            dhash=photo.dhash,
            exif=Exif(),
            models=self.models,
            encoding_space="",
        )


class Encoder:
    """Vectors of words, equal for equal words."""

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        rows = [np.random.default_rng(list(text.encode())).normal(size=384) for text in texts]
        return np.asarray([row / np.linalg.norm(row) for row in rows], dtype=np.float32)


@dataclass
class Storm:
    """One library, in one kind of weather.

    Attributes
    ----------
    uploads, seed
        How many, and what is done to them.
    weather, disorder
        What may happen to requests, and to messages.
    bucket, real
        Where uploads go, and photos among them that are none of one colour.
    eyes, encoder
        What looks at photos in a process, and reads words.
    """

    uploads: int
    seed: int
    weather: Weather = STORM
    disorder: float = 0.1
    bucket: str = BUCKET
    real: Sequence[bytes] = ()
    eyes: Callable[[Process], Any] = Eyes
    encoder: Callable[[], Any] = Encoder
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.chance = random.Random(f"weather {self.seed}")
        self.clock = Clock()
        self.photos, self.library = MemoryStore(self.clock), MemoryStore(self.clock)
        self.queue = ClutteredQueue(self.chance, self.disorder, self.happened)
        self.sequencer = 0
        self.depth = 0
        self.acts: Iterator[Act] = iter(script(self.uploads, self.seed, self.real))

    @classmethod
    def calm(cls, uploads: int, seed: int, **more: Any) -> "Storm":
        """The same library in no weather at all."""
        return cls(uploads, seed, weather=CALM, disorder=0.0, **more)

    def play(self) -> "Storm":
        """Play the owner's script, let the weather clear, redrive what is dead, and export."""
        self.queue.send(GARBAGE)
        while self._owner_acts():
            while len(self.queue.waiting) > 20 or (self.queue.waiting and self.chance.random() < 0.3):
                self._deliver()
        while self.queue.waiting:
            self._deliver()
        self.weather = CALM
        for _ in range(3):
            self.queue.redrive()
            while self.queue.waiting:
                self._deliver()
        refold(self._records(self.library), CorrectionRepository(self.library), self._enhancer(self.library))
        return self

    def state(self) -> dict[str, dict[str, Any]]:
        """What is left of the library."""
        return left(self.library)

    def untold(self) -> set[str]:
        """Photos whose record was written after the last note of a change: what no warm reader would see."""
        last: dict[str, Any] = {}
        for entry in self.library.list(keys.CHANGES):
            photo_id = keys.changed_photo(entry.key)
            last[photo_id] = max(entry.modified, last.get(photo_id, entry.modified))
        written = {
            entry.key.removeprefix(keys.RECORDS).removesuffix(".json"): entry.modified
            for entry in self.library.list(keys.RECORDS)
        }
        return {photo_id for photo_id, at in written.items() if photo_id not in last or last[photo_id] < at}

    def redriven_photos(self) -> set[str]:
        """Photos with a message that died and came again."""
        bodies = (json.loads(body) for body in self.queue.redriven if body != GARBAGE)
        return {keys.photo_id(self.bucket, body["detail"]["object"]["key"]) for body in bodies}

    def _owner_acts(self) -> bool:
        act = next(self.acts, None)
        if act is None:
            return False
        if act.tag:
            self._correct(act)
            return True
        self.sequencer += 1
        if act.body is None:
            self.photos.delete(act.key)
        else:
            self.photos.put(act.key, act.body)
        told = event(act.key, self.sequencer, deleted=act.body is None, bucket=self.bucket)
        self.queue.send(told)
        return True

    def _correct(self, act: Act) -> None:
        """The owner says a word of a photo; the client says it again until it is kept and shown."""
        for tried in count():
            process = Process(self.weather, self.chance, happened=self.happened)
            store = FaultyStore(self.library, process)
            enhancer, photo_id = self._enhancer(store), keys.photo_id(self.bucket, act.key)
            try:
                say(act, photo_id, store, self._records(store), enhancer, again=tried > 0)
            except (EyeError, Killed):
                continue
            return

    def _deliver(self) -> None:
        process = Process(
            self.weather,
            self.chance,
            self._meanwhile,
            spared=lambda: self._spared(process),
            happened=self.happened,
        )
        self.queue.deliver(lambda batch: self._take(process, batch))

    def _meanwhile(self) -> None:
        if self.depth >= DEEPEST:
            return
        self.depth += 1
        if self.queue.waiting and self.chance.random() < 0.7:
            self._deliver()
        else:
            self._owner_acts()
        self.depth -= 1

    def _take(self, process: Process, batch: list[dict[str, Any]]) -> set[str]:
        """What the function answers for a batch; all of it fails with the process."""
        analyzer = self._analyzer(process)
        failed = set()
        for message in batch:
            attempt = int(message["attributes"]["ApproximateReceiveCount"])
            try:
                for found in object_events(message):
                    process.about = keys.photo_id(found.bucket, found.key)
                    self.happened[analyzer.handle(found, attempt=attempt)] += 1
            except Killed:
                return {message["messageId"] for message in batch}
            except EyeError:
                failed.add(message["messageId"])
        return failed

    def _analyzer(self, process: Process) -> Analyzer:
        library = FaultyStore(self.library, process)
        eyes = self.eyes(process)
        return Analyzer(
            FaultyStore(self.photos, process),
            library,
            self._records(library),
            lambda: eyes,  # type: ignore[arg-type, return-value]
            self._enhancer(library),
            now=self.clock,
        )

    def _spared(self, process: Process) -> bool:
        """Whether the photo at hand has ended all processes but one that it may end.

        No rule can tell a photo that ends three processes from one that three processes were unlucky with.
        """
        key = keys.unfinished(process.about)
        found = self.library.head(key)
        return found is not None and json.loads(self.library.get(key).body)["begun"] >= MOST_UNFINISHED - 1

    def _records(self, store: Any) -> RecordRepository:
        return RecordRepository(store, self.clock)

    def _enhancer(self, store: Any) -> Enhancer:
        latest = LatestBundle(BundleRepository(store))
        return Enhancer(latest, CorrectionRepository(store), self.encoder)


def say(
    act: Act,
    photo_id: str,
    store: ObjectStore,
    records: RecordRepository,
    enhancer: Enhancer,
    *,
    again: bool = False,
) -> None:
    """Keep a word that the owner says of a photo, and show it."""
    CorrectionRepository(store).add(photo_id, AddTag(act.tag), act.correction)
    records.update(photo_id, lambda record: record and enhancer.refresh(record), again=again)


def event(key: str, sequencer: int, *, deleted: bool, bucket: str = BUCKET) -> dict[str, Any]:
    """What EventBridge sends of one object."""
    return {
        "detail-type": "Object Deleted" if deleted else "Object Created",
        "time": "2026-01-01T00:00:00Z",
        "detail": {"bucket": {"name": bucket}, "object": {"key": key, "sequencer": f"{sequencer:08X}"}},
    }
