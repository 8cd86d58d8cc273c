"""Phase 4: what search needs. Related words, and where photos without words stand among sentence vectors.

Files: `search_index.json` with the related words, `search_index.npz` and `search_words.npz` for use.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shared.domain import arrays as npz
from shared.domain.dataset import Plan, Shard
from shared.domain.vectors import Array
from shared.learning import synonyms
from shared.learning.meanings import Meanings
from shared.learning.pixels import measured_photos
from shared.learning.ridge import unit_rows
from shared.learning.search_vectors import MODEL, PENALTY, PlaceSums, SearchSpace
from shared.learning.sketch import Sketch
from shared.learning.synonyms import Synonyms, SynonymSums
from shared.learning.worded import worded
from shared.learning.wordnet import WordNet

FILE = "search_index.json"
MEANINGS = "search_words.npz"
SHARES = (1.0, 0.7, 0.5, 0.35, 0.2, 0.1, 0.0)


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
    space = SearchSpace.solve(places, plan.text_mean)
    words = synonyms.solve(sums.words, plan, plan.options.synonyms, wordnet)
    return SearchPatterns(replace(space, share=_share(sums, space)), words, places.photos, plan.worded)


def _share(sums: SearchSums, space: SearchSpace) -> Array:
    """How much the learned place should count: what finds measured photos best by their own words.

    A solution that has not learned from a photo places it; the largest share wins a tie. Shape (1,).
    """
    columns = {name: column.astype(np.float32) for name, column in sums.measured.columns.items()}
    asked, seen = unit_rows(columns["text"]), space.seen(columns["zero_shot"])
    quality = np.zeros(len(SHARES))
    for fold in np.unique(columns["fold"]).tolist():
        rows = np.flatnonzero(columns["fold"] == fold)
        phi, text = columns["phi"][rows], columns["text"][rows]
        weights = sums.places.ridge.solve_without(phi, [text], PENALTY)
        anchors = asked[columns["fold"] != fold]
        for number, share in enumerate(SHARES):
            without = replace(space, weights=weights, share=np.full(1, share, dtype=np.float32))
            quality[number] += _reciprocal_ranks(without.stand(phi, seen[rows], anchors).scores(asked[rows]))
    return np.full(1, SHARES[int(np.argmax(np.round(quality, 6)))], dtype=np.float32)


def _reciprocal_ranks(scores: Array) -> float:
    """Sum of reciprocal ranks where query i is answered by photo i. Scores have shape (n, n)."""
    rank = (scores > scores.diagonal()[:, None]).sum(axis=1)
    return float((1 / (rank + 1)).sum())
