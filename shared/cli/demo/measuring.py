"""How much the library taught, over all new photos: before and after, with 95 % intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.record import Enhancement
from shared.learning.words import content_lemmas
from shared.services.evaluation.base import (
    Figure,
    Statistic,
    bootstrap,
    bootstrap_mean,
    bootstrap_ratio,
    paired_difference,
)

DEPTHS = (1, 5)
APPLIED = "owner's tags applied"
WHY_FEWER = "Applied are only tags that are right most of the time, the others wait as suggestions."
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


def of_descriptions(
    captions: Sequence[Sequence[str]], before: Sequence[str], after: Sequence[str]
) -> tuple[Row, ...]:
    """How many content words of a description people used too, and which share of them.

    Parameters
    ----------
    captions : sequence of sequence of str
        What people wrote of each photo; photos without any are left out.
    before, after : sequence of str
        What the models alone say, and what was made with the library's words.
    """
    rows = [row for row, texts in enumerate(captions) if texts]
    if not rows:
        return ()
    truth = [set(content_lemmas(" . ".join(captions[row]))) for row in rows]
    said = [[set(content_lemmas(texts[row])) for row in rows] for texts in (before, after)]
    right = [_hits(truth, words) for words in said]
    return (
        _paired("right details a description", *right),
        _ratio("details that are right", right, [_sizes(words) for words in said]),
    )


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
    found = [_hits(truth, said) for said in offered]
    f1 = [_f1(right, owned, _sizes(said)) for right, said in zip(found, offered, strict=True)]
    return (
        _paired("tags applied and suggested, F1", *f1),
        _ratio("applied tags right", hits, [_sizes(said) for said in applied]),
        _ratio(APPLIED, hits, [owned, owned]),
        _ratio("owner's tags applied or suggested", found, [owned, owned]),
    )


def _hits(truth: Sequence[set[str]], said: Sequence[set[str]]) -> Values:
    return np.array([len(t & s) for t, s in zip(truth, said, strict=True)], dtype=float)


def _f1(hits: Values, owned: Values, named: Values) -> Values:
    return 2 * hits / (owned + named)


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
    worse = [row.name for row in rows if row.certain and row.difference.value < 0]
    said += [f"“{name}” got worse.{f' {WHY_FEWER}' if name == APPLIED else ''}" for name in worse]
    better = [row.name for row in rows if row.certain and row.difference.value > 0]
    return (*([f"Better: “{'”, “'.join(better)}”."] if better else []), *said)
