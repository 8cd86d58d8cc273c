"""A bundle's patterns as they were learned without a fold of photos: for measuring on just those."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from shared.learning.categories import load_rest
from shared.learning.category_model import CategoryModel
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
        return self.whole.categories.without(self.fold, self.solution)

    @cached_property
    def space(self) -> SearchSpace:
        """See `Patterns.space`."""
        return replace(self.whole.space, weights=self.solution.text)


def without_folds(version: str, files: Mapping[str, bytes]) -> dict[int, WithoutFold]:
    """By fold, a bundle's patterns without it: fold 0 alone, or all ten where few photos have words."""
    whole = Patterns(version, files)
    rest = load_rest(files)
    return {fold: WithoutFold(version, files, fold, solution, whole) for fold, solution in rest.items()}
