"""How sure a vote is: a logistic model fit on the library's own people, near a default while they are few."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

DEFAULT_WEIGHTS = (69.0, 59.0, 139.0, -197.0)
DEFAULT_THRESHOLD = 0.8
"""Both fit on faces of half the identities of the evaluation data, held out of libraries of the others."""

PRIOR = 30.0
STIFFNESS = PRIOR / np.asarray(DEFAULT_WEIGHTS) ** 2
STEPS = 100
HALVINGS = tuple(0.5**n for n in range(40))
CONVERGED = 1e-9
LOWEST_THRESHOLD = 0.75
"""A library's own groups flatter the vote: its members were grouped by the same likeness."""

HIGHEST_THRESHOLD = 0.99
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

    The threshold is chosen on scores that each half of the votes gets from a fit on the other. A Gaussian
    prior around the default weights keeps the model sensible where the library has few people.

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
    y = right.astype(np.float64)
    crossed = np.empty(len(x))
    for half, other in ((slice(0, None, 2), slice(1, None, 2)), (slice(1, None, 2), slice(0, None, 2))):
        crossed[half] = expit(x[half] @ _newton(x[other], y[other], weight[other]))
    theta = _newton(x, y, weight)
    weights = (float(theta[0]), float(theta[1]), float(theta[2]), float(theta[3]))
    return Calibration(weights, _threshold(crossed, right, weight, precision), len(x))


def _newton(x: Floats, y: Floats, weight: Floats) -> Floats:
    """The minimum of `_loss`, by steps that each bring it down: a full one may overshoot and never return."""
    prior = np.asarray(DEFAULT_WEIGHTS)
    theta = prior.copy()
    loss = _loss(theta, x, y, weight)
    for _ in range(STEPS):
        p = expit(x @ theta)
        gradient = x.T @ (weight * (y - p)) - STIFFNESS * (theta - prior)
        hessian = (x * (weight * p * (1 - p))[:, None]).T @ x + np.diag(STIFFNESS)
        step = np.linalg.solve(hessian, gradient)
        for share in HALVINGS:
            after = _loss(theta + share * step, x, y, weight)
            if after < loss:
                break
        else:
            return theta
        theta, gained, loss = theta + share * step, loss - after, after
        if gained < CONVERGED:
            break
    return theta


def _loss(theta: Floats, x: Floats, y: Floats, weight: Floats) -> float:
    """Weighted negative log likelihood of the votes, and of the weights under the prior."""
    z = x @ theta
    drift = theta - np.asarray(DEFAULT_WEIGHTS)
    return float(weight @ (np.logaddexp(0.0, z) - y * z) + 0.5 * STIFFNESS @ drift**2)


def _threshold(score: Floats, right: NDArray[np.bool_], weight: Floats, precision: float) -> float:
    """The lowest score from which on the faces given are right often enough."""
    if len(score) < FEWEST_VOTES:
        return DEFAULT_THRESHOLD
    order = np.argsort(-score, kind="stable")
    given = np.cumsum(weight[order])
    good = np.cumsum((weight * right)[order])
    enough = np.flatnonzero(good / given >= precision)
    if not len(enough):
        return HIGHEST_THRESHOLD
    lowest = score[order[enough[-1] : enough[-1] + 2]]
    return float(np.clip(lowest.mean(), LOWEST_THRESHOLD, HIGHEST_THRESHOLD))
