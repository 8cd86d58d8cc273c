"""The key figures of a training, as its report states them."""

import json
from collections.abc import Mapping, Sequence
from math import isnan
from typing import Any

from rich.table import Table

from shared.cli.console import out
from shared.services.evaluation.base import Figure
from shared.storage.bundles import Bundle

REPORT = "training_report.json"
FACTS = (
    ("total_images", "photos"),
    ("images_with_words", "with owner's words"),
    ("total_tags", "tags given"),
    ("images_with_faces", "photos with faces"),
)


def read(bundle: Bundle) -> dict[str, Any]:
    """The report of a bundle's training."""
    report: dict[str, Any] = json.loads(bundle.files[REPORT])
    return report


def show(bundle: Bundle) -> None:
    """Print what a training learned from, how it measured, what the gate said and what to do next."""
    report = read(bundle)
    facts = ", ".join(f"{report[name]} {said}" for name, said in FACTS if name in report)
    out.print(f"{bundle.version}: {facts}", markup=False, soft_wrap=True)
    if report["before_after"]:
        out.print(comparisons(report["before_after"], report["measured_on"]))
    for reason in report["gate"]["reasons"]:
        out.print(f"gate: {reason}", markup=False, style="dim")
    for advice in report["advice"]:
        out.print(f"next: {advice}", markup=False)


def comparisons(rows: Sequence[Mapping[str, Any]], photos: int) -> Table:
    """Figures before and after learning, as reports hold them, on so many photos."""
    title = f"on {photos} photos, each without having learned from it"
    table = Table(show_edge=False, pad_edge=False, title=title, title_style="dim", title_justify="left")
    table.add_column("figure")
    table.add_column("models alone", justify="right")
    table.add_column("learned", justify="right")
    for row in rows:
        table.add_row(row["figure"], _stated(row["before"]), _stated(row["after"]))
    return table


def _stated(found: Mapping[str, float | None]) -> str:
    value = found["value"]
    return "-" if value is None else figure(Figure(value, found["low"], found["high"]))


def figure(found: Figure) -> str:
    """A figure with its 95 % interval, as text."""
    if isnan(found.value):
        return "-"
    if found.low is None or found.high is None:
        return f"{found.value:.3f}"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
