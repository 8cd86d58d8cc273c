"""New faces to known people: exemplars vote, a calibrated score says how sure, nobody is an answer too."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.faces.calibration import Calibration
from shared.learning.faces.neighbours import unit
from shared.learning.faces.person import Person

STRANGER = 0.929
"""Cosine of the median face with its most alike stranger: so near the next candidate may be, known or not."""

VOTES = 3
SHORTLIST = 32
CANDIDATES = 5


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who a face is: nobody known where `person_id` is None.

    Attributes
    ----------
    score : float
        Calibrated probability that the candidate is right, 0 to 1.
    candidate_id : str or None
        The best candidate, also where the score is too low to say so; None where nobody is known.
    """

    person_id: str | None
    name: str | None
    score: float
    candidate_id: str | None


@dataclass(frozen=True, slots=True)
class Vote:
    """Whom the exemplars elect for a face, and what speaks for it.

    Attributes
    ----------
    best : int
        Position of the candidate in the gallery.
    similarity : float
        Mean cosine of the candidate's exemplars most like the face.
    margin : float
        By which it leads over the next candidate, or over a usual stranger where nobody known comes as near.
    centre : float
        Cosine with the mean of all the candidate's exemplars.
    """

    best: int
    similarity: float
    margin: float
    centre: float

    @property
    def evidence(self) -> tuple[float, float, float]:
        """What `Calibration.score` goes by."""
        return self.similarity, self.margin, self.centre


@dataclass(frozen=True, slots=True, eq=False)
class Gallery:
    """The exemplars of all people in one matrix.

    Attributes
    ----------
    ids : tuple of str
    names : tuple of str or None
    vectors : (e, 128) float32
        Unit exemplars, grouped by person.
    start : (p + 1,) int64
        Exemplars of person i are rows start[i] to start[i + 1].
    owner : (e,) int64
        Person of each exemplar.
    place : dict of str to int
        Position of each person id.
    """

    ids: tuple[str, ...]
    names: tuple[str | None, ...]
    vectors: Array
    start: NDArray[np.int64]
    owner: NDArray[np.int64] = field(init=False)
    place: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        owner = np.repeat(np.arange(len(self.ids)), np.diff(self.start))
        object.__setattr__(self, "owner", owner)
        object.__setattr__(self, "place", {person_id: row for row, person_id in enumerate(self.ids)})

    @classmethod
    def of(cls, people: Sequence[Person]) -> "Gallery":
        """The gallery of some people, each with at least one exemplar."""
        counts = [len(person.vectors) for person in people]
        vectors = np.concatenate([p.vectors for p in people]) if people else np.zeros((0, 128), np.float32)
        return cls(
            tuple(p.id for p in people),
            tuple(p.name for p in people),
            unit(vectors),
            np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        )

    def vote(
        self,
        face: Array,
        barred: Sequence[int] = (),
        skip: NDArray[np.int64] | None = None,
        cosine: Array | None = None,
    ) -> Vote | None:
        """Whom the exemplars elect for a unit encoding.

        A person's similarity is the mean cosine of the `VOTES` exemplars most like the face.

        Parameters
        ----------
        barred : sequence of int
            People who cannot be meant (already in the photo).
        skip : (k,) int64, optional
            Exemplars left out, to vote on a face that is itself one.
        cosine : (e,) float32, optional
            Cosines of all exemplars with the face, where they are known already.
        """
        cosine = self.vectors @ face if cosine is None else cosine.copy()
        for person in barred:
            cosine[self.start[person] : self.start[person + 1]] = -2.0
        if skip is not None:
            cosine[skip] = -2.0
        short = min(SHORTLIST, len(cosine))
        if not short:
            return None
        top = np.argpartition(cosine, -short)[-short:]
        top = top[np.lexsort((top, -cosine[top]))]
        people = list(dict.fromkeys(self.owner[top[cosine[top] > -1.5]].tolist()))[:CANDIDATES]
        means = [(-self._mean(cosine[self.start[p] : self.start[p + 1]]), p) for p in people]
        if not means:
            return None
        (best, winner), *others = sorted(means)
        runner_up = max([STRANGER, *(-cosine for cosine, _ in others[:1])])
        return Vote(winner, -best, -best - runner_up, self._centre(winner, face, skip))

    def _centre(self, person: int, face: Array, skip: NDArray[np.int64] | None) -> float:
        mean = self.vectors[self.start[person] : self.start[person + 1]].sum(axis=0)
        if skip is not None:
            mean = mean - self.vectors[skip[self.owner[skip] == person]].sum(axis=0)
        return float(mean @ face / max(float(np.linalg.norm(mean)), 1e-12))

    @staticmethod
    def _mean(cosine: Array) -> float:
        cosine = cosine[cosine > -1.5]
        return float(np.sort(cosine)[-VOTES:].mean())


@dataclass(frozen=True, slots=True)
class Assigner:
    """Gives faces to people by a gallery and a calibration."""

    gallery: Gallery
    calibration: Calibration

    def assign(self, encodings: Array, taken: Sequence[str] = ()) -> list[Assignment]:
        """Who the faces of one photo are; no person twice.

        Parameters
        ----------
        encodings : (n, 128) float32
            As the face engine gives them, of any length.
        taken : sequence of str
            People already found in the photo.
        """
        units = unit(np.asarray(encodings, dtype=np.float32).reshape(-1, self.gallery.vectors.shape[1]))
        barred = [self.gallery.place[person_id] for person_id in taken if person_id in self.gallery.place]
        answers: dict[int, Assignment] = {}
        waiting = list(range(len(units)))
        while waiting:
            votes = {row: self.gallery.vote(units[row], barred) for row in waiting}
            scores = {row: self._score(vote) for row, vote in votes.items()}
            row = max(waiting, key=lambda row: (scores[row], -row))
            answers[row] = self._answer(votes[row], scores[row])
            if (person_id := answers[row].person_id) is not None:
                barred.append(self.gallery.place[person_id])
                waiting.remove(row)
            else:
                answers.update({row: self._answer(votes[row], scores[row]) for row in waiting})
                break
        return [answers[row] for row in range(len(units))]

    def _score(self, vote: Vote | None) -> float:
        if vote is None:
            return 0.0
        return float(self.calibration.score(np.array(vote.evidence)))

    def _answer(self, vote: Vote | None, score: float) -> Assignment:
        if vote is None:
            return Assignment(None, None, 0.0, None)
        person_id, name = self.gallery.ids[vote.best], self.gallery.names[vote.best]
        if score < self.calibration.threshold:
            return Assignment(None, None, score, person_id)
        return Assignment(person_id, name, score, person_id)
