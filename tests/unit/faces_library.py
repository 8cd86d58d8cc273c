"""A made-up library of faces whose people are known, for tests of phase 3."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import numpy as np

from shared.domain.dataset import Options, Plan
from shared.domain.people import PeopleEvent, PeopleWord
from shared.learning.faces import FacePatterns, FaceSums, solve

EMPTY = np.zeros((0, 1), np.float32)
PLAN = Plan(
    vocabulary=(),
    words=(),
    document_frequency=np.zeros(0, np.int64),
    landmarks={},
    landmark_zero_shot=EMPTY,
    text_mean=EMPTY[:, 0],
    fold_of={},
    burst_of={},
    worded=0,
    held_out=0,
    photos=0,
    options=Options(),
)
SIZE = 128


@dataclass
class Library:
    """Faces of some people: those of one are alike (cosine about .96), those of two are not (below .9).

    `truth` has the real person of each face id.
    """

    seed: int = 0
    rows: list[tuple[str, str, np.ndarray, float, str, float]] = field(default_factory=list)
    truth: dict[str, int] = field(default_factory=dict)
    centres: dict[int, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.common = self.rng.normal(size=SIZE)

    def _centre(self, person: int) -> np.ndarray:
        if person not in self.centres:
            own = np.random.default_rng(1_000 + person).normal(size=SIZE)
            self.centres[person] = 2.0 * self.common + own
        return self.centres[person]

    def add(
        self,
        person: int,
        count: int = 1,
        *,
        photo: str | None = None,
        noise: float = 0.45,
        quality: float = 0.9,
        name: str = "",
        taken_at: float = float("nan"),
        like: str | None = None,
    ) -> list[str]:
        """Faces of one person, each in a photo of its own unless one is given."""
        added = []
        for _ in range(count):
            face = f"{self.rng.integers(2**60):016x}"
            start = self.encoding(like) if like else self._centre(person)
            encoding = start + noise * self.rng.normal(size=SIZE)
            self.rows.append((face, photo or f"photo-{face}", encoding, quality, name, taken_at))
            self.truth[face] = person
            added.append(face)
        return added

    def encoding(self, face: str) -> np.ndarray:
        """The encoding of a face."""
        return next(row[2] for row in self.rows if row[0] == face)

    def sums(self, rows: Iterable[int] | None = None) -> FaceSums:
        """All faces, or those of some rows in their order."""
        chosen = [self.rows[i] for i in rows] if rows is not None else self.rows
        ids, photos, encodings, quality, names, taken = zip(*chosen, strict=True)
        return FaceSums(
            ids=np.array(ids, dtype=np.str_),
            photos=np.array(photos, dtype=np.str_),
            encodings=np.array(encodings, dtype=np.float32),
            quality=np.array(quality, dtype=np.float32),
            area=np.full(len(ids), 0.1, dtype=np.float32),
            names=np.array(names, dtype=np.str_),
            taken_at=np.array(taken, dtype=np.float64),
        )

    def train(self, events: Iterable[PeopleEvent] = (), previous: FacePatterns | None = None) -> FacePatterns:
        """One training over all faces, its files written and read back."""
        return FacePatterns.load(solve(self.sums(), PLAN, events, previous).files())


class Log:
    """An owner's people events, one second apart."""

    def __init__(self) -> None:
        self.events: list[PeopleEvent] = []

    def say(self, *words: PeopleWord) -> str:
        """Record words; the id of the last event."""
        for word in words:
            at = datetime.fromtimestamp(1_700_000_000 + len(self.events), tz=UTC)
            self.events.append(PeopleEvent(f"{len(self.events):026d}", at, word))
        return self.events[-1].event_id


def holder(patterns: FacePatterns, face: str) -> str | None:
    """The person a face is given to."""
    return next((person.id for person in patterns.people if face in person.faces), None)


def groups(patterns: FacePatterns) -> set[frozenset[str]]:
    """The people as sets of faces."""
    return {frozenset(person.faces) for person in patterns.people}
