"""The people of the last training as the owner has them now: a merge taken back makes two of one again."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.learning.faces.owner import OwnerView
from shared.learning.faces.person import Person


@dataclass(frozen=True, slots=True)
class Former:
    """A person of the last training.

    Attributes
    ----------
    id : str
        The one it goes by now.
    faces : tuple of str
        Those it had.
    exemplars : tuple of str
        Those that stood for it.
    """

    id: str
    faces: tuple[str, ...]
    exemplars: tuple[str, ...]


def formers(previous: Iterable[Person], view: OwnerView) -> Iterator[Former]:
    """The people of the last training; each part of one on its own where a merge was taken back since."""
    for person in previous:
        ids = (person.id, *person.aliases)
        if len({view.canonical(former) for former in ids}) == 1:
            yield Former(view.canonical(person.id), person.faces, person.exemplars)
            continue
        for former in ids:
            stood = person.parts.get(former, ())
            yield Former(
                view.canonical(former), stood or (person.faces if former == person.id else ()), stood
            )


def alone(previous: Iterable[Person], present: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The faces that stood for each person, before it was merged with others, as far as they are present."""
    stood: dict[str, tuple[str, ...]] = {}
    for person in previous:
        if person.parts or not person.aliases:  # Else it was merged before parts were kept: nobody's alone.
            stood.update(person.parts or {person.id: person.exemplars})
    kept = {person_id: tuple(face for face in faces if face in present) for person_id, faces in stood.items()}
    return {person_id: faces for person_id, faces in kept.items() if faces}
