"""People as they stand between two trainings: those of the live bundle under everything said since."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from shared.domain.errors import InvalidInput, ObjectMissing
from shared.domain.observation import Face
from shared.domain.people import (
    ConfirmFace,
    IgnoreFace,
    MergePeople,
    NamePerson,
    PartPeople,
    PeopleEvent,
    PeopleWord,
    Undo,
    new_person_id,
)
from shared.domain.record import Appearance, Source
from shared.learning.faces.owner import OwnerView, fold, standing
from shared.learning.faces.patterns import FacePatterns
from shared.learning.faces.person import Person
from shared.learning.faces.questions import Question
from shared.storage.changes import OVERLAP
from shared.storage.ulids import earliest, moment

SHORTEST_ID = 4
"""Digits of an id that may stand for all of it."""


@dataclass(frozen=True, slots=True)
class Known:
    """One person as the owner knows them now.

    Attributes
    ----------
    faces : tuple of str
        The most typical first, those confirmed since the last training last.
    ids : frozenset of str
        Every id that means this person, those merged into it included.
    """

    person_id: str
    name: str | None
    hidden: bool
    birth_date: date | None
    faces: tuple[str, ...]
    confirmed: frozenset[str]
    ids: frozenset[str]


@dataclass(frozen=True, eq=False)
class People:
    """The people of a library.

    Parameters
    ----------
    patterns : FacePatterns or None
        Of the live bundle; None before the first training.
    events : sequence of PeopleEvent
        The whole log.
    """

    patterns: FacePatterns | None
    events: Sequence[PeopleEvent]
    view: OwnerView = field(init=False)
    known: Mapping[str, Known] = field(init=False)
    grouped: Mapping[str, Appearance] = field(init=False)

    def __post_init__(self) -> None:
        people = self.patterns.people if self.patterns else ()
        object.__setattr__(
            self, "grouped", {one.face_id: one for person in people for one in _members(person)}
        )
        object.__setattr__(self, "view", fold(self.events, {}, people))
        object.__setattr__(self, "known", {known.person_id: known for known in self._stand(people)})

    def _stand(self, people: Iterable[Person]) -> Iterator[Known]:
        learned: dict[str, list[Person]] = {}
        for person in people:
            learned.setdefault(self.view.canonical(person.id), []).append(person)
        confirmed: dict[str, set[str]] = {}
        for face_id, person_id in self.view.confirmed.items():
            confirmed.setdefault(self.view.canonical(person_id), set()).add(face_id)
        gone: dict[str, set[str]] = {}
        for person_id in self.view.merged:
            gone.setdefault(self.view.canonical(person_id), set()).add(person_id)
        for person_id in sorted({*learned, *confirmed, *self.view.known}):
            group = learned.get(person_id, [])
            said = self.view.known.get(person_id)
            sure = frozenset(confirmed.get(person_id, ())) | {f for p in group for f in p.confirmed}
            faces = [face for person in group for face in (*person.exemplars, *person.faces)]
            kept = tuple(
                face for face in dict.fromkeys([*faces, *sorted(sure)]) if self._belongs(face, person_id)
            )
            if not kept:
                continue
            first = next((person for person in group if person.id == person_id), group[0] if group else None)
            yield Known(
                person_id=person_id,
                name=(said.name if said and said.name else None) or _first_name(first, group),
                hidden=said.hidden if said else bool(first and first.hidden),
                birth_date=(said.birth_date if said else None) or (first.birth_date if first else None),
                faces=kept,
                confirmed=sure & set(kept),
                ids=frozenset(
                    {person_id, *gone.get(person_id, ())} | {i for p in group for i in (p.id, *p.aliases)}
                ),
            )

    def _belongs(self, face_id: str, person_id: str) -> bool:
        return face_id not in self.view.ignored and not self.view.is_apart(face_id, person_id)

    def ranked(self, *, hidden: bool = False) -> list[Known]:
        """People, named ones first, then those with most faces."""
        shown = [known for known in self.known.values() if hidden or not known.hidden]
        return sorted(shown, key=lambda known: (known.name is None, -len(known.faces), known.person_id))

    def get(self, person_id: str) -> Known:
        """The person of an id, also of one merged away.

        Raises
        ------
        ObjectMissing
            Where there is none.
        """
        found = self.known.get(self.view.canonical(person_id))
        if found is None:
            found = next((known for known in self.known.values() if person_id in known.ids), None)
        if found is None:
            raise ObjectMissing(f"Nobody has the id {person_id}: look at the list of people again")
        return found

    def meant(self, text: str) -> Known:
        """The person that a name, an id or the beginning of one means.

        Raises
        ------
        ObjectMissing
            Where it means nobody.
        InvalidInput
            Where it means several people.
        """
        whole = self.known.get(self.view.canonical(text))
        if whole is not None:
            return whole
        ids = self.named(text)
        found = [known for known in self.known.values() if known.person_id in ids]
        if not found and len(text) >= SHORTEST_ID:
            digits = text.lower()
            found = [k for k in self.known.values() if any(i.startswith(digits) for i in k.ids)]
        if not found:
            raise ObjectMissing(f"Nobody is called {text!r} or has an id that begins so: see `eye people`")
        if len(found) > 1:
            some = ", ".join(f"{known.name or 'unnamed'} {known.person_id[:8]}" for known in found[:5])
            raise InvalidInput(f"{text!r} means {len(found)} people ({some}): give more digits of the id")
        return found[0]

    def said_of(self, known: Known) -> list[PeopleEvent]:
        """The words about a person that stand, in order."""
        learned = self.patterns.people if self.patterns else ()
        faces = {face for person in learned if person.id in known.ids for face in person.faces}
        return [e for e in standing(self.events) if _speaks(e.word, known.ids, faces | set(known.faces))]

    def named(self, name: str) -> frozenset[str]:
        """Every id that a name means: people called so in full, else those whose name begins so."""
        wanted = name.casefold()
        people = [known for known in self.known.values() if known.name]
        exact = [known for known in people if (known.name or "").casefold() == wanted]
        starting = [known for known in people if (known.name or "").casefold().startswith(wanted)]
        return frozenset(i for known in exact or starting for i in known.ids)

    def of_face(self, face_id: str, given: Appearance | None) -> Appearance | None:
        """Who a face is now: the owner's word, else what the last training says, else the record's bundle.

        Renamed and merged as people are now; hidden people are nobody.
        """
        confirmed = self.view.confirmed.get(face_id)
        if confirmed is not None:
            return self._shown(face_id, confirmed, 1.0, Source.OWNER)
        given = self.grouped.get(face_id, given)
        if given is None or not self._belongs(face_id, self.view.canonical(given.person_id)):
            return None
        return self._shown(face_id, given.person_id, given.score, given.source, given.name)

    def _shown(
        self, face_id: str, person_id: str, score: float, source: Source, name: str | None = None
    ) -> Appearance | None:
        person_id = self.view.canonical(person_id)
        known = self.known.get(person_id)
        if known and known.hidden:
            return None
        return Appearance(face_id, person_id, known.name if known else name, score, source)

    def questions(self) -> list[Question]:
        """What is still worth asking: those of the last training that nothing said since has settled."""
        asked = self.patterns.questions if self.patterns else ()
        return [question for question in asked if not self._settled(question)]

    def _settled(self, question: Question) -> bool:
        one, other = self.view.canonical(question.person_id), self.view.canonical(question.other_id)
        if question.person_id != question.other_id:
            pair = (min(one, other), max(one, other))
            if one == other or pair in self.view.parted:
                return True
        faces = (*question.faces, *question.others)
        if any(face in self.view.ignored for face in faces):
            return True
        if question.lone or question.person_id == question.other_id:
            face = question.others[0]
            return face in self.view.confirmed or self.view.is_apart(face, one)
        return False


def _members(person: Person) -> Iterator[Appearance]:
    sure = frozenset(person.confirmed)
    for face_id, score in zip(person.faces, person.scores.tolist(), strict=True):
        source = Source.OWNER if face_id in sure else Source.LEARNED
        yield Appearance(face_id, person.id, person.name, score, source)


def _speaks(word: PeopleWord, people: Container[str], faces: Container[str]) -> bool:
    """Whether a word is about a person of some ids, or about one of its faces."""
    match word:
        case IgnoreFace(face_id):
            return face_id in faces
        case MergePeople(person_id, other_id) | PartPeople(person_id, other_id):
            return person_id in people or other_id in people
        case Undo():
            return False
        case _:
            return word.person_id in people


def _first_name(first: Person | None, group: Iterable[Person]) -> str | None:
    names = [person.name for person in ((first,) if first else ()) if person.name]
    return next(iter([*names, *(person.name for person in group if person.name)]), None)


def naming(faces: Sequence[Face], face_id: str, name: str, people: People) -> tuple[PeopleWord, ...]:
    """What it means that the owner gives a face a name: the person called so, else a new one.

    Raises
    ------
    InvalidInput
        Where the photo has no such face, or the name is empty.
    """
    name = " ".join(name.split())
    if not name or len(name) > 100:
        raise InvalidInput("A name has 1 to 100 characters: type it again")
    if all(face.face_id != face_id for face in faces):
        raise InvalidInput(f"The photo has no face {face_id}: load the photo again")
    called = [known for known in people.known.values() if (known.name or "").casefold() == name.casefold()]
    if called:
        return (ConfirmFace(face_id, max(called, key=lambda known: len(known.faces)).person_id),)
    person_id = new_person_id(face_id)
    while person_id in people.known or person_id in people.view.merged:
        person_id = new_person_id(person_id)
    return (ConfirmFace(face_id, person_id), NamePerson(person_id, name))


@dataclass(slots=True)
class PeopleReader:
    """The people as they stand now, folded anew only where something changed.

    Parameters
    ----------
    patterns : callable
        The live bundle's version and people; None before the first training.
    events : callable
        Events after an id, in order (`PeopleLog.events`).
    """

    patterns: Callable[[], tuple[str, FacePatterns] | None]
    events: Callable[[str], tuple[PeopleEvent, ...]]
    _version: str | None = None
    _people: People | None = None

    def now(self) -> People:
        """The people under all that was said so far."""
        live = self.patterns()
        version = live[0] if live else None
        # An erasure takes events away, and a new bundle follows it: all are read anew then.
        fresh = self._people if version == self._version else None
        known = {event.event_id: event for event in fresh.events} if fresh else {}
        since = earliest(moment(max(known)) - OVERLAP) if known else ""
        new = [event for event in self.events(since) if event.event_id not in known]
        if self._people is None or new or version != self._version:
            self._people = People(live[1] if live else None, (*known.values(), *new))
            self._version = version
        return self._people
