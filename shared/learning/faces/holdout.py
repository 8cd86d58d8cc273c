"""Calibrating the vote on the library's own people: faces held out, and people held out as strangers."""

from collections.abc import Sequence

import numpy as np

from shared.domain.vectors import Array
from shared.learning.faces.assignment import Gallery, Vote
from shared.learning.faces.calibration import Calibration, fit
from shared.learning.faces.members import Members
from shared.learning.faces.person import Person

FACES = 1_000
BLOCK = 64
STRANGERS = 0.67
"""Share of new faces that are taken to be strangers': more than in most libraries, to be on the safe side."""


def calibrate(
    people: Sequence[Person], members: Sequence[Members], units: Array, precision: float
) -> Calibration:
    """How sure a vote is, from held-out faces of the library.

    Each sampled face votes twice: among all people with itself left out (right if its own person wins), and
    with its person barred, as a stranger would (never right).

    Parameters
    ----------
    members : sequence of Members
        Of each person.
    units : (n, 128) float32
        Unit encodings of all faces that took part.
    precision : float
        Asked of the faces given to people, 0 to 1.
    """
    if not people:
        return Calibration()
    gallery = Gallery.of(people)
    owner = np.repeat(np.arange(len(people)), [len(member.rows) for member in members])
    rows = np.concatenate([member.rows for member in members])
    sample = np.linspace(0, len(rows) - 1, min(FACES, len(rows))).astype(np.int64)
    own: list[tuple[Vote, bool, float]] = []
    others: list[tuple[Vote, bool, float]] = []
    for start in range(0, len(sample), BLOCK):
        block = sample[start : start + BLOCK]
        cosines = units[rows[block]] @ gallery.vectors.T
        for row, position, cosine in zip(rows[block].tolist(), owner[block].tolist(), cosines, strict=True):
            exemplars = members[position].exemplars
            if len(exemplars) > 1:
                itself = gallery.start[position] + np.flatnonzero(exemplars == row)
                if vote := gallery.vote(units[row], skip=itself, cosine=cosine):
                    own.append((vote, vote.best == position, 1.0 - STRANGERS))
            if vote := gallery.vote(units[row], barred=[position], cosine=cosine):
                others.append((vote, False, STRANGERS))
    votes = own + others
    if not votes:
        return Calibration()
    evidence = np.array([vote.evidence for vote, _, _ in votes])
    right = np.array([good for _, good, _ in votes])
    weight = np.array([weight for _, _, weight in votes])
    return fit(evidence, right, weight, precision)
