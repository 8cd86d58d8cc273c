"""The report's pictures, as SVG text that a page holds inline."""

import io
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np

from shared.services.evaluation.base import Figure
from shared.services.reporting.content import Comparison, CurvePoint

mpl.use("svg")

from matplotlib.figure import Figure as Canvas

INK, BEFORE, AFTER = "#1d2433", "#9aa4b5", "#2563eb"
WIDTH = 4.2
"""Inches: as wide as a phone, so that letters keep their size there."""
STYLE: dict[Any, str] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "avinash-eye",
    "font.family": "sans-serif",
    "text.color": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}


def before_after(comparisons: Sequence[Comparison]) -> str:
    """Each figure as a pair of points with their intervals, on a scale of its own."""
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(WIDTH, 1.0 * len(comparisons) + 0.2), layout="constrained")
        rows = canvas.subplots(len(comparisons), 1, squeeze=False)[:, 0]
        for axes, comparison in zip(rows, comparisons, strict=True):
            _interval(axes, comparison.before, 1, BEFORE)
            _interval(axes, comparison.after, 0, AFTER)
            axes.set_title(comparison.name, loc="left", fontsize=10, pad=9)
            axes.set_yticks([1, 0], ["before", "after"], fontsize=8)
            axes.set_ylim(-0.6, 1.6)
            axes.set_xlim(left=0)
            axes.tick_params(axis="x", labelsize=8)
            axes.locator_params(axis="x", nbins=6)
            axes.spines[["top", "right", "left"]].set_visible(False)
            axes.tick_params(axis="y", length=0)
        return _svg(canvas)


def learning_curve(curve: Sequence[CurvePoint]) -> str:
    """How well tags are found after each number of corrections, with the intervals as a band."""
    places = np.arange(len(curve))
    known = [point.precision for point in curve]
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(WIDTH, 2.6), layout="constrained")
        axes = canvas.subplots()
        low = [one.value if one.low is None else one.low for one in known]
        high = [one.value if one.high is None else one.high for one in known]
        axes.fill_between(places, low, high, color=AFTER, alpha=0.15, linewidth=0)
        axes.plot(places, [one.value for one in known], "o-", color=AFTER)
        for place, one in zip(places.tolist(), known, strict=True):
            axes.annotate(
                f"{one.value:.2f}", (place, one.value), (0, 8), textcoords="offset points", ha="center"
            )
        axes.set_xticks(places, [str(point.corrections) for point in curve])
        axes.set_xlabel("photos you gave the tag")
        axes.set_ylabel("average precision")
        axes.set_ylim(0, 1.25 * max(high))
        axes.spines[["top", "right"]].set_visible(False)
        return _svg(canvas)


def tag_graph(pairs: Sequence[tuple[str, str, int]]) -> str:
    """Tags on a circle, joined where they often go together; thicker is more often."""
    names = sorted({name for first, second, _ in pairs for name in (first, second)})
    angle = {name: 2 * np.pi * place / len(names) for place, name in enumerate(names)}
    most = max(count for _, _, count in pairs)
    with mpl.rc_context(STYLE):
        canvas = Canvas(figsize=(WIDTH, WIDTH), layout="constrained")
        axes = canvas.subplots()
        for first, second, count in pairs:
            ends = np.array([[np.cos(angle[n]), np.sin(angle[n])] for n in (first, second)])
            axes.plot(*ends.T, color=AFTER, alpha=0.25 + 0.5 * count / most, linewidth=0.5 + 4 * count / most)
        for name in names:
            x, y = np.cos(angle[name]), np.sin(angle[name])
            turn = np.degrees(angle[name])
            flipped = turn % 360 > 90 and turn % 360 < 270
            axes.text(
                1.06 * x,
                1.06 * y,
                name,
                rotation=turn + 180 if flipped else turn,
                rotation_mode="anchor",
                ha="right" if flipped else "left",
                va="center",
                fontsize=9,
                parse_math=False,
            )
        axes.set_xlim(-1.5, 1.5)
        axes.set_ylim(-1.5, 1.5)
        axes.set_aspect("equal")
        axes.axis("off")
        return _svg(canvas)


def _interval(axes: mpl.axes.Axes, figure: Figure, height: float, colour: str) -> None:
    if figure.low is not None and figure.high is not None:
        axes.plot(
            [figure.low, figure.high], [height, height], color=colour, linewidth=3, solid_capstyle="round"
        )
    axes.plot(figure.value, height, "o", color=colour, markersize=7)
    axes.annotate(
        f"{figure.value:.2f}", (figure.value, height), (0, 7), textcoords="offset points", fontsize=8
    )


def _svg(canvas: Canvas) -> str:
    buffer = io.StringIO()
    canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None})
    text = buffer.getvalue()
    return text[text.index("<svg") :]
