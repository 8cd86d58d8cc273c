"""The steps of a training as people follow them: export, the five phases, the report."""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from shared.storage.standing import Standing, Step

PARALLEL = "Learn"
TRAINING = (
    ("Export", "what changed, as columns", ("Plan", "ExportShards", "Count")),
    ("1 Categories", "which tags go together, which pixels show", ("Categories", PARALLEL)),
    ("2 Descriptions", "the words that set categories apart", ("Descriptions", PARALLEL)),
    ("3 Faces", "who is who", ("Faces", PARALLEL)),
    ("4 Search index", "related words, a place for every photo", ("SearchIndex", PARALLEL)),
    ("5 Improved descriptions", "a better sentence for every photo", ("Improved",)),
    ("Report", "measure, gate, publish, promote", ("Report",)),
)
REPROCESS = (
    ("Plan", "list the records", ("Plan",)),
    ("Records", "enhance each anew, no model runs", ("Enhance",)),
    ("Finish", "count them", ("Finish",)),
)
Phases = Sequence[tuple[str, str, Sequence[str]]]


def table(standing: Standing, phases: Phases) -> Table:
    """The phases with a mark for waiting, running, done or failed, and the seconds each took."""
    shown = Table.grid(padding=(0, 2))
    shown.add_column(no_wrap=True)
    shown.add_column(no_wrap=True)
    shown.add_column(justify="right", no_wrap=True)
    shown.add_column(style="dim")
    for name, what, words in phases:
        mark, seconds = _mark(_steps(standing, words), standing)
        shown.add_row(mark, name, seconds, what)
    return shown


def _steps(standing: Standing, words: Sequence[str]) -> list[Step]:
    """The steps of a phase; engines that keep the branches of a Parallel to themselves show `Learn` alone."""
    own = [step for step in standing.steps if any(word in step.name for word in words)]
    branch = [step for step in own if step.name != PARALLEL]
    return branch or own


def _mark(steps: Sequence[Step], standing: Standing) -> tuple[Text | Spinner, str]:
    if not steps:
        return Text("·", style="dim"), ""
    ends = [step.ended for step in steps if step.ended]
    started = min(step.started for step in steps)
    if len(ends) == len(steps):
        return Text("✓", style="green"), f"{(max(ends) - started).total_seconds():.1f} s"
    if standing.running:
        return Spinner("dots"), f"{(datetime.now(UTC) - started).total_seconds():.0f} s"
    return Text("✗", style="red"), ""
