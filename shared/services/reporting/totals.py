"""What a library holds, counted shard by shard for the training report."""

from collections import Counter
from dataclasses import dataclass, field

from shared.domain.dataset import Shard

DETAILED_WORDS = 8
TOP_CATEGORIES = 5


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
    """

    images: int = 0
    worded: int = 0
    with_faces: int = 0
    detailed: int = 0
    tags: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, shard: Shard) -> "Totals":
        """Count one shard."""
        return cls(
            images=len(shard),
            worded=sum(bool(d or t) for d, t in zip(shard.descriptions, shard.tags, strict=True)),
            with_faces=len(set(shard.faces.photo.tolist())),
            detailed=sum(len((text or "").split()) >= DETAILED_WORDS for text in shard.descriptions),
            tags=Counter(tag for tags in shard.tags for tag in set(tags)),
        )

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.images + other.images,
            self.worded + other.worded,
            self.with_faces + other.with_faces,
            self.detailed + other.detailed,
            self.tags + other.tags,
        )

    @property
    def top_categories(self) -> list[str]:
        """The owner's most frequent tags, at most five."""
        ranked = sorted(self.tags.items(), key=lambda item: (-item[1], item[0]))
        return [tag for tag, _ in ranked[:TOP_CATEGORIES]]
