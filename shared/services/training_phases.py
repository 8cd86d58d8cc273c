"""The five phases with what each needs of its run, the people log and the live bundle.

Imports stand inside the makers, so that the function of one phase does not load the others'.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from shared.domain.dataset import Plan, Shard
from shared.domain.errors import InvalidInput
from shared.services.phases import Patterns, Phase
from shared.storage.bundles import BundleRepository
from shared.storage.corrections import PeopleLog
from shared.storage.runs import Run

WORDNET = "wordnet/dict"


def make_phase(name: str, models_dir: Path, run: Run) -> Phase[Any]:
    """One phase of one run.

    Raises
    ------
    InvalidInput
        Where there is no such phase.
    """
    makers: dict[str, Callable[[Run], Phase[Any]]] = {
        "categories": _categories,
        "descriptions": _descriptions,
        "faces": _faces,
        "search_index": partial(_search_index, models_dir=models_dir),
        "improved_descriptions": _improved_descriptions,
    }
    if name not in makers:
        raise InvalidInput(f"There is no phase {name!r}: it is one of {', '.join(makers)}")
    return makers[name](run)


def _categories(_run: Run) -> Phase[Any]:
    from shared.learning import categories

    return Phase("categories", 2, categories.CategorySums, categories.observe, categories.solve, pixels=True)


def _descriptions(_run: Run) -> Phase[Any]:
    from shared.learning import descriptions

    return Phase("descriptions", 2, descriptions.DescriptionSums, descriptions.observe, descriptions.solve)


def _search_index(_run: Run, models_dir: Path) -> Phase[Any]:
    from shared.learning import search_index
    from shared.learning.wordnet import WordNet

    def solve(sums: search_index.SearchSums, plan: Plan) -> Patterns:
        return search_index.solve(sums, plan, WordNet.load(models_dir / WORDNET))

    return Phase("search_index", 2, search_index.SearchSums, search_index.observe, solve, pixels=True)


def _faces(run: Run) -> Phase[Any]:
    from shared.learning import faces

    def solve(sums: faces.FaceSums, plan: Plan) -> Patterns:
        live = BundleRepository(run.store).latest()
        previous = faces.FacePatterns.load(live.files) if live else None
        return faces.solve(sums, plan, PeopleLog(run.store).events(), previous)

    return Phase("faces", 1, faces.FaceSums, faces.observe, solve, whole_library=True)


def _improved_descriptions(run: Run) -> Phase[Any]:
    from shared.learning import improved_descriptions
    from shared.learning.improved_descriptions import ImprovedSums
    from shared.learning.patterns import Patterns as Learned

    solved = {
        name: body
        for phase in ("categories", "search_index", "faces")
        for name, body in run.solved(phase).items()
    }
    patterns = Learned.load(run.run_id, solved)

    def observe(shard: Shard, _plan: Plan) -> ImprovedSums:
        return improved_descriptions.observe(shard, patterns)

    def solve(sums: ImprovedSums, _plan: Plan) -> Patterns:
        return improved_descriptions.solve(sums)

    return Phase("improved_descriptions", 1, ImprovedSums, observe, solve, pixels=True)
