"""How much the learned place counts in search, and what its scores are worth beside cosines of words.

Both are measured on photos with words that a solution places without having learned from them. How much
counts follows from how many photos taught, unless these photos show with some certainty (two standard errors
of the paired difference) that another share finds them better.

References
----------
Breiman, L., Friedman, J., Olshen, R. & Stone, C. (1984). Classification and Regression Trees, 3.4.3: what
is best on few measured photos is best by luck; rules on standard errors.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.ridge import unit_rows
from shared.learning.search_vectors import PENALTY, PlaceSums, SearchSpace
from shared.learning.sketch import Sketch

SHARES = (1.0, 0.7, 0.5, 0.35, 0.2, 0.1, 0.0)
HALF_TAUGHT = 150
"""Photos with words from which on the learned place counts more than half of what it can."""
ERRORS = 2.0
FEWEST_PAIRS = 20
MISSED = 0.02
"""Share of the measured photos that may stand below the cut-off when searched by their own words."""
LOWEST_CUT, HIGHEST_CUT = 0.1, 0.15


@dataclass(frozen=True, slots=True, eq=False)
class _Fold:
    """Measured photos of one fold under a solution that has not learned from them.

    Attributes
    ----------
    space : SearchSpace
    phi, seen : (n, r), (n, 384) float32
    asked : (n, 384) float32
        Centred unit text vectors of their words.
    anchors : (a, 384) float32
        Of the other measured photos' words.
    """

    space: SearchSpace
    phi: Array
    seen: Array
    asked: Array
    anchors: Array

    def scores(self, share: float) -> Array:
        """How well each photo (column) answers the words of each (row)."""
        space = replace(self.space, share=np.full(1, share, dtype=np.float32))
        return space.stand(self.phi, self.seen, self.anchors).scores(self.asked)

    def strangers(self, share: float) -> Array:
        """How well the photos answer the other photos' words, flat."""
        space = replace(self.space, share=np.full(1, share, dtype=np.float32))
        return space.stand(self.phi, self.seen, self.anchors).scores(self.anchors).ravel()


def calibrated(space: SearchSpace, sums: PlaceSums, measured: Sketch, worded: int) -> SearchSpace:
    """A space with its share and scale chosen on the measured photos, of `worded` that taught."""
    if not len(measured):
        return replace(space, share=np.zeros(1, dtype=np.float32))
    folds = list(_folds(space, sums, measured))
    share = _share(folds, _usual(worded))
    scale = _scale(folds, share, unit_rows(measured.columns["text"].astype(np.float32)))
    own = np.concatenate([fold.scores(share).diagonal() for fold in folds]) * scale[0] + scale[1]
    cut = np.clip(np.quantile(own, MISSED), LOWEST_CUT, HIGHEST_CUT)
    return replace(
        space,
        share=np.full(1, share, dtype=np.float32),
        scale=scale,
        cut=np.full(1, cut, dtype=np.float32),
    )


def _folds(space: SearchSpace, sums: PlaceSums, measured: Sketch) -> Iterator[_Fold]:
    columns = {name: column.astype(np.float32) for name, column in measured.columns.items()}
    asked, seen = unit_rows(columns["text"]), space.seen(columns["zero_shot"])
    for fold in np.unique(columns["fold"]).tolist():
        rows, others = np.flatnonzero(columns["fold"] == fold), np.flatnonzero(columns["fold"] != fold)
        phi = columns["phi"][rows]
        weights = sums.ridge.solve_without(phi, [columns["text"][rows]], PENALTY)
        yield _Fold(replace(space, weights=weights), phi, seen[rows], asked[rows], asked[others])


def _usual(worded: int) -> float:
    """The share that is best for most libraries of that many photos with words."""
    taught = worded / (worded + HALF_TAUGHT)
    return min(SHARES, key=lambda share: abs(share - taught))


def _share(folds: list[_Fold], usual: float) -> float:
    found = np.stack([np.concatenate([_reciprocal_ranks(f.scores(s)) for f in folds]) for s in SHARES])
    best = int(np.argmax(np.round(found.mean(axis=1), 6)))
    gain = found[best] - found[SHARES.index(usual)]
    error = float(gain.std(ddof=1)) / np.sqrt(len(gain)) if len(gain) > 1 else np.inf
    return SHARES[best] if float(gain.mean()) > ERRORS * error else usual


def _scale(folds: list[_Fold], share: float, asked: Array) -> NDArray[np.float32]:
    """What gives scores of strangers the mean and deviation that cosines of unrelated words have."""
    scores = np.concatenate([_off_diagonal(fold.scores(share)) for fold in folds])
    if len(scores) < FEWEST_PAIRS:
        scores = np.concatenate([scores, *(fold.strangers(share) for fold in folds)])
    cosines = _off_diagonal(asked[:500] @ asked[:500].T)
    if len(scores) < FEWEST_PAIRS or not scores.std():
        return np.asarray([1.0, 0.0], dtype=np.float32)
    times = float(cosines.std() / scores.std())
    return np.asarray([times, -times * float(scores.mean())], dtype=np.float32)


def _off_diagonal(square: Array) -> Array:
    return square[~np.eye(len(square), dtype=np.bool_)]


def _reciprocal_ranks(scores: Array) -> NDArray[np.float64]:
    """Where query i is answered by photo i. Shapes (n, n) to (n,)."""
    return np.asarray(1 / ((scores > scores.diagonal()[:, None]).sum(axis=1) + 1), dtype=np.float64)
