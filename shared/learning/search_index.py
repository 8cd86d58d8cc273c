"""Phase 4: what search needs. Where photos without words stand among sentence vectors.

Files: `search_index.json` for people, `search_index.npz` for use.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain import arrays as npz
from shared.domain.dataset import Plan, Shard
from shared.learning.search_vectors import MODEL, PlaceSums, SearchSpace

FILE = "search_index.json"


@dataclass(frozen=True, slots=True, eq=False)
class SearchSums:
    """What phase 4 keeps of a shard."""

    places: PlaceSums

    def __add__(self, other: "SearchSums") -> "SearchSums":
        return SearchSums(self.places + other.places)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        return self.places.arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "SearchSums":
        """Read back what `arrays` gave."""
        return cls(PlaceSums.from_arrays(arrays))


@dataclass(frozen=True, slots=True, eq=False)
class SearchPatterns:
    """What phase 4 learned, as files."""

    space: SearchSpace
    photos: int
    worded: int

    def files(self) -> dict[str, bytes]:
        """Bundle file names with their bytes."""
        said = {"photos": self.photos, "worded": self.worded, "synonyms": {}}
        return {
            FILE: json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode(),
            MODEL: npz.dumps(self.space.arrays()),
        }


def observe(shard: Shard, plan: Plan) -> SearchSums:
    """Sum one shard."""
    return SearchSums(PlaceSums.observe(shard, plan))


def solve(sums: SearchSums, plan: Plan) -> SearchPatterns:
    """Solve the ridge to the places of photos."""
    places = sums.places
    space = SearchSpace.solve(places, plan.text_mean)
    return SearchPatterns(space, places.photos, plan.worded)
