"""Which tags go together: guess the missing tags of a photo from those it has.

EASE predicts each tag by a ridge regression on all others, in closed form. Here pairs of tags that are often
seen together are predictors of their own ("boat, river"), and a share of plain P(b given a) can be mixed in;
both are chosen on photos left out.

References
----------
Steck, H. (2019). Embarrassingly shallow autoencoders for sparse data. WWW. arXiv:1905.03375.
Steck, H. & Liang, D. (2021). Negative interactions for improved collaborative filtering: don't go deeper, go
higher. RecSys.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import get_lapack_funcs
from scipy.sparse import csr_array, hstack

from shared.domain.dataset import Plan, Shard
from shared.learning.blocks import each

Matrix = NDArray[np.float32]

PAIRS = 1_500
PAIR_SUPPORT = 5
ENOUGH_TO_CHOOSE = 200
VALIDATION_FOLD = 9
SIDE_BY_SIDE = 3_000
"""Tags and pairs up to which settings are tried at once: at 5,000 tags each takes most of a gigabyte."""


@dataclass(frozen=True, slots=True)
class CoSums:
    """How often each set of tags was seen, by fold: all that co-occurrence needs, and it adds.

    Attributes
    ----------
    sets : dict of (int, (int, ...)) to int
        Photos by fold and ascending positions of their tags in the plan's vocabulary.
    """

    sets: dict[tuple[int, tuple[int, ...]], int]

    def __add__(self, other: "CoSums") -> "CoSums":
        return CoSums(dict(Counter(self.sets) + Counter(other.sets)))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The sums as arrays, sorted, that `from_arrays` reads back."""
        keys = sorted(self.sets)
        return {
            "fold": np.asarray([fold for fold, _ in keys], dtype=np.int8),
            "size": np.asarray([len(tags) for _, tags in keys], dtype=np.int32),
            "tags": np.asarray([tag for _, tags in keys for tag in tags], dtype=np.int32),
            "count": np.asarray([self.sets[key] for key in keys], dtype=np.int64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "CoSums":
        """Read back what `arrays` gave."""
        ends = np.cumsum(arrays["size"]).tolist()
        tags = arrays["tags"].tolist()
        rows = zip(
            arrays["fold"].tolist(), arrays["size"].tolist(), ends, arrays["count"].tolist(), strict=True
        )
        return cls({(fold, tuple(tags[end - size : end])): count for fold, size, end, count in rows})

    def rows(
        self, width: int, *, folds: Collection[int] | None = None
    ) -> tuple[csr_array, NDArray[np.float64]]:
        """The distinct tag sets of some folds (all by default) as a 0/1 matrix, and how often each was seen.

        Returns
        -------
        (k, width) float32 csr_array and (k,) float64, in the order of the sets.
        """
        keys = sorted(key for key in self.sets if folds is None or key[0] in folds)
        sizes = [len(tags) for _, tags in keys]
        columns = np.asarray([tag for _, tags in keys for tag in tags], dtype=np.int32)
        starts = np.concatenate([[0], np.cumsum(sizes, dtype=np.int64)])
        matrix = csr_array((np.ones(len(columns), np.float32), columns, starts), shape=(len(keys), width))
        return matrix, np.asarray([self.sets[key] for key in keys], dtype=np.float64)


def observe(shard: Shard, plan: Plan) -> CoSums:
    """Count the tag sets of one shard; tags outside the vocabulary are left out."""
    folds = (plan.fold_of.get(photo, -1) for photo in shard.ids)
    return count_sets(zip(folds, shard.tags, strict=True), plan.vocabulary)


def count_sets(photos: Iterable[tuple[int, Collection[str]]], vocabulary: Sequence[str]) -> CoSums:
    """Count the tag sets of photos, each given by its fold and tags."""
    position = {tag: row for row, tag in enumerate(vocabulary)}
    sets: Counter[tuple[int, tuple[int, ...]]] = Counter()
    for fold, tags in photos:
        known = tuple(sorted({position[tag] for tag in tags if tag in position}))
        if known:
            sets[fold, known] += 1
    return CoSums(dict(sets))


def gram(rows: csr_array, weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """X'WX of a sparse 0/1 matrix: how often two columns stand together, own counts on the diagonal."""
    scaled = rows.astype(np.float64)
    dense: NDArray[np.float64] = (scaled.T @ scaled.multiply(weights[:, None]).tocsr()).toarray()
    return dense


def counts(together: NDArray[np.float64]) -> NDArray[np.float64]:
    """Baseline: how often b was seen with a, (v, v), zero diagonal."""
    return together - np.diag(np.diag(together))


def conditional(together: NDArray[np.float64], shrink: float = 0.0) -> NDArray[np.float64]:
    """Baseline: P(b given a) as (a, b), zero diagonal; `shrink` photos without b are added to each a."""
    own = np.diag(together) + shrink
    return counts(together) / np.where(own > 0, own, 1.0)[:, None]


def ppmi(together: NDArray[np.float64], photos: float, support: int = 3) -> NDArray[np.float64]:
    """Baseline: positive pointwise mutual information of pairs with enough support, (v, v)."""
    own = np.diag(together)
    apart = np.maximum(np.outer(own, own), 1.0)
    pairs = counts(together)
    with np.errstate(divide="ignore"):
        return np.where(pairs >= support, np.maximum(np.log(pairs * photos / apart), 0.0), 0.0)


def ease(together: NDArray[np.float64], ridge: float = 10.0) -> NDArray[np.float64]:
    """EASE weights (from a to b, zero diagonal) of a Gram matrix. Shape (v, v)."""
    inverse = _inverse(together + ridge * np.eye(len(together)))
    weights = inverse / -np.diag(inverse)
    np.fill_diagonal(weights, 0.0)
    return weights


@dataclass(frozen=True, slots=True)
class Settings:
    """Ridge of single tags and of pairs, and the share of P(b given a) mixed in."""

    ridge: float = 10.0
    pair_ridge: float = 30.0
    mix: float = 0.1


GRID = tuple(
    Settings(ridge, pair_ridge, mix)
    for ridge, pair_ridge in ((3.0, 10.0), (10.0, 30.0))
    for mix in (0.0, 0.1, 0.3)
)


@dataclass(frozen=True, slots=True, eq=False)
class Cooccurrence:
    """Learned weights from tags, and pairs of tags, to tags.

    Attributes
    ----------
    pairs : (p, 2) int32
        Positions of the tags whose joint presence is a predictor of its own.
    weights : (v + p, v) float32
        From a tag or pair to each tag.
    settings : Settings
        What the photos left out chose.
    """

    pairs: NDArray[np.int32]
    weights: Matrix
    settings: Settings

    def scores(self, present: Matrix) -> Matrix:
        """How much each tag is expected. From (n, v) 0/1, or weights in between, to (n, v) float32."""
        joint = present[:, self.pairs[:, 0]] * present[:, self.pairs[:, 1]]
        return np.hstack([present, joint]).astype(np.float32) @ self.weights


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """What is solved under several settings: which tags and pairs of tags stand together how often.

    Attributes
    ----------
    together : (v, v) float64
        Of tags.
    pairs : (p, 2) int32
        Positions of the most frequent pairs of tags.
    full : (v + p, v + p) float64
        Of tags, then pairs.
    """

    together: NDArray[np.float64]
    pairs: NDArray[np.int32]
    full: NDArray[np.float64]

    @classmethod
    def of(cls, rows: csr_array, weights: NDArray[np.float64], pairs: int = PAIRS) -> "Moments":
        """Count tag sets, each seen so many times."""
        together = gram(rows, weights)
        chosen = _frequent_pairs(together, pairs)
        first, second = rows[:, chosen[:, 0]], rows[:, chosen[:, 1]]
        full = gram(hstack([rows, first.multiply(second)], format="csr"), weights)
        return cls(together, chosen, full)

    @property
    def share(self) -> NDArray[np.float64]:
        """P(b given a) of tags, as it is mixed in. Shape (v, v)."""
        return conditional(self.together, shrink=2.0)


def learn(sums: CoSums, width: int, *, without: Collection[int] = (), pairs: int = PAIRS) -> Cooccurrence:
    """Learn from all folds but some; the settings are chosen on one more fold that is left out first."""
    folds = {fold for fold, _ in sums.sets} - set(without)
    settings = _choose(sums, width, folds, pairs)
    return fit(Moments.of(*sums.rows(width, folds=folds), pairs), settings)


def fit(moments: Moments, settings: Settings, precision: type[np.floating] = np.float64) -> Cooccurrence:
    """Solve for given settings, in double precision or single.

    For each tag b, its ridge regression on all tags and pairs that do not involve b. With P the inverse of
    the whole ridged Gram matrix and K the columns that involve b, the weights are -P[:, K] P[K, K]^-1 e_b.
    """
    width, chosen = len(moments.together), moments.pairs
    ridge = np.concatenate([np.full(width, settings.ridge), np.full(len(chosen), settings.pair_ridge)])
    ridged = moments.full.astype(precision)
    ridged[np.diag_indices_from(ridged)] += ridge
    inverse = _inverse(ridged)
    solved = (inverse[:, :width] / -np.diag(inverse)[:width]).astype(np.float32)
    solved[np.arange(width), np.arange(width)] = 0.0
    for tag in np.unique(chosen).tolist():
        involved = np.concatenate([[tag], width + np.flatnonzero((chosen == tag).any(axis=1))])
        aim = np.zeros(len(involved), dtype=precision)
        aim[0] = -1.0
        rows = inverse[involved]  # Of a symmetric matrix, as good as the columns.
        column = np.linalg.solve(rows[:, involved], aim) @ rows
        column[involved] = 0.0
        solved[:, tag] = column
    if settings.mix:
        solved[:width] += (settings.mix * moments.share).astype(np.float32)
    return Cooccurrence(chosen, solved, settings)


def left_out(sums: CoSums, width: int, folds: Collection[int]) -> tuple[Matrix, NDArray[np.int64]]:
    """Test items of some folds: each set of two or more tags without one of them, chosen by its place.

    Returns
    -------
    (n, width) float32, what remains, and (n,) int64, what was hidden.
    """
    keys = sorted(key for key in sums.sets if key[0] in folds and len(key[1]) > 1)
    present = np.zeros((len(keys), width), dtype=np.float32)
    hidden = np.asarray([tags[row % len(tags)] for row, (_, tags) in enumerate(keys)], dtype=np.int64)
    for row, (_, tags) in enumerate(keys):
        present[row, list(tags)] = 1.0
    present[np.arange(len(keys)), hidden] = 0.0
    return present, hidden


def ranks(scores: Matrix, present: Matrix, hidden: NDArray[np.int64]) -> NDArray[np.int64]:
    """Rank (from 1) of the hidden tag among the tags that are not present; ties count in vocabulary order."""
    rows = np.arange(len(hidden))
    own = scores[rows, hidden][:, None]
    better = (scores > own) | ((scores == own) & (np.arange(scores.shape[1])[None, :] < hidden[:, None]))
    return np.asarray(1 + (better & (present == 0)).sum(axis=1), dtype=np.int64)


def _choose(sums: CoSums, width: int, folds: set[int], pairs: int) -> Settings:
    present, hidden = left_out(sums, width, {VALIDATION_FOLD} & folds)
    if len(hidden) < ENOUGH_TO_CHOOSE:
        return Settings()
    moments = Moments.of(*sums.rows(width, folds=folds - {VALIDATION_FOLD}), pairs)
    popular = present @ moments.share.astype(np.float32)
    bases = [setting for setting in GRID if setting.mix == 0.0]
    mixes = sorted({setting.mix for setting in GRID})
    quality = np.zeros((len(bases), len(mixes)))

    def try_out(number: int) -> None:
        scores = fit(moments, bases[number], np.float32).scores(present)  # Ranks need no more digits.
        for place, mix in enumerate(mixes):
            found = ranks(scores + mix * popular, present, hidden)
            quality[number, place] = float((1.0 / found).mean())

    if len(moments.full) <= SIDE_BY_SIDE:
        each(try_out, range(len(bases)))
    else:
        for number in range(len(bases)):
            try_out(number)
    base, mix = np.unravel_index(int(np.argmax(quality)), quality.shape)
    return replace(bases[base], mix=mixes[mix])


def _frequent_pairs(together: NDArray[np.float64], limit: int) -> NDArray[np.int32]:
    first, second = np.nonzero(np.triu(together, 1) >= PAIR_SUPPORT)
    order = np.argsort(-together[first, second], kind="stable")[:limit]
    return np.stack([first[order], second[order]], axis=1).astype(np.int32)


def _inverse(matrix: NDArray[Any]) -> NDArray[Any]:
    """Inverse of a symmetric positive definite matrix, which is overwritten, by Cholesky factors."""
    if not matrix.size:
        return matrix
    potrf, potri = get_lapack_funcs(("potrf", "potri"), (matrix,))
    factor, _ = potrf(matrix.T, lower=1, overwrite_a=1)
    half, _ = potri(factor, lower=1, overwrite_c=1)
    own = np.diag(half).copy()
    half += half.T  # The factor's other half is zero, and stays so.
    half[np.diag_indices_from(half)] = own
    return np.asarray(half.T)
