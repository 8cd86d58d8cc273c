"""The five phases with what each needs of the run, the people log and the live bundle."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.domain.dataset import Plan, Shard
from shared.domain.errors import InvalidInput
from shared.learning import categories, descriptions, faces, improved_descriptions, search_index
from shared.learning.improved_descriptions import ImprovedPatterns, ImprovedSums
from shared.learning.patterns import Patterns
from shared.services.phases import Phase
from shared.storage.bundles import BundleRepository
from shared.storage.corrections import PeopleLog
from shared.storage.runs import Run


def make_phase(name: str, models_dir: Path, run: Run) -> Phase[Any]:
    """One phase of one run.

    Raises
    ------
    InvalidInput
        Where there is no such phase.
    """
    makers: dict[str, Callable[[], Phase[Any]]] = {
        "categories": lambda: Phase(
            "categories", 1, categories.CategorySums, categories.observe, categories.solve
        ),
        "descriptions": lambda: Phase(
            "descriptions", 1, descriptions.DescriptionSums, descriptions.observe, descriptions.solve
        ),
        "faces": lambda: _faces(run),
        "search_index": lambda: Phase(
            "search_index", 1, search_index.SearchSums, search_index.observe, search_index.solve
        ),
        "improved_descriptions": lambda: _improved_descriptions(run),
    }
    if name not in makers:
        raise InvalidInput(f"There is no phase {name!r}: it is one of {', '.join(makers)}")
    return makers[name]()


def _faces(run: Run) -> Phase[faces.FaceSums]:
    def solve(sums: faces.FaceSums, plan: Plan) -> faces.FacePatterns:
        live = BundleRepository(run.store).latest()
        previous = faces.FacePatterns.load(live.files) if live else None
        return faces.solve(sums, plan, PeopleLog(run.store).events(), previous)

    return Phase("faces", 1, faces.FaceSums, faces.observe, solve, whole_library=True)


def _improved_descriptions(run: Run) -> Phase[ImprovedSums]:
    solved = {
        name: body
        for phase in ("categories", "search_index", "faces")
        for name, body in run.solved(phase).items()
    }
    patterns = Patterns.load(run.run_id, solved)

    def observe(shard: Shard, _plan: Plan) -> ImprovedSums:
        return improved_descriptions.observe(shard, patterns)

    def solve(sums: ImprovedSums, _plan: Plan) -> ImprovedPatterns:
        return improved_descriptions.solve(sums)

    return Phase("improved_descriptions", 1, ImprovedSums, observe, solve)
