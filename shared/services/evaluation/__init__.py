"""`eye evaluate`: the product's own analysis and learning, measured task by task on a folder of real data.

A task is a module of this package with `run(data: Path) -> TaskResult`.
"""

from importlib import import_module
from pathlib import Path

from shared.domain.errors import InvalidInput
from shared.services.evaluation.base import Figure, TaskResult

TASKS = ("tags", "descriptions", "search", "synonyms", "cooccurrence", "people", "detection", "few_words")

__all__ = ["TASKS", "Figure", "TaskResult", "run"]


def run(task: str, data: Path) -> TaskResult:
    """Measure one task over a folder laid out like the evaluation data.

    Raises
    ------
    InvalidInput
        If there is no such task, or the folder lacks what the task reads.
    """
    if task not in TASKS:
        raise InvalidInput(f"There is no task {task!r}: choose from {', '.join(TASKS)}.")
    module = import_module(f"{__name__}.{task}")
    result: TaskResult = module.run(data)
    return result
