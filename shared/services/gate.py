"""The gate: whether a new bundle may go live, by what was measured on photos it has not learned from."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.services.evaluation.base import Figure, bootstrap_mean, paired_difference

FEWEST = 5
"""Photos from which on a fall counts: fewer may all fall by chance."""
NEARLY_ALWAYS = 0.9
"""Right answers of who always says the most common tags, in a library that has hardly others."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Guarded:
    """One guarded figure: its value for each held-out photo, under the new bundle and another.

    Attributes
    ----------
    name : str
        As people read it.
    new : (n,) float64
        Under the new bundle, solved without these photos.
    reference : (n,) float64
        Under the live bundle solved without its held-out tenth; without any bundle where none is live.
    popularity : (n,) float64 or None
        What always guessing the most common answers gets; None where that makes no sense.
    recorded : Figure or None
        The figure in the live bundle's manifest.
    against : str
        What the reference is, as people read it.
    """

    name: str
    new: Values
    reference: Values
    popularity: Values | None = None
    recorded: Figure | None = None
    against: str = "what is live"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the bundle may go live, and the sentences that say why."""

    accepted: bool
    reasons: tuple[str, ...]


def judge(figures: Sequence[Guarded], *, measured_before: bool) -> Verdict:
    """Hold a new bundle against the live one.

    Parameters
    ----------
    figures : sequence of Guarded
        Those that could be measured.
    measured_before : bool
        Whether the live bundle was measured on anything: a library that lost all its words is not promoted
        over one that was measured.
    """
    measured = [figure for figure in figures if len(figure.new)]
    if not measured:
        if measured_before:
            return Verdict(
                False, ("No photo with owner's words is left to measure on; the live bundle had some",)
            )
        return Verdict(True, ("Nothing could be measured yet: no photo has owner's words",))
    objections = tuple(objection for figure in measured for objection in _objections(figure))
    if objections:
        return Verdict(False, objections)
    return Verdict(True, tuple(_praise(figure) for figure in measured))


def _objections(figure: Guarded) -> list[str]:
    found = []
    if len(figure.new) >= FEWEST:
        change = paired_difference(figure.new, figure.reference)
        if _surely_below(change):
            found.append(f"{figure.name} fell by {-change.value:.3f} ({_interval(change)})")
        if figure.popularity is not None and not _beats(figure.new, figure.popularity):
            found.append(f"{figure.name} does not beat guessing the most common answers")
    now = bootstrap_mean(figure.new)
    then = figure.recorded
    if then and then.low is not None and now.high is not None and now.high < then.low:
        found.append(
            f"{figure.name} is {now.value:.3f} ({_interval(now)}), the live bundle's was "
            f"{then.value:.3f} ({_interval(then)})"
        )
    return found


def _surely_below(change: Figure) -> bool:
    return change.high is not None and change.high < 0


def _beats(new: Values, popularity: Values) -> bool:
    """Whether answers are better than the most common ones; no worse where those leave little to beat."""
    lead = paired_difference(new, popularity)
    common = float(popularity.mean())
    if common == 0 or common >= NEARLY_ALWAYS:
        return not _surely_below(lead)
    return lead.value > 0


def _praise(figure: Guarded) -> str:
    change = paired_difference(figure.new, figure.reference)
    return f"{figure.name}: {change.value:+.3f} against {figure.against} ({_interval(change)})"


def _interval(figure: Figure) -> str:
    return "no interval" if figure.low is None else f"95 % interval {figure.low:.3f} to {figure.high:.3f}"
