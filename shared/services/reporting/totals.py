"""What a library holds, counted shard by shard for the training report."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, fields

import numpy as np

from shared.domain.dataset import Shard

DETAILED_WORDS = 8
TOP_CATEGORIES = 5
BLANK_BITS = 2
"""A difference hash with no more bits set has no edges: fog, a covered lens, a blank page."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of photos and of what their owner said; `+` adds two parts of a library.

    Attributes
    ----------
    images, worded, with_faces : int
    detailed : int
        Photos whose owner's description has 8 words or more.
    tags : Counter
        The owner's tags with the photos that carry them.
    bursts : Counter
        Photos by the number of their burst.
    named_by : dict of int to str
        One file of each burst.
    blank : tuple of str
        Files that show next to nothing.
    """

    images: int = 0
    worded: int = 0
    with_faces: int = 0
    detailed: int = 0
    tags: Counter[str] = field(default_factory=Counter)
    bursts: Counter[int] = field(default_factory=Counter)
    named_by: dict[int, str] = field(default_factory=dict)
    blank: tuple[str, ...] = ()

    @classmethod
    def of(cls, shard: Shard, burst_of: Mapping[str, int]) -> "Totals":
        """Count one shard; `burst_of` gives the burst of each of its photos."""
        edges: list[int] = np.bitwise_count(shard.dhash).tolist()
        bursts = [burst_of.get(photo, -1) for photo in shard.ids]
        return cls(
            images=len(shard),
            worded=sum(bool(d or t) for d, t in zip(shard.descriptions, shard.tags, strict=True)),
            with_faces=len(set(shard.faces.photo.tolist())),
            detailed=sum(len((text or "").split()) >= DETAILED_WORDS for text in shard.descriptions),
            tags=Counter(tag for tags in shard.tags for tag in set(tags)),
            bursts=Counter(bursts),
            named_by=dict(zip(bursts, shard.keys, strict=True)),
            blank=tuple(key for key, bits in zip(shard.keys, edges, strict=True) if bits <= BLANK_BITS),
        )

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            **{
                one.name: getattr(self, one.name) | getattr(other, one.name)
                if one.name == "named_by"
                else getattr(self, one.name) + getattr(other, one.name)
                for one in fields(self)
            }
        )

    @property
    def top_categories(self) -> list[str]:
        """The owner's most frequent tags, at most five."""
        ranked = sorted(self.tags.items(), key=lambda item: (-item[1], item[0]))
        return [tag for tag, _ in ranked[:TOP_CATEGORIES]]
