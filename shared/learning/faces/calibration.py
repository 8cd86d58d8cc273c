"""How sure a vote is: a logistic model fit on the library's own people, near a default while they are few."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

DEFAULT_WEIGHTS = (69.0, 59.0, 139.0, -197.0)
DEFAULT_THRESHOLD = 0.7
"""Both fit on faces of half the identities of the evaluation data, held out of libraries of the others."""

PRIOR = 10.0
STEPS = 30
LOWEST_THRESHOLD = 0.5
FEWEST_VOTES = 50


@dataclass(frozen=True, slots=True)
class Calibration:
    """Logistic model of "the best candidate is right".

    Attributes
    ----------
    weights : (float, float, float, float)
        Of the evidence (see `score`), and the constant.
    threshold : float
        Scores from here up are precise enough to be applied.
    samples : int
        Held-out votes it was fit on.
    """

    weights: tuple[float, float, float, float] = DEFAULT_WEIGHTS
    threshold: float = DEFAULT_THRESHOLD
    samples: int = 0

    def score(self, evidence: Floats) -> Floats:
        """Probability that the best candidate is right.

        Parameters
        ----------
        evidence : (..., 3) float64
            Similarity to the exemplars most like the face, its margin over the next candidate, and cosine
            with the mean of all exemplars.

        Returns
        -------
        (...) float64
        """
        return np.asarray(expit(evidence @ np.asarray(self.weights[:-1]) + self.weights[-1]))


def fit(evidence: Floats, right: NDArray[np.bool_], weight: Floats, precision: float) -> Calibration:
    """Fit on votes of held-out faces and choose the threshold that keeps a precision.

    Every other vote is fit on, the rest chooses the threshold. A Gaussian prior around the default weights
    keeps the model sensible where the library has few people.

    Parameters
    ----------
    evidence : (n, 3) float64
    right : (n,) bool
        Whether the best candidate was the person.
    weight : (n,) float64
        How many uploads each vote stands for.
    precision : float
        Asked of the faces given to people, 0 to 1.
    """
    x = np.concatenate([evidence, np.ones((len(evidence), 1))], axis=1)
    theta = _newton(x[::2], right[::2].astype(np.float64), weight[::2])
    fitted = Calibration((float(theta[0]), float(theta[1]), float(theta[2]), float(theta[3])))
    threshold = _threshold(fitted.score(evidence[1::2]), right[1::2], weight[1::2], precision)
    return Calibration(fitted.weights, threshold, len(x))


def _newton(x: Floats, y: Floats, weight: Floats) -> Floats:
    prior = np.asarray(DEFAULT_WEIGHTS)
    stiffness = np.diag(PRIOR / prior**2)
    theta = prior.copy()
    for _ in range(STEPS):
        p = expit(x @ theta)
        gradient = x.T @ (weight * (y - p)) - stiffness @ (theta - prior)
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + stiffness
        step = np.linalg.solve(hessian, gradient)
        theta = theta + step / max(1.0, float(np.abs(step / prior).max()))
        if float(np.abs(step).max()) < 1e-8:
            break
    return theta


def _threshold(score: Floats, right: NDArray[np.bool_], weight: Floats, precision: float) -> float:
    """The lowest score from which on the faces given are right often enough."""
    if len(score) < FEWEST_VOTES:
        return DEFAULT_THRESHOLD
    order = np.argsort(-score, kind="stable")
    given = np.cumsum(weight[order])
    good = np.cumsum((weight * right)[order])
    enough = np.flatnonzero(good / given >= precision)
    if not len(enough):
        return 1.0
    return float(np.clip(np.ceil(score[order[enough[-1]]] * 1e4) / 1e4, LOWEST_THRESHOLD, 1.0))
