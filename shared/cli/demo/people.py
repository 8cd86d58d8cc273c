"""Who the training grouped, by the photos they are in."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from shared.domain.record import Record
from shared.learning.faces.patterns import FacePatterns


@dataclass(frozen=True, slots=True)
class Group:
    """One person: the photos of their faces, and those in which the owner named them."""

    name: str | None
    person_id: str
    photos: tuple[str, ...]
    named_in: tuple[str, ...]


def groups(patterns: FacePatterns, records: Mapping[str, Record]) -> list[Group]:
    """People with two faces or more, those with most first."""
    key_of = _photo_of_face(records.values())
    found = []
    for person in patterns.people:
        faces = [face for face in person.faces if face in key_of]
        if len(faces) >= 2 and not person.hidden:
            named = tuple(sorted({key_of[face] for face in person.confirmed if face in key_of}))
            found.append(Group(person.name, person.id, tuple(sorted({key_of[f] for f in faces})), named))
    return found


def _photo_of_face(records: Iterable[Record]) -> dict[str, str]:
    return {
        face.face_id: record.origin.key
        for record in records
        if record.observation
        for face in record.observation.faces
    }
