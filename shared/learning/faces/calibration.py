"""How sure a vote is: a logistic model fit on the library's own people, near a default while they are few."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

DEFAULT_WEIGHTS = (60.0, 20.0, -56.0)
DEFAULT_THRESHOLD = 0.9
PRIOR = 10.0
STEPS = 30
LOWEST_THRESHOLD = 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic model of "the best candidate is right".

    Attributes
    ----------
    weights : (float, float, float)
        Of the similarity to the best candidate, of its margin over the next one, and the constant.
    threshold : float
        Scores from here up are precise enough to be applied.
    samples : int
        Held-out votes it was fit on.
    """

    weights: tuple[float, float, float] = DEFAULT_WEIGHTS
    threshold: float = DEFAULT_THRESHOLD
    samples: int = 0

    def score(
        self, similarity: NDArray[np.floating[Any]], margin: NDArray[np.floating[Any]]
    ) -> NDArray[np.float64]:
        """Probability that the best candidate is right, 0 to 1."""
        return np.asarray(expit(_features(similarity, margin) @ np.asarray(self.weights)))


def _features(
    similarity: NDArray[np.floating[Any]], margin: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    return np.stack([similarity, margin, np.ones_like(similarity)], axis=-1).astype(np.float64)


def fit(
    similarity: NDArray[np.float64],
    margin: NDArray[np.float64],
    right: NDArray[np.bool_],
    weight: NDArray[np.float64],
    precision: float,
) -> Calibration:
    """Fit on votes of held-out faces and choose the threshold that keeps a precision.

    Every other vote is fit on, the rest chooses the threshold. A Gaussian prior around the default weights
    keeps the model sensible where the library has few people.

    Parameters
    ----------
    similarity, margin : (n,) float64
    right : (n,) bool
        Whether the best candidate was the person.
    weight : (n,) float64
        How many uploads each vote stands for.
    precision : float
        Asked of the faces given to people, 0 to 1.
    """
    x, y = _features(similarity, margin), right.astype(np.float64)
    theta = _newton(x[::2], y[::2], weight[::2])
    weights = (float(theta[0]), float(theta[1]), float(theta[2]))
    held = expit(x[1::2] @ theta)
    threshold = _threshold(held, right[1::2], weight[1::2], precision)
    return Calibration(weights, threshold, len(x))


def _newton(
    x: NDArray[np.float64], y: NDArray[np.float64], weight: NDArray[np.float64]
) -> NDArray[np.float64]:
    prior = np.asarray(DEFAULT_WEIGHTS)
    stiffness = np.diag(PRIOR / np.maximum(prior**2, 1.0))
    theta = prior.copy()
    for _ in range(STEPS):
        p = expit(x @ theta)
        gradient = x.T @ (weight * (y - p)) - stiffness @ (theta - prior)
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + stiffness
        step = np.linalg.solve(hessian, gradient)
        theta = theta + step / max(1.0, float(np.abs(step / np.maximum(np.abs(prior), 1)).max()))
        if float(np.abs(step).max()) < 1e-8:
            break
    return theta


def _threshold(
    score: NDArray[np.float64], right: NDArray[np.bool_], weight: NDArray[np.float64], precision: float
) -> float:
    """The lowest score from which on the faces given are right often enough."""
    if len(score) < 50:
        return DEFAULT_THRESHOLD
    order = np.argsort(-score, kind="stable")
    given = np.cumsum(weight[order])
    good = np.cumsum((weight * right)[order])
    enough = np.flatnonzero(good / given >= precision)
    if not len(enough):
        return 1.0
    return float(np.clip(np.floor(score[order[enough[-1]]] * 1e4) / 1e4, LOWEST_THRESHOLD, 1.0))
