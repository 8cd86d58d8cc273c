"""A person as a training leaves one: an id that survives, the owner's name for it, faces and exemplars."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from shared.domain.vectors import Array

DAY = 86_400.0


def earliest_photo(birth_date: date | None) -> float:
    """Seconds since the epoch from which on a photo may show somebody, with a day's grace for time zones."""
    if birth_date is None:
        return -np.inf
    return datetime(birth_date.year, birth_date.month, birth_date.day, tzinfo=UTC).timestamp() - DAY


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """One person of the library.

    Attributes
    ----------
    id : str
        Never changes by retraining.
    name : str or None
        The owner's.
    hidden : bool
        Kept out of sight by the owner.
    faces : tuple of str
        Face ids, sorted.
    scores : (len(faces),) float32
        Calibrated probability that the face is this person; 1 where the owner confirmed it.
    confirmed : tuple of str
        Faces the owner confirmed or named.
    exemplars : tuple of str
        Faces that stand for the person, the most typical first; `vectors` has their unit encodings.
    vectors : (len(exemplars), 128) float32
    aliases : tuple of str
        Ids that mean this person too: those merged into it.
    parts : mapping of str to tuple of str
        Where some were merged into it, the faces that stood for each of them before, and for itself: what a
        merge joined can be parted again.
    """

    id: str
    name: str | None
    hidden: bool
    birth_date: date | None
    faces: tuple[str, ...]
    scores: Array
    confirmed: tuple[str, ...]
    exemplars: tuple[str, ...]
    vectors: Array
    aliases: tuple[str, ...] = ()
    parts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def best_face(self) -> str:
        """The face to show for the person."""
        return self.exemplars[0]

    def plain(self) -> dict[str, Any]:
        """The person as plain builtins."""
        return {
            "id": self.id,
            "name": self.name,
            "hidden": self.hidden,
            "birth_date": self.birth_date.isoformat() if self.birth_date else None,
            "faces": list(self.faces),
            "scores": np.asarray(self.scores, dtype="<f2").tobytes(),
            "confirmed": list(self.confirmed),
            "exemplars": list(self.exemplars),
            "vectors": np.asarray(self.vectors, dtype="<f2").tobytes(),
            "aliases": list(self.aliases),
            "parts": {person_id: list(faces) for person_id, faces in sorted(self.parts.items())},
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "Person":
        """Read back what `plain` gave."""
        born = plain["birth_date"]
        vectors = np.frombuffer(plain["vectors"], dtype="<f2").astype(np.float32)
        return cls(
            id=plain["id"],
            name=plain["name"],
            hidden=plain["hidden"],
            birth_date=date.fromisoformat(born) if born else None,
            faces=tuple(plain["faces"]),
            scores=np.frombuffer(plain["scores"], dtype="<f2").astype(np.float32),
            confirmed=tuple(plain["confirmed"]),
            exemplars=tuple(plain["exemplars"]),
            vectors=vectors.reshape(len(plain["exemplars"]), -1),
            aliases=tuple(plain["aliases"]),
            parts={person_id: tuple(faces) for person_id, faces in plain.get("parts", {}).items()},
        )
