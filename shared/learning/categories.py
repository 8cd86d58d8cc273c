"""Phase 1: which tags go together, and which tags and words the pixels show.

Files: `category_patterns.json` for people, `categories.npz` for use, `categories_rest.npz` for measuring.
"""

import json
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shared.domain import arrays as npz
from shared.domain.dataset import Plan, Shard
from shared.learning.calibration import Cuts, Logistic, choose_cuts
from shared.learning.category_model import MODEL, CategoryModel, Together
from shared.learning.cooccurrence import CoSums, learn
from shared.learning.cooccurrence import observe as observe_together
from shared.learning.examples import Examples
from shared.learning.kernel import plan_map
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
from shared.learning.teaching import Taught, teach
from shared.learning.voice import choose_voice
from shared.learning.worded import target_tags, target_words

FILE = "category_patterns.json"
REST = "categories_rest.npz"
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
class CategoryPatterns:
    """What phase 1 learned, as files."""

    model: CategoryModel
    rest: dict[int, Learned]
    examples: Examples
    taught: Taught | None = None

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
            "sentences": self.model.voice.plain(),
        }
        if self.taught:
            said["corrections"] = self.taught.plain()
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
    """Solve the ridge, weigh the witnesses, choose the cuts.

    Which tags go together has nothing to do with pixels, and is learned beside that.
    """
    with ThreadPoolExecutor(1) as beside:
        learning = beside.submit(learn, sums.together, len(plan.vocabulary))
        memory, rest, tags, words, cuts = _from_pixels(sums.pixels, plan)
    together = Together.of(plan.vocabulary, learning.result())
    model = CategoryModel(plan_map(plan), memory, tags, words, cuts, together)
    model = replace(model, voice=choose_voice(model, sums.pixels, rest))
    return CategoryPatterns(model, rest, sums.examples, teach(sums.pixels, plan, memory, tags.curve))


def _from_pixels(pixels: PixelSums, plan: Plan) -> tuple[Memory, dict[int, Learned], Namer, Namer, Cuts]:
    """The memory, the solutions without each fold, the namers of tags and words, and the cuts."""
    memory = Memory.solve(pixels.memory, plan.text_mean)
    learned = solve_all(pixels)
    votes = remembered_votes(memory, plan)
    rest = solve_folds(pixels, plan)
    tag_pairs, word_pairs = measure(pixels, plan, memory, votes, rest)
    every = learned.witnesses(slice(None), votes, detector_classes(plan))
    names = target_tags(plan)
    tags = _namer(names, 0, every, pixels.support, tag_pairs)
    words = _namer(target_words(plan), len(names), every, pixels.support, word_pairs)
    cuts = choose_cuts(
        tags.curve.probability(tag_pairs.inputs), tag_pairs.right, tag_pairs.total, plan.options.tag_precision
    )
    return memory, rest, tags, words, cuts


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
