"""What owners say of people: create-only events, applied in the order of their ids, undone by later ones."""

from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Literal


def new_person_id(first_face_id: str) -> str:
    """The id of a person first seen with this face: 32 hex digits that no retraining changes."""
    return sha256(f"person/{first_face_id}".encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class NamePerson:
    """A person gets a name, or another one; with the birth date where known."""

    person_id: str
    name: str
    birth_date: date | None = None
    kind: Literal["name"] = "name"


@dataclass(frozen=True, slots=True)
class ConfirmFace:
    """A face is this person. `person_id` may be new: `new_person_id(face_id)`."""

    face_id: str
    person_id: str
    kind: Literal["confirm"] = "confirm"


@dataclass(frozen=True, slots=True)
class RejectFace:
    """A face is not this person, whatever it looks like."""

    face_id: str
    person_id: str
    kind: Literal["reject"] = "reject"


@dataclass(frozen=True, slots=True)
class MergePeople:
    """Two people are one: `person_id` stays, `other_id` becomes another name for it."""

    person_id: str
    other_id: str
    kind: Literal["merge"] = "merge"


@dataclass(frozen=True, slots=True)
class PartPeople:
    """Two people are two, however alike: the "no" to "same person?"."""

    person_id: str
    other_id: str
    kind: Literal["part"] = "part"


@dataclass(frozen=True, slots=True)
class SplitPerson:
    """Some faces of a person are somebody else: all of them one new person."""

    person_id: str
    face_ids: tuple[str, ...]
    kind: Literal["split"] = "split"


@dataclass(frozen=True, slots=True)
class HidePerson:
    """A person is kept out of sight, or shown again."""

    person_id: str
    hidden: bool = True
    kind: Literal["hide"] = "hide"


@dataclass(frozen=True, slots=True)
class IgnoreFace:
    """A face is nobody's (a poster, a stranger, no face at all), or counts again."""

    face_id: str
    ignored: bool = True
    kind: Literal["ignore"] = "ignore"


@dataclass(frozen=True, slots=True)
class Undo:
    """An earlier event is taken back, as if it had never been said."""

    event_id: str
    kind: Literal["undo"] = "undo"


PeopleWord = (
    NamePerson
    | ConfirmFace
    | RejectFace
    | MergePeople
    | PartPeople
    | SplitPerson
    | HidePerson
    | IgnoreFace
    | Undo
)


@dataclass(frozen=True, slots=True)
class PeopleEvent:
    """One create-only event; `event_id` is a ULID, so that sorting by id is sorting by time."""

    event_id: str
    at: datetime
    word: PeopleWord
