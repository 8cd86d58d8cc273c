"""Phase 4: what search needs. Related words, and where photos without words stand among sentence vectors.

Files: `search_index.json` with the related words, `search_index.npz` and `search_words.npz` for use.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain import arrays as npz
from shared.domain.dataset import Plan, Shard
from shared.learning import synonyms
from shared.learning.meanings import Meanings
from shared.learning.pixels import measured_photos
from shared.learning.search_calibration import calibrated
from shared.learning.search_vectors import CUT, MODEL, PlaceSums, SearchSpace
from shared.learning.sketch import Sketch
from shared.learning.synonyms import Synonyms, SynonymSums
from shared.learning.worded import worded
from shared.learning.wordnet import WordNet

FILE = "search_index.json"
MEANINGS = "search_words.npz"


@dataclass(frozen=True, slots=True, eq=False)
class SearchSums:
    """What phase 4 keeps of a shard."""

    places: PlaceSums
    measured: Sketch
    words: SynonymSums

    def __add__(self, other: "SearchSums") -> "SearchSums":
        return SearchSums(
            self.places + other.places, self.measured + other.measured, self.words + other.words
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        words = {f"words.{name}": array for name, array in self.words.arrays().items()}
        return {**self.places.arrays(), **self.measured.arrays("measured"), **words}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "SearchSums":
        """Read back what `arrays` gave."""
        start = "words."
        words = {name.removeprefix(start): a for name, a in arrays.items() if name.startswith(start)}
        return cls(
            PlaceSums.from_arrays(arrays),
            Sketch.from_arrays(arrays, "measured"),
            SynonymSums.from_arrays(words),
        )


@dataclass(frozen=True, slots=True, eq=False)
class SearchPatterns:
    """What phase 4 learned, as files."""

    space: SearchSpace
    words: Synonyms
    photos: int
    worded: int

    def files(self) -> dict[str, bytes]:
        """Bundle file names with their bytes."""
        said = {
            "photos": self.photos,
            "worded": self.worded,
            "cut": round(float(self.space.cut[0]), 4),
            "synonyms": self.words.table,
            "reasons": self.words.reasons,
        }
        return {
            FILE: json.dumps(said, ensure_ascii=False, sort_keys=True, indent=1).encode(),
            MODEL: npz.dumps(self.space.arrays()),
            MEANINGS: npz.dumps(self.words.meanings.arrays()),
        }


def load_words(files: Mapping[str, bytes]) -> Synonyms:
    """The related words of a bundle, and what its owner means by words."""
    said = json.loads(files[FILE])
    meanings = Meanings.from_arrays(npz.loads(files[MEANINGS]))
    return Synonyms.from_tables(said["synonyms"], said["reasons"], meanings)


def load_cut(files: Mapping[str, bytes]) -> float:
    """The score from which on a photo answers a query whose words the library of a bundle knows."""
    return float(json.loads(files[FILE]).get("cut", CUT))


def observe(shard: Shard, plan: Plan) -> SearchSums:
    """Sum one shard."""
    return SearchSums(
        PlaceSums.observe(shard, plan),
        measured_photos(shard, plan, worded(shard, plan)),
        synonyms.observe(shard, plan),
    )


def solve(sums: SearchSums, plan: Plan, wordnet: WordNet | None = None) -> SearchPatterns:
    """Solve the ridge to the places of photos, and weigh what relates words."""
    places = sums.places
    space = calibrated(SearchSpace.solve(places, plan.text_mean), places, sums.measured, plan.worded)
    words = synonyms.solve(sums.words, plan, plan.options.synonyms, wordnet)
    return SearchPatterns(space, words, places.photos, plan.worded)
