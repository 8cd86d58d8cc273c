"""The photo library of the evaluation: analyzed, learned from and enhanced as in production, cloudless."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from shared.domain.dataset import Options, Plan, Shard
from shared.domain.errors import InvalidInput
from shared.domain.observation import FileWords, Observation
from shared.domain.record import Enhancement, Origin, OwnerWords, Record, Sentence, Source, Status
from shared.domain.vectors import Array
from shared.learning import categories, faces, search_index
from shared.learning.patterns import Patterns
from shared.learning.planning import count, landmark_ids, number_bursts, plan
from shared.photos import decode
from shared.storage.records import Stored
from shared.storage.rows import RowMaker, to_shard
from shared.vision.cache import CachedObserver
from shared.vision.generic import generic_description, generic_tags
from shared.vision.observer import Observer
from shared.vision.text import TextEncoder, words_vector

MODELS = Path("models")
NEW_TENTHS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One captioned photo.

    Attributes
    ----------
    description, tags
        What its owner wrote.
    others : tuple of str
        What other people wrote: queries and references, never learned from.
    """

    file: str
    photo_id: str
    description: str
    tags: tuple[str, ...]
    others: tuple[str, ...]
    observation: Observation

    @property
    def new(self) -> bool:
        """Whether it comes to the library without words."""
        return int(hashlib.sha256(self.file.encode()).hexdigest(), 16) % 10 < NEW_TENTHS


@dataclass(frozen=True, slots=True, eq=False)
class Library:
    """The photos of an evaluation: the library's teach, the new ones are scored."""

    items: tuple[Item, ...]
    encoder: TextEncoder

    @property
    def known(self) -> tuple[Item, ...]:
        """Photos that bring their owner's words."""
        return tuple(item for item in self.items if not item.new)

    @property
    def new(self) -> tuple[Item, ...]:
        """Photos that bring pixels only."""
        return tuple(item for item in self.items if item.new)

    def encode(self, texts: Sequence[str]) -> Array:
        """Sentence vectors of texts, (n, 384)."""
        return self.encoder.encode(texts)


@lru_cache(maxsize=1)
def load(data: Path) -> Library:
    """Read and analyze the captioned photos of a folder.

    Raises
    ------
    InvalidInput
        If there is no `photos/manifest.jsonl` in it.
    ModelUnavailable
        If the models have not been built.
    """
    folder = data / "photos"
    manifest = folder / "manifest.jsonl"
    if not manifest.is_file():
        raise InvalidInput(f"There is no {manifest}: give the folder of the evaluation data with --data.")
    observer = CachedObserver(Observer.load(MODELS))
    items = []
    for line in manifest.read_text().splitlines():
        entry = json.loads(line)
        if not entry.get("other_captions"):
            continue
        file = str(entry["file"])
        photo_id = hashlib.sha256(file.encode()).hexdigest()[:32]
        photo = decode((folder / file).read_bytes())
        items.append(
            Item(
                file,
                photo_id,
                entry["description"],
                tuple(sorted(set(entry["tags"]))),
                tuple(entry["other_captions"]),
                observer.observe(photo, photo_id),
            )
        )
    return Library(tuple(items), TextEncoder.load(MODELS))


@lru_cache(maxsize=1)
def learn(library: Library) -> Patterns:
    """Train the phases that see pixels on the library's photos."""
    return train(shard_of(library.known, library.encoder))


def shard_of(items: Sequence[Item], encoder: TextEncoder) -> Shard:
    """The photos with their owner's words as a shard of the dataset."""
    space = items[0].observation.encoding_space if items else ""
    return to_shard(RowMaker(generic_tags, space).table(Stored(_record(item, encoder), "") for item in items))


def make_plan(shard: Shard, options: Options | None = None) -> Plan:
    """The counting pass over one shard."""
    counts = count(shard)
    burst, folds = number_bursts(counts)
    chosen = set(landmark_ids(counts, folds))
    rows = np.asarray([row for row, photo in enumerate(shard.ids) if photo in chosen], dtype=np.intp)
    return plan(counts, burst, folds, shard.take(rows) if len(rows) else None, options or Options())


def train(shard: Shard, options: Options | None = None) -> Patterns:
    """All phases that enhancing needs, over one shard, to the patterns of a bundle."""
    fixed = make_plan(shard, options)
    with threadpool_limits(limits=1, user_api="blas"):
        files = {
            **categories.solve(categories.observe(shard, fixed), fixed).files(),
            **search_index.solve(search_index.observe(shard, fixed), fixed).files(),
            **faces.solve(faces.observe(shard, fixed), fixed).files(),
        }
    return Patterns.load("evaluation", files)


def _record(item: Item, encoder: TextEncoder) -> Record:
    words = words_vector(encoder, item.description, item.tags)
    generic = generic_description(item.observation)
    return Record(
        item.photo_id,
        Origin("evaluation", item.file, "", 0, "", datetime.fromtimestamp(0, UTC)),
        Status.ANALYZED,
        item.observation,
        FileWords(item.description, item.tags),
        OwnerWords(item.description, item.tags, text_vector=words),
        Enhancement(None, generic, Sentence(generic, Source.MODEL), ()),
    )
