"""From scores to probabilities and cuts, on a bounded sample of photos whose tags are known.

All (photo, name) pairs share one logistic curve: a name seen three times could not carry one of its own.

References
----------
Platt, J. (1999). Probabilistic Outputs for Support Vector Machines. Advances in Large Margin Classifiers.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array

NEWTON_STEPS = 25
CONVERGED = 1e-9

Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A logistic curve over the d inputs of a (photo, name) pair.

    Attributes
    ----------
    coefficients : (1 + d,) float64
        Intercept first.
    """

    coefficients: Vector

    @classmethod
    def fit(cls, inputs: Array, right: NDArray[np.bool_], ridge: float = 1.0) -> "Logistic":
        """Newton's method on the penalised likelihood of pairs: inputs (p, d), whether right (p,)."""
        design = np.column_stack([np.ones(len(inputs)), inputs]).astype(np.float64)
        penalty = np.full(design.shape[1], ridge)
        penalty[0] = 1e-6
        coefficients = np.zeros(design.shape[1])
        for _ in range(NEWTON_STEPS):
            chance = sigmoid(design @ coefficients)
            gradient = design.T @ (right - chance) - penalty * coefficients
            curvature = (design.T * (chance * (1 - chance))) @ design + np.diag(penalty)
            step = np.linalg.solve(curvature, gradient)
            coefficients = coefficients + step
            if float(np.abs(step).max()) < CONVERGED:
                break
        return cls(coefficients)

    def probability(self, inputs: Array) -> Array:
        """Probability of being right. Shapes (..., d) to (...), float32."""
        logit = inputs @ self.coefficients[1:].astype(np.float32) + np.float32(self.coefficients[0])
        return np.asarray(sigmoid(logit), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where a tag's probability is enough.

    Attributes
    ----------
    apply : float
        At and above it a tag is applied; above 1 where no cut reaches the precision asked for.
    suggest : float
        At and above it a tag is suggested: the cut with the best F1.
    precision, recall : float
        Of applied tags, on the photos the cuts were chosen on.
    """

    apply: float
    suggest: float
    precision: float
    recall: float


NEVER = 2.0
SLACK = 0.005
"""Most that a cut lies below its last pair: through weights in half precision it comes out a bit lower."""


def choose_cuts(probability: Array, right: NDArray[np.bool_], total: int, precision: float) -> Cuts:
    """Choose the cuts on measured pairs.

    Parameters
    ----------
    probability, right : (p,)
        Of (photo, tag) pairs whose answer is known.
    total : int
        Owner's tags on those photos, those outside the vocabulary included.
    precision : float
        Asked of applied tags. It is judged by the rule of succession, (hits + 1) / (count + 2), so that a
        few lucky hits of a small library are not taken for more than they show.
    """
    order = np.argsort(-probability, kind="stable")
    ranked = probability[order]
    ends = np.flatnonzero(np.diff(ranked, append=-1.0))  # No cut falls between pairs that look the same.
    if not len(ends):
        return Cuts(NEVER, NEVER, 0.0, 0.0)
    hits, count = np.cumsum(right[order])[ends], ends + 1
    best = int(np.argmax(2 * hits / (count + total)))
    below = np.append(ranked[ends[1:]], 0.0)
    cuts = ranked[ends] - np.minimum((ranked[ends] - below) / 2, SLACK)
    suggest = float(cuts[best])
    reached = np.flatnonzero((hits + 1) / (count + 2) >= precision)
    if not len(reached):
        return Cuts(NEVER, suggest, 0.0, 0.0)
    last = int(max(reached[reached <= best], default=reached[0]))
    return Cuts(
        float(cuts[last]), suggest, float(hits[last] / count[last]), float(hits[last] / max(total, 1))
    )


def sigmoid(x: NDArray[Any]) -> NDArray[Any]:
    """Logistic function."""
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * x)))
