"""What phase 1 learned, ready for use: tags and words from pixels, tags from tags, and how to speak.

Stored as `categories.npz`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from shared.domain import arrays as npz
from shared.learning.calibration import NEVER, Cuts
from shared.learning.cooccurrence import Cooccurrence
from shared.learning.kernel import KernelMap
from shared.learning.memory import Memory
from shared.learning.naming import Namer
from shared.learning.pixels import Learned
from shared.learning.sketch import pack_texts, unpack_texts

MODEL = "categories.npz"
TOGETHER_A_TAG = 50


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks where the owner wrote nothing, as measured on photos not learned from.

    Attributes
    ----------
    words_from : float
        Chance from which on a learned word may be said; `NEVER` where the models' own sentences do better.
    learned, models : float
        F1 of the content words of learned sentences and of the models' against the owner's own.
    photos : float
        How many it was measured on.
    completed : float
        F1 of the models' sentences with what the library makes likely added.
    adds : float
        1 where that is added wherever no learned sentence is said, else 0.
    """

    words_from: float
    learned: float
    models: float
    photos: float
    completed: float = 0.0
    adds: float = 0.0

    @property
    def speaks(self) -> bool:
        """Whether learned sentences are used."""
        return self.words_from < NEVER

    @property
    def completes(self) -> bool:
        """Whether the models' sentences are completed."""
        return self.adds > 0

    @property
    def describes(self) -> bool:
        """Whether anything learned is in descriptions."""
        return self.speaks or self.completes

    def plain(self) -> dict[str, object]:
        """For people."""
        return {
            "by": "learned" if self.speaks else "models",
            "words_from": self.words_from if self.speaks else None,
            "f1": round(self.learned, 4),
            "f1_of_models": round(self.models, 4),
            "completes_models": self.completes,
            "f1_of_completed": round(self.completed, 4),
            "photos": int(self.photos),
        }


SILENT = Voice(NEVER, 0.0, 0.0, 0)


@dataclass(frozen=True, eq=False)
class Together:
    """Which tags to expect beside others: the strongest weights of the co-occurrence model.

    Attributes
    ----------
    names : tuple of str
        The library's tags, V of them.
    pairs : (p, 2) int32
        Numbers of tags that predict jointly.
    weights : (V + p, V) sparse float32
    """

    names: tuple[str, ...]
    pairs: NDArray[np.int32]
    weights: csr_array

    @classmethod
    def of(cls, names: tuple[str, ...], model: Cooccurrence) -> "Together":
        """Keep the 50 strongest weights of every tag and pair."""
        kept = np.zeros(model.weights.shape, dtype=np.float32)
        strongest = np.argsort(-np.abs(model.weights), axis=1, kind="stable")[:, :TOGETHER_A_TAG]
        np.put_along_axis(kept, strongest, np.take_along_axis(model.weights, strongest, axis=1), axis=1)
        return cls(names, model.pairs, csr_array(kept))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def _pair_rows(self) -> dict[tuple[int, int], int]:
        """Row of the weights of each pair."""
        return {(one, other): len(self.names) + row for row, (one, other) in enumerate(self.pairs.tolist())}

    def known(self, tags: Sequence[str]) -> list[str]:
        """Those of some tags that the library's photos taught something of."""
        return [tag for tag in tags if tag in self._places]

    def expected(self, present: Collection[str], least: float) -> list[tuple[str, float]]:
        """Tags to expect at least so much beside those present, with how much, most expected first."""
        place = self._places
        known = sorted(place[tag] for tag in present if tag in place)
        if not known:
            return []
        both = sorted(self._pair_rows[pair] for pair in combinations(known, 2) if pair in self._pair_rows)
        rows = [slice(*self.weights.indptr[row : row + 2].tolist()) for row in (*known, *both)]
        tags = np.concatenate([self.weights.indices[row] for row in rows])
        weights = np.concatenate([self.weights.data[row] for row in rows])
        expected = np.bincount(tags, weights, minlength=len(self.names))
        enough = np.flatnonzero(expected >= least)
        order = enough[np.argsort(-expected[enough], kind="stable")]
        return [
            (self.names[tag], value)
            for tag, value in zip(order.tolist(), expected[order].tolist(), strict=True)
        ]


@dataclass(frozen=True, slots=True, eq=False)
class CategoryModel:
    """What phase 1 learned, ready for use.

    Attributes
    ----------
    kernel : KernelMap
    memory : Memory
    tags, words : Namer
    cuts : Cuts
    together : Together
    voice : Voice
    """

    kernel: KernelMap
    memory: Memory
    tags: Namer
    words: Namer
    cuts: Cuts
    together: Together
    voice: Voice = SILENT

    @classmethod
    def load(cls, files: Mapping[str, bytes]) -> "CategoryModel":
        """Read a bundle's file."""
        stored = npz.loads(files[MODEL])
        beside = unpack_texts(stored["together.names"])
        weights = csr_array(
            tuple(stored[f"together.{part}"] for part in ("data", "indices", "indptr")),
            shape=(len(stored["together.indptr"]) - 1, len(beside)),
        )
        return cls(
            KernelMap.from_arrays(stored),
            Memory.from_arrays(stored),
            Namer.from_arrays(stored, "tags"),
            Namer.from_arrays(stored, "words"),
            Cuts(*stored["cuts"].astype(np.float64).tolist()),
            Together(beside, stored["together.pairs"].astype(np.int32), weights),
            Voice(*stored["voice"].astype(np.float64).tolist()),
        )

    def without(self, fold: int, learned: Learned) -> "CategoryModel":
        """The same model without a fold's photos, under a solution that has learned nothing from them."""
        kept = np.flatnonzero(self.memory.fold != fold)
        tags = len(self.tags.names)
        return replace(
            self,
            memory=self.memory.take(kept),
            tags=self.tags.relearned(learned.weights[:, :tags], learned.centroids[:tags], kept),
            words=self.words.relearned(
                learned.weights[:, tags : learned.names], learned.centroids[tags:], kept
            ),
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `load` reads back."""
        cuts = self.cuts
        return {
            **self.kernel.arrays(),
            **self.memory.arrays(),
            **self.tags.arrays("tags"),
            **self.words.arrays("words"),
            "cuts": np.asarray([cuts.apply, cuts.suggest, cuts.precision, cuts.recall]),
            "voice": np.asarray(astuple(self.voice), dtype=np.float64),
            "together.names": pack_texts(self.together.names),
            "together.pairs": self.together.pairs,
            "together.data": self.together.weights.data,
            "together.indices": self.together.weights.indices.astype(np.int32),
            "together.indptr": self.together.weights.indptr.astype(np.int32),
        }
