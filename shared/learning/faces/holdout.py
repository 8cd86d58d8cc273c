"""Calibrating the vote on the library's own people: faces held out, and people held out as strangers."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.faces.assignment import Gallery, Vote
from shared.learning.faces.calibration import Calibration, fit
from shared.learning.faces.person import Person

FACES = 1_000
STRANGERS = 0.67
"""Share of new faces that are taken to be strangers': more than in most libraries, to be on the safe side."""


def calibrate(
    people: Sequence[Person], members: Sequence[NDArray[np.int64]], units: Array, precision: float
) -> Calibration:
    """How sure a vote is, from held-out faces of the library.

    Each sampled face votes twice: among all people with itself left out (right if its own person wins), and
    with its person barred, as a stranger would (never right).

    Parameters
    ----------
    members : sequence of (k,) int64
        Rows of each person's faces in `units`, in their order.
    units : (n, 128) float32
        Unit encodings of all faces that took part.
    precision : float
        Asked of the faces given to people, 0 to 1.
    """
    gallery = Gallery.of(people)
    if not people:
        return Calibration()
    sizes = [len(rows) for rows in members]
    owner = np.repeat(np.arange(len(people)), sizes)
    rows = np.concatenate(members)
    start = np.cumsum([0, *sizes])
    sample = np.linspace(0, len(rows) - 1, min(FACES, len(rows))).astype(np.int64)
    votes: list[tuple[Vote, bool, float]] = []
    refused: list[tuple[Vote, bool, float]] = []
    for at_sample in sample.tolist():
        row, position = int(rows[at_sample]), int(owner[at_sample])
        person = people[position]
        face = person.faces[at_sample - int(start[position])]
        if len(person.exemplars) > 1:
            at = [i for i, exemplar in enumerate(person.exemplars) if exemplar == face]
            own = gallery.vote(units[row], skip=gallery.start[position] + np.array(at, dtype=np.int64))
            if own:
                votes.append((own, own.best == position, 1.0 - STRANGERS))
        other = gallery.vote(units[row], barred=[position])
        if other:
            refused.append((other, False, STRANGERS))
    votes += refused
    if not votes:
        return Calibration()
    evidence = np.array([vote.evidence for vote, _, _ in votes])
    right = np.array([good for _, good, _ in votes])
    weight = np.array([weight for _, _, weight in votes])
    return fit(evidence, right, weight, precision)
