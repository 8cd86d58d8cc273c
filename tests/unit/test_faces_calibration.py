"""How sure a vote on a face is: the fit holds also where votes contradict each other."""

import numpy as np
import pytest

from shared.learning.faces.calibration import HIGHEST_THRESHOLD, Calibration, fit

OWN, STRANGER, TWIN = (0.967, 0.036, 0.976), (0.888, -0.041, 0.893), (0.973, 0.035, 0.98)
SPREAD = (0.012, 0.015, 0.01)


def votes(centre: tuple[float, float, float], count: int, seed: int) -> np.ndarray:
    return np.asarray(centre) + np.asarray(SPREAD) * np.random.default_rng(seed).uniform(-1, 1, (count, 3))


def fitted(seed: int) -> Calibration:
    """Of a library whose owner made two people of one: strangers are as like as a person's own faces."""
    strangers = [votes(STRANGER, 52, seed + 1), votes(TWIN, 10, seed + 2)]
    evidence = np.concatenate([votes(OWN, 58, seed), *strangers])
    right = np.arange(len(evidence)) < 58
    return fit(evidence, right, np.where(right, 0.33, 0.67), precision=0.98)


@pytest.mark.parametrize("seed", range(0, 60, 3))
def test_strangers_are_nobody_also_where_the_owner_made_two_people_of_one(seed: int) -> None:
    calibration = fitted(seed)

    strangers = calibration.score(votes(STRANGER, 200, 1_000))

    assert strangers.max() < calibration.threshold <= HIGHEST_THRESHOLD


def test_a_face_like_its_person_scores_above_a_stranger() -> None:
    calibration = fitted(0)

    own, stranger = (np.median(calibration.score(votes(centre, 200, 7))) for centre in (OWN, STRANGER))

    assert own > 0.6
    assert stranger < 0.1
