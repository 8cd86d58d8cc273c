"""What every evaluation task gives back: figures with bootstrap intervals, and lines others can score."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.services.contact_sheets import Row

RESAMPLES = 1_000
LEARNED = "learned"
BEFORE = "before"

Statistic = Callable[[NDArray[np.int64]], float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured number with its bootstrap 95 % interval; a count has no interval."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class TaskResult:
    """What one task measured.

    Attributes
    ----------
    task : str
        Name as given to `--task`.
    items : int
        Photos, queries or rows scored.
    methods : dict of str to dict of str to Figure
        Figures of each method: `learned` first, `before` (the models alone), then the baselines.
    dump : tuple of dict
        One JSON object an item, in the format of the task, for `--dump`.
    notes : tuple of str
        What a reader should know: choices made on validation, and paired comparisons.
    sheets : dict of str to tuple of Row
        Contact sheets to look at, by name, for `--dump`.
    """

    task: str
    items: int
    methods: Mapping[str, Mapping[str, Figure]]
    dump: tuple[dict[str, Any], ...] = ()
    notes: tuple[str, ...] = field(default=())
    sheets: Mapping[str, tuple[Row, ...]] = field(default_factory=dict)

    def flat(self) -> dict[str, float]:
        """Figures by name for `--json`: the learned ones plain, others prefixed, bounds suffixed."""
        figures: dict[str, float] = {"items": float(self.items)}
        for method, values in self.methods.items():
            prefix = "" if method == LEARNED else f"{method}."
            for name, figure in values.items():
                figures[f"{prefix}{name}"] = figure.value
                if figure.low is not None and figure.high is not None:
                    figures[f"{prefix}{name}_low"] = figure.low
                    figures[f"{prefix}{name}_high"] = figure.high
        return figures


def bootstrap(items: int, statistic: Statistic, *, seed: int = 0, resamples: int = RESAMPLES) -> Figure:
    """A statistic of all items with its percentile interval over resampled items.

    Parameters
    ----------
    items : int
        How many items there are.
    statistic : callable
        From an index array (with repetitions) to the figure; NaN where it is undefined.

    References
    ----------
    Efron, B. & Tibshirani, R. (1993). An Introduction to the Bootstrap, chapter 13.
    """
    if items == 0:
        return Figure(float("nan"))
    rng = np.random.default_rng(seed)
    draws = np.array([statistic(rng.integers(0, items, items)) for _ in range(resamples)])
    value = float(statistic(np.arange(items)))
    if np.isnan(draws).all():
        return Figure(value)
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return Figure(value, float(low), float(high))


def bootstrap_mean(values: NDArray[np.float64], *, seed: int = 0) -> Figure:
    """The mean of one value an item, with its interval."""
    return bootstrap(len(values), lambda rows: float(values[rows].mean()), seed=seed)


def bootstrap_ratio(
    numerator: NDArray[np.float64], denominator: NDArray[np.float64], *, seed: int = 0
) -> Figure:
    """A ratio of sums over items (precision, recall) with its interval; NaN where nothing was counted."""

    def ratio(rows: NDArray[np.int64]) -> float:
        total = float(denominator[rows].sum())
        return float(numerator[rows].sum()) / total if total else float("nan")

    return bootstrap(len(numerator), ratio, seed=seed)


def paired_difference(first: NDArray[np.float64], second: NDArray[np.float64], *, seed: int = 0) -> Figure:
    """Mean of `first - second` over the same items with its interval: better if `low` is above 0."""
    return bootstrap_mean(np.asarray(first) - np.asarray(second), seed=seed)
