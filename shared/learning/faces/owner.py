"""The owner's word on people: all events and named regions folded into what clustering must respect."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from shared.domain.people import (
    ConfirmFace,
    HidePerson,
    IgnoreFace,
    MergePeople,
    NamePerson,
    PartPeople,
    PeopleEvent,
    PeopleWord,
    RejectFace,
    SplitPerson,
    Undo,
    new_person_id,
)
from shared.learning.faces.person import Person


@dataclass(slots=True)
class Known:
    """What the owner said of one person."""

    name: str | None = None
    birth_date: date | None = None
    hidden: bool = False


@dataclass(slots=True)
class OwnerView:
    """The owner's word, folded: one answer for every face and person it speaks of.

    Attributes
    ----------
    known : dict of str to Known
        Every person an event speaks of, by the id that stayed.
    confirmed : dict of str to str
        Face id to person id.
    rejected : dict of str to set of str
        Face id to the people it is not.
    ignored : set of str
        Faces that are nobody's.
    parted : set of (str, str)
        People who are two, in sorted pairs.
    merged : dict of str to str
        Ids that were merged away, to what they were merged into (perhaps itself merged later).
    """

    known: dict[str, Known] = field(default_factory=dict)
    confirmed: dict[str, str] = field(default_factory=dict)
    rejected: dict[str, set[str]] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    parted: set[tuple[str, str]] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)

    def canonical(self, person_id: str) -> str:
        """The id a person goes by after all merges."""
        while person_id in self.merged:
            person_id = self.merged[person_id]
        return person_id

    def is_apart(self, face_id: str, person_id: str) -> bool:
        """Whether the owner said that a face is not this person, or is another."""
        confirmed = self.confirmed.get(face_id)
        return person_id in self.rejected.get(face_id, ()) or (
            confirmed is not None and confirmed != person_id
        )

    def apply(self, word: PeopleWord) -> None:
        """Add one word that is not taken back."""
        match word:
            case NamePerson(person_id, name, birth_date):
                person = self._person(person_id)
                person.name = name.strip() or None
                person.birth_date = birth_date or person.birth_date
            case ConfirmFace(face_id, person_id):
                self._confirm(face_id, person_id)
            case RejectFace(face_id, person_id):
                self._reject(face_id, person_id)
            case MergePeople(person_id, other_id):
                self._merge(person_id, other_id)
            case PartPeople(person_id, other_id):
                self._part(person_id, other_id)
            case SplitPerson(person_id, face_ids):
                self._split(person_id, face_ids)
            case HidePerson(person_id, hidden):
                self._person(person_id).hidden = hidden
            case IgnoreFace(face_id, ignored):
                (self.ignored.add if ignored else self.ignored.discard)(face_id)
                self.confirmed.pop(face_id, None)

    def name_faces(self, names: Mapping[str, str], people: Iterable[Person]) -> None:
        """Take the names that files give to faces: one name is one person.

        That is the person known by the name, else the one the last training gave it, else the one that held
        most of the faces, else a new one. A later word on the face itself (confirmed, rejected, ignored)
        stands.
        """
        spoken = {f: " ".join(n.split()) for f, n in names.items() if n.strip()}
        ids = self._ids_by_name(spoken, list(people))
        written = Counter(spoken.values())
        spellings = {n.casefold(): n for n in sorted(written, key=lambda n: (written[n], -ord(n[0])))}
        for face_id in sorted(spoken):
            name = spoken[face_id]
            person_id = ids[name.casefold()]
            if face_id in self.confirmed or face_id in self.ignored or self.is_apart(face_id, person_id):
                continue
            person = self._person(person_id)
            person.name = person.name or spellings[name.casefold()]
            self.confirmed[face_id] = person_id

    def _ids_by_name(self, spoken: Mapping[str, str], people: list[Person]) -> dict[str, str]:
        by_name = {p.name.casefold(): self.canonical(p.id) for p in people if p.name}
        by_name = {name: person for name, person in by_name.items() if person not in self.known}
        for person_id in sorted(self.known, reverse=True):
            if name := self.known[person_id].name:
                by_name[name.casefold()] = person_id
        taken = set(by_name.values()) | set(self.known)
        holder = {face: self.canonical(person.id) for person in people for face in person.faces}
        faces: dict[str, list[str]] = {}
        for face_id in sorted(spoken):
            faces.setdefault(spoken[face_id].casefold(), []).append(face_id)
        ids = {}
        for name in sorted(faces):
            held = Counter(holder[face] for face in faces[name] if face in holder)
            candidates = sorted(held, key=lambda person: (-held[person], person))
            free = (person for person in candidates if person not in taken)
            ids[name] = by_name.get(name) or next(free, None) or self._fresh_id(faces[name][0], taken)
            taken.add(ids[name])
        return ids

    def _fresh_id(self, seed: str, taken: Container[str] = ()) -> str:
        person_id = new_person_id(seed)
        while person_id in self.known or person_id in self.merged or person_id in taken:
            person_id = new_person_id(person_id)
        return person_id

    def _person(self, person_id: str) -> Known:
        return self.known.setdefault(self.canonical(person_id), Known())

    def _confirm(self, face_id: str, person_id: str) -> None:
        self._person(person_id)
        person_id = self.canonical(person_id)
        self.confirmed[face_id] = person_id
        self.ignored.discard(face_id)
        self.rejected.get(face_id, set()).discard(person_id)

    def _reject(self, face_id: str, person_id: str) -> None:
        self._person(person_id)
        person_id = self.canonical(person_id)
        self.rejected.setdefault(face_id, set()).add(person_id)
        if self.confirmed.get(face_id) == person_id:
            del self.confirmed[face_id]

    def _merge(self, person_id: str, other_id: str) -> None:
        kept, gone = self.canonical(person_id), self.canonical(other_id)
        if kept == gone:
            return
        person, other = self._person(kept), self.known.pop(gone, Known())
        person.name = person.name or other.name
        person.birth_date = person.birth_date or other.birth_date
        self.merged[gone] = kept
        self.confirmed = {f: kept if p == gone else p for f, p in self.confirmed.items()}
        self.rejected = {
            f: {kept if p == gone else p for p in people} - {self.confirmed.get(f, "")}
            for f, people in self.rejected.items()
        }
        pairs = ({kept if p == gone else p for p in pair} for pair in self.parted)
        self.parted = {(min(pair), max(pair)) for pair in pairs if len(pair) > 1}

    def _part(self, person_id: str, other_id: str) -> None:
        first, second = self.canonical(person_id), self.canonical(other_id)
        if first != second:
            self._person(first)
            self._person(second)
            self.parted.add((min(first, second), max(first, second)))

    def _split(self, person_id: str, face_ids: tuple[str, ...]) -> None:
        if not face_ids:
            return
        new = self._fresh_id(f"{person_id}/{face_ids[0]}")
        for face_id in face_ids:
            self._reject(face_id, person_id)
            self._confirm(face_id, new)
        self._part(person_id, new)


def standing(events: Iterable[PeopleEvent]) -> list[PeopleEvent]:
    """The events that no later one takes back, in order; an undo can itself be undone."""
    undone: set[str] = set()
    kept = []
    for event in sorted(events, key=lambda event: event.event_id, reverse=True):
        if event.event_id in undone:
            continue
        if isinstance(event.word, Undo):
            undone.add(event.word.event_id)
        else:
            kept.append(event)
    return kept[::-1]


def fold(events: Iterable[PeopleEvent], names: Mapping[str, str], people: Iterable[Person] = ()) -> OwnerView:
    """All of the owner's words on people.

    Parameters
    ----------
    events : iterable of PeopleEvent
        In any order.
    names : mapping of str to str
        Face id to the name its file gives it.
    people : iterable of Person
        Those of the live bundle.
    """
    view = OwnerView()
    for event in standing(events):
        view.apply(event.word)
    view.name_faces(names, people)
    return view
