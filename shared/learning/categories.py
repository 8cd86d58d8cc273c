"""Phase 1: which tags go together, and which tags and words the pixels show.

Files: `category_patterns.json` for people, `categories.npz` for use, `categories_rest.npz` for measuring.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from shared.domain import arrays as npz
from shared.domain.dataset import Plan, Shard
from shared.learning.calibration import Cuts, Logistic, choose_cuts
from shared.learning.cooccurrence import Cooccurrence, CoSums, learn
from shared.learning.cooccurrence import observe as observe_together
from shared.learning.examples import Examples
from shared.learning.kernel import KernelMap, plan_map
from shared.learning.memory import Memory
from shared.learning.naming import Namer, Witnesses
from shared.learning.pixels import (
    Learned,
    Measurement,
    PixelSums,
    detector_classes,
    measure,
    remembered_votes,
    solve_all,
    solve_folds,
)
from shared.learning.sketch import pack_texts, unpack_texts
from shared.learning.worded import target_tags, target_words

FILE = "category_patterns.json"
MODEL = "categories.npz"
REST = "categories_rest.npz"
TOGETHER_A_TAG = 50
NOTHING_SAID = "No photo has a description or tags yet: write some, and train again."


@dataclass(frozen=True, slots=True, eq=False)
class CategorySums:
    """What phase 1 keeps of a shard."""

    pixels: PixelSums
    examples: Examples
    together: CoSums

    def __add__(self, other: "CategorySums") -> "CategorySums":
        return CategorySums(
            self.pixels + other.pixels, self.examples + other.examples, self.together + other.together
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        together = {f"together.{name}": array for name, array in self.together.arrays().items()}
        return {**self.pixels.arrays(), **self.examples.arrays(), **together}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "CategorySums":
        """Read back what `arrays` gave."""
        start = "together."
        together = {
            name.removeprefix(start): array for name, array in arrays.items() if name.startswith(start)
        }
        return cls(PixelSums.from_arrays(arrays), Examples.from_arrays(arrays), CoSums.from_arrays(together))


@dataclass(frozen=True, slots=True, eq=False)
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

    def known(self, tags: Sequence[str]) -> list[str]:
        """Those of some tags that the library's photos taught something of."""
        place = _places(self.names)
        return [tag for tag in tags if tag in place]

    def expected(self, present: Collection[str]) -> list[tuple[str, float]]:
        """Tags to expect beside those present, with how much, most expected first."""
        place = _places(self.names)
        known = sorted(place[tag] for tag in present if tag in place)
        if not known:
            return []
        both = np.flatnonzero(np.isin(self.pairs, known).all(axis=1)) + len(self.names)
        expected = np.zeros(len(self.names), dtype=np.float32)
        for row in (*known, *both.tolist()):
            weights = slice(self.weights.indptr[row], self.weights.indptr[row + 1])
            expected[self.weights.indices[weights]] += self.weights.data[weights]
        order = np.argsort(-expected, kind="stable")[:TOGETHER_A_TAG]
        return [
            (self.names[tag], value)
            for tag, value in zip(order.tolist(), expected[order].tolist(), strict=True)
        ]


@lru_cache(maxsize=2)
def _places(names: tuple[str, ...]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


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
    """

    kernel: KernelMap
    memory: Memory
    tags: Namer
    words: Namer
    cuts: Cuts
    together: Together

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
        )

    def without(self, learned: Learned) -> "CategoryModel":
        """The same model with the witnesses of another solution."""
        tags = len(self.tags.names)
        return replace(
            self,
            tags=self.tags.relearned(learned.weights[:, :tags], learned.centroids[:tags]),
            words=self.words.relearned(learned.weights[:, tags : learned.names], learned.centroids[tags:]),
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
            "together.names": pack_texts(self.together.names),
            "together.pairs": self.together.pairs,
            "together.data": self.together.weights.data,
            "together.indices": self.together.weights.indices.astype(np.int32),
            "together.indptr": self.together.weights.indptr.astype(np.int32),
        }


@dataclass(frozen=True, slots=True, eq=False)
class CategoryPatterns:
    """What phase 1 learned, as files."""

    model: CategoryModel
    rest: dict[int, Learned]
    examples: Examples

    def files(self) -> dict[str, bytes]:
        """Bundle file names with their bytes."""
        return {
            FILE: json.dumps(self._said(), ensure_ascii=False, sort_keys=True, indent=1).encode(),
            MODEL: npz.dumps(self.model.arrays()),
            REST: npz.dumps(
                {
                    f"{part}.{fold}": getattr(learned, part).astype(np.float16)
                    for fold, learned in self.rest.items()
                    for part in ("weights", "centroids")
                }
            ),
        }

    def _said(self) -> dict[str, object]:
        cuts = self.model.cuts
        patterns = {
            tag: [{"description": e.description, "other_tags": list(e.other_tags)} for e in examples]
            for tag, examples in self.examples.of.items()
        }
        said: dict[str, object] = {
            "common_tags": [[tag, count] for tag, count in self.examples.common()],
            "patterns": patterns,
            "cuts": {
                "applied_from": round(cuts.apply, 4),
                "suggested_from": round(cuts.suggest, 4),
                "precision": round(cuts.precision, 4),
                "recall": round(cuts.recall, 4),
            },
        }
        if not self.examples.counts:
            said["missing"] = NOTHING_SAID
        return said


def load_rest(files: Mapping[str, bytes]) -> dict[int, Learned]:
    """By fold, the solution that has learned nothing from it."""
    stored = npz.loads(files[REST])
    folds = sorted(int(name.removeprefix("weights.")) for name in stored if name.startswith("weights."))
    return {
        fold: Learned(*(stored[f"{part}.{fold}"].astype(np.float32) for part in ("weights", "centroids")))
        for fold in folds
    }


def observe(shard: Shard, plan: Plan) -> CategorySums:
    """Sum one shard."""
    return CategorySums(
        PixelSums.observe(shard, plan), Examples.observe(shard, plan), observe_together(shard, plan)
    )


def solve(sums: CategorySums, plan: Plan) -> CategoryPatterns:
    """Solve the ridge, weigh the witnesses, choose the cuts."""
    pixels = sums.pixels
    memory = Memory.solve(pixels.memory, plan.text_mean)
    learned = solve_all(pixels)
    votes = remembered_votes(memory, plan)
    rest = solve_folds(pixels, plan)
    tag_pairs, word_pairs = measure(pixels, plan, memory, rest)
    every = learned.witnesses(slice(None), votes, detector_classes(plan))
    names = target_tags(plan)
    tags = _namer(names, 0, every, pixels.support, tag_pairs)
    words = _namer(target_words(plan), len(names), every, pixels.support, word_pairs)
    cuts = choose_cuts(
        tags.curve.probability(tag_pairs.inputs), tag_pairs.right, tag_pairs.total, plan.options.tag_precision
    )
    together = Together.of(plan.vocabulary, learn(sums.together, len(plan.vocabulary)))
    model = CategoryModel(plan_map(plan), memory, tags, words, cuts, together)
    return CategoryPatterns(model, rest, sums.examples)


def _namer(
    names: tuple[str, ...],
    start: int,
    witnesses: Witnesses,
    support: NDArray[np.int64],
    pairs: Measurement,
) -> Namer:
    columns = slice(start, start + len(names))
    curve = Logistic.fit(pairs.inputs, pairs.right)
    return Namer(names, support[columns], witnesses.of(columns), curve)
