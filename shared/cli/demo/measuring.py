"""How much the library taught, over all new photos: search and tags before and after, with 95 % intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.record import Enhancement
from shared.services.evaluation.base import (
    Figure,
    Statistic,
    bootstrap,
    bootstrap_mean,
    bootstrap_ratio,
    paired_difference,
)

DEPTHS = (1, 5)
Search = Callable[[str], Sequence[str]]
Values = NDArray[np.float64]
Places = Sequence[Sequence[float]]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure before and after, and their paired difference."""

    name: str
    before: Figure
    after: Figure
    difference: Figure

    @property
    def certain(self) -> bool:
        """Whether the interval of the difference leaves 0 out."""
        low, high = self.difference.low, self.difference.high
        return low is not None and high is not None and (low > 0 or high < 0)


def places(asked: Sequence[tuple[str, Sequence[str]]], search: Search) -> Places:
    """Where a photo stands among the hits when it is searched by what people wrote of it.

    Parameters
    ----------
    asked : sequence of (photo id, captions)
    search : callable
        From a query to photo ids, best first.

    Returns
    -------
    sequence of sequence of float
        For each photo and caption its place from 1; infinite where it is not among the hits.
    """
    return [[_place(search(caption), photo_id) for caption in captions] for photo_id, captions in asked]


def _place(hits: Sequence[str], wanted: str) -> float:
    return hits.index(wanted) + 1 if wanted in hits else float("inf")


def of_search(before: Places, after: Places) -> tuple[Row, ...]:
    """How often a photo is among the first hits.

    A photo counts by the mean over its captions, so that captions of one photo are not taken for independent;
    photos without captions are left out.
    """
    pairs = [(then, now) for then, now in zip(before, after, strict=True) if then]
    if not pairs:
        return ()
    then, now = zip(*pairs, strict=True)
    return tuple(
        _paired(
            f"found in first {depth}" if depth > 1 else "found first",
            _within(then, depth),
            _within(now, depth),
        )
        for depth in DEPTHS
    )


def _within(found: Places, depth: int) -> Values:
    return np.array([np.mean([place <= depth for place in of_photo]) for of_photo in found])


def _paired(name: str, before: Values, after: Values) -> Row:
    return Row(name, bootstrap_mean(before), bootstrap_mean(after), paired_difference(after, before))


@dataclass(frozen=True, slots=True)
class Named:
    """The tags a photo got: applied ones, and all it was offered, the applied among them."""

    applied: Sequence[str]
    offered: Sequence[str]

    @classmethod
    def of(cls, made: Enhancement | None) -> "Named":
        """The tags of an enhancement; none where there is no enhancement."""
        if made is None:
            return cls((), ())
        applied = [tag.tag for tag in made.tags]
        return cls(applied, applied + [tag.tag for tag in made.suggestions])


def of_tags(
    wanted: Sequence[Sequence[str]], before: Sequence[Named], after: Sequence[Named]
) -> tuple[Row, ...]:
    """How many applied tags are the owner's, and how many of the owner's were there; case does not count.

    Parameters
    ----------
    wanted : sequence of sequence of str
        A photo's tags by its owner.
    before, after : sequence of Named
        By the models alone, and by what was learned.
    """
    rows = [index for index, tags in enumerate(wanted) if tags]
    if not rows:
        return ()
    truth = [_folded(wanted[row]) for row in rows]
    applied = [[_folded(named[row].applied) for row in rows] for named in (before, after)]
    offered = [[_folded(named[row].offered) for row in rows] for named in (before, after)]
    owned = _sizes(truth)
    hits = [_hits(truth, said) for said in applied]
    return (
        _ratio("applied tags right", hits, [_sizes(said) for said in applied]),
        _ratio("owner's tags applied", hits, [owned, owned]),
        _ratio("owner's tags applied or suggested", [_hits(truth, said) for said in offered], [owned, owned]),
    )


def _hits(truth: Sequence[set[str]], said: Sequence[set[str]]) -> Values:
    return np.array([len(t & s) for t, s in zip(truth, said, strict=True)], dtype=float)


def _sizes(said: Sequence[set[str]]) -> Values:
    return np.array([len(s) for s in said], dtype=float)


def _folded(tags: Sequence[str]) -> set[str]:
    return {tag.casefold() for tag in tags}


def _ratio(name: str, numerators: Sequence[Values], denominators: Sequence[Values]) -> Row:
    before, after = (bootstrap_ratio(n, d) for n, d in zip(numerators, denominators, strict=True))
    return Row(name, before, after, bootstrap(len(numerators[0]), _difference(numerators, denominators)))


def _difference(numerators: Sequence[Values], denominators: Sequence[Values]) -> Statistic:
    def statistic(rows: NDArray[np.int64]) -> float:
        totals = [float(d[rows].sum()) for d in denominators]
        if 0 in totals:
            return float("nan")
        then, now = (float(n[rows].sum()) / total for n, total in zip(numerators, totals, strict=True))
        return now - then

    return statistic


def plainly(rows: Sequence[Row], library: int, new: int) -> tuple[str, ...]:
    """What the figures cannot show for want of photos, and what got worse, in sentences."""
    said = []
    open_rows = [row.name for row in rows if not row.certain]
    if open_rows:
        said.append(
            f"{library} photos teach little and {new} measure little: whether it helped is open for "
            f"“{'”, “'.join(open_rows)}” (the interval of the difference holds 0)."
        )
    said += [f"“{row.name}” got worse." for row in rows if row.certain and row.difference.value < 0]
    return tuple(said)
