"""The library's memory: photos with owner's words by where their words stand among sentence vectors.

At most 20,000, sampled so that rare words are covered: the chance of a photo grows with how rare its words
are in the library. A new photo is held against them at the place the pixels predict for it; the nearest vote
for tags and words, and lend their sentences.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Plan, Shard
from shared.domain.vectors import Array
from shared.learning.blocks import each
from shared.learning.sketch import Sketch, pack_texts, unpack_texts, weighted_key
from shared.learning.worded import Worded
from shared.learning.words import content_of

CAPACITY = 20_000
LONGEST = 400
"""Characters: a longer description is a story, and is cut at its last full sentence."""
NEIGHBOURS = 100
SHARPNESS = 15.0
ABSENT = np.float32(-2.0)
BLOCK_ROWS = 512


def sample(shard: Shard, plan: Plan, seen: Worded) -> Sketch:
    """The worded photos of one shard as a sample that adds."""
    rarity = np.log1p(plan.worded / np.maximum(plan.document_frequency, 1))
    weights = dict(zip(plan.words, rarity.tolist(), strict=True))
    rows = seen.rows.tolist()
    keys = [weighted_key(shard.ids[row], _rarity(shard, row, weights)) for row in rows]
    return Sketch.of(
        CAPACITY,
        np.asarray(keys, dtype=np.float64),
        [shard.ids[row] for row in rows],
        {"vector": shard.words[rows].astype(np.float16), "fold": seen.fold},
        {
            "description": [shorten(shard.descriptions[row] or "") for row in rows],
            "tags": [json.dumps(shard.tags[row]) for row in rows],
            "removed": [json.dumps(shard.removed_tags[row]) for row in rows],
        },
    )


def shorten(description: str) -> str:
    """A description cut at its last full sentence within the limit; empty where there is none."""
    if len(description) <= LONGEST:
        return description
    return description[: description.rfind(". ", 0, LONGEST) + 1]


def _rarity(shard: Shard, row: int, weights: Mapping[str, float]) -> float:
    lemmas = set(content_of((shard.descriptions[row] or "", *shard.tags[row])))
    return 1.0 + sum(weights.get(lemma, 0.0) for lemma in sorted(lemmas)) / max(len(lemmas), 1)


@dataclass(frozen=True, slots=True, eq=False)
class Near:
    """The remembered photos nearest to n places.

    Attributes
    ----------
    rows : (n, k) int64
        Rows of the memory, nearest first.
    cosine, share : (n, k) float32
        Likeness, and the share of the vote, which sums to 1.
    """

    rows: NDArray[np.int64]
    cosine: Array
    share: Array


@dataclass(frozen=True, eq=False)
class Memory:
    """Remembered photos, sorted by id.

    Attributes
    ----------
    ids : tuple of str
    descriptions : tuple of str
        Empty where the owner gave tags only.
    tags, removed : tuple of tuple of str
    vectors : (n, 384) float32
        Centred unit text vectors of the photos' words.
    fold : (n,) int8
    """

    ids: tuple[str, ...]
    descriptions: tuple[str, ...]
    tags: tuple[tuple[str, ...], ...]
    removed: tuple[tuple[str, ...], ...]
    vectors: Array
    fold: NDArray[np.int8]

    @classmethod
    def solve(cls, sketch: Sketch, text_mean: Array) -> "Memory":
        """Order the sampled photos by id and centre their vectors."""
        order = sorted(range(len(sketch)), key=lambda row: sketch.ids[row])
        centred = sketch.columns["vector"][order].astype(np.float32) - text_mean
        length = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6)
        return cls(
            tuple(sketch.ids[row] for row in order),
            tuple(sketch.texts["description"][row] for row in order),
            tuple(tuple(json.loads(sketch.texts["tags"][row])) for row in order),
            tuple(tuple(json.loads(sketch.texts["removed"][row])) for row in order),
            np.asarray((centred / length).astype(np.float16), dtype=np.float32),
            sketch.columns["fold"][order].astype(np.int8),
        )

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def described(self) -> NDArray[np.bool_]:
        """Which photos have a description. Shape (n,)."""
        return np.asarray([bool(text) for text in self.descriptions], dtype=np.bool_)

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Row by photo id."""
        return {photo: row for row, photo in enumerate(self.ids)}

    def take(self, rows: NDArray[np.intp]) -> "Memory":
        """Some of the photos."""
        chosen = rows.tolist()
        return Memory(
            tuple(self.ids[row] for row in chosen),
            tuple(self.descriptions[row] for row in chosen),
            tuple(self.tags[row] for row in chosen),
            tuple(self.removed[row] for row in chosen),
            self.vectors[rows],
            self.fold[rows],
        )

    def nearest(self, places: Array, ids: Sequence[str] = (), fold: int | None = None) -> Near:
        """The photos nearest to unit places.

        Parameters
        ----------
        places : (n, 384) float32
        ids : sequence of str, optional
            The photos that stand there: none votes for itself.
        fold : int, optional
            Photos of this fold do not take part.
        """
        own = self.row_of
        count = min(NEIGHBOURS, len(self))
        rows = np.empty((len(places), count), dtype=np.int64)
        nearest = np.empty((len(places), count), dtype=np.float32)

        def fill(start: int) -> None:
            cosine = places[start : start + BLOCK_ROWS] @ self.vectors.T
            if fold is not None:
                cosine[:, self.fold == fold] = ABSENT
            for row, photo in enumerate(ids[start : start + BLOCK_ROWS]):
                if photo in own:
                    cosine[row, own[photo]] = ABSENT
            block = slice(start, start + BLOCK_ROWS)
            rows[block], nearest[block] = _highest(cosine, count)

        each(fill, range(0, len(places), BLOCK_ROWS))
        vote = np.where(nearest > ABSENT, np.exp(SHARPNESS * (nearest - nearest[:, :1])), 0.0)
        share = np.asarray(vote / np.maximum(vote.sum(axis=1, keepdims=True), 1e-9), dtype=np.float32)
        return Near(rows, nearest, share)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        return {
            "memory.ids": pack_texts(self.ids),
            "memory.descriptions": pack_texts(self.descriptions),
            "memory.tags": pack_texts([json.dumps(tags) for tags in self.tags]),
            "memory.removed": pack_texts([json.dumps(tags) for tags in self.removed]),
            "memory.vectors": self.vectors.astype(np.float16),
            "memory.fold": self.fold,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Memory":
        """Read back what `arrays` gave."""
        return cls(
            unpack_texts(arrays["memory.ids"]),
            unpack_texts(arrays["memory.descriptions"]),
            tuple(tuple(json.loads(tags)) for tags in unpack_texts(arrays["memory.tags"])),
            tuple(tuple(json.loads(tags)) for tags in unpack_texts(arrays["memory.removed"])),
            arrays["memory.vectors"].astype(np.float32),
            arrays["memory.fold"].astype(np.int8),
        )


def _highest(values: Array, count: int) -> tuple[NDArray[np.int64], Array]:
    """Columns and values of the highest in each row, best first; ties in the order of columns."""
    if count < values.shape[1]:
        columns = np.sort(np.argpartition(values, -count, axis=1)[:, -count:], axis=1)
    else:
        columns = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    chosen = np.take_along_axis(values, columns, axis=1)
    order = np.argsort(-chosen, axis=1, kind="stable")
    return np.take_along_axis(columns, order, axis=1), np.take_along_axis(chosen, order, axis=1)
