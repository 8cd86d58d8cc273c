"""Whom an erasure is about: which faces, on which photos, and where only words tell of them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from shared.domain.corrections import CorrectionWord, SetDescription, UndoCorrection
from shared.domain.errors import InvalidInput
from shared.domain.named_faces import names_of
from shared.domain.people import PeopleEvent, PeopleWord, SplitPerson
from shared.domain.record import Record
from shared.domain.suppression import HiddenName, Suppression, hidden_names, without_names, words_of
from shared.services.people import Known, People
from shared.storage.erasures import Affected

LEAST_ID = 6
SALT = "finding"


@dataclass(frozen=True, slots=True)
class Sought:
    """A person as a search for all that holds them knows them.

    Attributes
    ----------
    names, ids, faces : frozenset of str
        All names that were given to them, ids that mean them, and ids of their faces.
    """

    names: frozenset[str]
    ids: frozenset[str]
    faces: frozenset[str]

    @classmethod
    def of(cls, known: Known) -> "Sought":
        """Somebody of the people page."""
        return cls(frozenset({known.name} if known.name else ()), known.ids, frozenset(known.faces))

    @property
    def hidden(self) -> tuple[HiddenName, ...]:
        """The names in full, to look for them in what was written anywhere."""
        return hidden_names(self.names, SALT, parts=False)

    def faces_in(self, record: Record) -> Iterator[tuple[str, int]]:
        """(face id, place among the faces) of the person in a record: learned, confirmed or named."""
        if record.observation is None:
            return
        people = record.enhancement.people if record.enhancement else ()
        given = {one.face_id: one.person_id for one in people}
        called = names_of(record.observation.faces, record.owner.faces)
        wanted = {tuple(words_of(name)) for name in self.names}
        for row, (face, name) in enumerate(zip(record.observation.faces, called, strict=True)):
            said = tuple(words_of(name)) if name else ()
            if (
                face.face_id in self.faces
                or given.get(face.face_id) in self.ids
                or (bool(said) and said in wanted)
            ):
                yield face.face_id, row

    def affected(self, record: Record) -> Affected | None:
        """What of a record holds the person; None where nothing does."""
        seen = record.observation
        boxes = tuple(seen.faces[row].box for _, row in self.faces_in(record)) if seen else ()
        if not boxes and not self._worded(record):
            return None
        content = seen.content_sha256 if seen else ""
        return Affected(record.photo_id, record.origin.key, content, boxes)

    def _worded(self, record: Record) -> bool:
        owner, words = record.owner, record.file_words
        texts = (owner.description, words.description)
        tags = (*owner.tags, *owner.removed_tags, *owner.dismissed, *words.tags)
        named = (*(one.name for one in words.regions), *(one.name for one in owner.faces))
        hidden = Suppression(names=self.hidden)
        return any(text and self.is_in(text) for text in texts) or any(
            hidden.is_name(one) for one in (*tags, *named)
        )

    def is_in(self, text: str) -> bool:
        """Whether a text names the person in full."""
        return without_names(text, self.hidden) != text

    def speaks(self, event: PeopleEvent) -> bool:
        """Whether an event of the people log is about the person."""
        word = event.word
        told = {getattr(word, name, None) for name in ("person_id", "other_id", "face_id")}
        faces = set(word.face_ids) if isinstance(word, SplitPerson) else set()
        name = getattr(word, "name", "")
        return bool(
            told & (self.ids | self.faces)
            or faces & self.faces
            or (name and Suppression(names=self.hidden).is_name(name))
        )


def person(people: People, asked: str) -> Known:
    """The one person that an id, the beginning of one, or a whole name means.

    Raises
    ------
    InvalidInput
        Where it means nobody, or more than one.
    """
    wanted = " ".join(asked.split()).casefold()
    everybody = people.ranked(hidden=True)
    found = [known for known in everybody if wanted and (known.name or "").casefold() == wanted]
    if not found and len(wanted) >= LEAST_ID:
        found = [known for known in everybody if any(one.startswith(wanted) for one in known.ids)]
    if not found:
        raise InvalidInput(f"Nobody is called {asked!r}: `eye people --hidden` lists everybody with ids")
    if len(found) > 1:
        ids = ", ".join(known.person_id[:8] for known in found)
        raise InvalidInput(f"{asked!r} means {len(found)} people: name one by the id ({ids})")
    return found[0]


def without_faces(word: PeopleWord, sought: Sought) -> PeopleWord | None:
    """What is left of an event that parts faces of others, too, from somebody else; None where nothing is."""
    if isinstance(word, SplitPerson) and word.person_id not in sought.ids:
        left = tuple(face for face in word.face_ids if face not in sought.faces)
        return SplitPerson(word.person_id, left) if left else None
    return None


def without_name(word: CorrectionWord, hidden: Suppression) -> CorrectionWord | None:
    """A correction without the name; None where nothing is left of it."""
    match word:
        case SetDescription(text):
            return SetDescription(hidden.sentence(text))
        case UndoCorrection():
            return word
        case _:
            return None if hidden.is_name(word.tag) else word


def merged(parts: Iterable[Affected]) -> tuple[Affected, ...]:
    """Each photo once, with all its boxes, sorted by id."""
    found: dict[str, Affected] = {}
    for one in parts:
        before = found.get(one.photo_id)
        boxes = (*before.boxes, *one.boxes) if before else one.boxes
        content = one.content_sha256 or (before.content_sha256 if before else "")
        found[one.photo_id] = Affected(one.photo_id, one.key, content, tuple(dict.fromkeys(boxes)))
    return tuple(found[photo_id] for photo_id in sorted(found))
