"""A few photos of every tag, as a sample that adds: what its owner wrote, and which tags stand beside it."""

import heapq
import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Plan, Shard
from shared.learning.sketch import pack_texts, unpack_texts


@dataclass(frozen=True, slots=True, order=True)
class Example:
    """One photo that carries a tag; ordered by photo id, a hash, so that the first are a fair sample."""

    photo_id: str
    description: str
    other_tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Examples:
    """At most `limit` examples a tag, and how many photos carry it."""

    limit: int
    of: dict[str, tuple[Example, ...]]
    counts: dict[str, int]

    @classmethod
    def observe(cls, shard: Shard, plan: Plan) -> "Examples":
        """Collect one shard; photos with a description come before those without."""
        limit = plan.options.examples_per_tag
        distinct = [sorted(set(tags)) for tags in shard.tags]
        carriers: dict[str, list[int]] = {tag: [] for tag in plan.vocabulary}
        for row, tags in enumerate(distinct):
            for tag in tags:
                if tag in carriers:
                    carriers[tag].append(row)

        def example(row: int, tag: str) -> Example:
            others = tuple(other for other in distinct[row] if other != tag)
            return Example(shard.ids[row], shard.descriptions[row] or "", others)

        def order(row: int) -> tuple[bool, str]:
            return not shard.descriptions[row], shard.ids[row]

        carried = {tag: rows for tag, rows in carriers.items() if rows}
        first = {tag: heapq.nsmallest(limit, rows, key=order) for tag, rows in carried.items()}
        return cls(
            limit,
            {tag: tuple(example(row, tag) for row in rows) for tag, rows in first.items()},
            {tag: len(rows) for tag, rows in carried.items()},
        )

    def __add__(self, other: "Examples") -> "Examples":
        tags = self.of.keys() | other.of.keys()
        of = {tag: _first(self.limit, [*self.of.get(tag, ()), *other.of.get(tag, ())]) for tag in tags}
        counts = {tag: self.counts.get(tag, 0) + other.counts.get(tag, 0) for tag in tags}
        return Examples(self.limit, of, counts)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        tags = sorted(self.of)
        rows = [[[e.photo_id, e.description, list(e.other_tags)] for e in self.of[tag]] for tag in tags]
        return {
            "examples.limit": np.asarray(self.limit),
            "examples.tags": pack_texts(tags),
            "examples.rows": pack_texts([json.dumps(row, ensure_ascii=False) for row in rows]),
            "examples.counts": np.asarray([self.counts[tag] for tag in tags], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Examples":
        """Read back what `arrays` gave."""
        tags = unpack_texts(arrays["examples.tags"])
        rows = unpack_texts(arrays["examples.rows"])
        of = {
            tag: tuple(Example(i, text, tuple(others)) for i, text, others in json.loads(row))
            for tag, row in zip(tags, rows, strict=True)
        }
        counts = dict(zip(tags, arrays["examples.counts"].astype(np.int64).tolist(), strict=True))
        return cls(int(arrays["examples.limit"]), of, counts)

    def common(self) -> list[tuple[str, int]]:
        """Tags with their counts, most frequent first."""
        return sorted(self.counts.items(), key=lambda item: (-item[1], item[0]))


def _first(limit: int, examples: list[Example]) -> tuple[Example, ...]:
    return tuple(heapq.nsmallest(limit, examples, key=lambda e: (not e.description, e)))
