"""A bundle's patterns as they were learned without a fold of photos: for measuring on just those."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from shared.learning.categories import CategoryModel, load_rest
from shared.learning.naming import Namer
from shared.learning.patterns import Patterns
from shared.learning.pixels import Learned
from shared.learning.search_vectors import SearchSpace


@dataclass(frozen=True, eq=False)
class WithoutFold(Patterns):
    """Patterns that have learned no word of one fold's photos, nor remember them.

    Attributes
    ----------
    fold : int
    solution : Learned
    whole : Patterns
        The bundle's own.
    """

    fold: int
    solution: Learned
    whole: Patterns

    @cached_property
    def categories(self) -> CategoryModel:
        """See `Patterns.categories`."""
        return _forget(self.whole.categories.without(self.solution), self.fold)

    @cached_property
    def space(self) -> SearchSpace:
        """See `Patterns.space`."""
        return replace(self.whole.space, weights=self.solution.text)


def without_folds(version: str, files: Mapping[str, bytes]) -> dict[int, WithoutFold]:
    """By fold, a bundle's patterns without it: fold 0 alone, or all ten where few photos have words."""
    whole = Patterns(version, files)
    rest = load_rest(files)
    return {fold: WithoutFold(version, files, fold, solution, whole) for fold, solution in rest.items()}


def _forget(model: CategoryModel, fold: int) -> CategoryModel:
    """The model with the photos of a fold gone from its memory."""
    kept = np.flatnonzero(model.memory.fold != fold)
    return replace(
        model,
        memory=model.memory.take(kept),
        tags=_without_votes(model.tags, kept),
        words=_without_votes(model.words, kept),
    )


def _without_votes(namer: Namer, kept: NDArray[np.intp]) -> Namer:
    return replace(namer, witnesses=replace(namer.witnesses, votes=namer.witnesses.votes[kept]))
