"""What search knows of one photo."""

from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache

from shared.domain.record import Record, Source
from shared.domain.vectors import Array
from shared.learning.words import lemmas
from shared.vision.generic import generic_tags

SURE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One photo's words, by who said them, and its place among sentence vectors.

    Attributes
    ----------
    owner_tags, owner_text
        The owner's own; they come first.
    tags, text
        What was learned or seen: applied tags and the description shown, where they are not the owner's.
    seen : tuple of str
        What the models alone are sure of, whatever was learned since.
    vector : (d,) float32 or None
    worded : bool
        Whether the vector is that of the owner's words, still to be centred on the library.
    offset : float
        Taken off every score: how close the photo is to everything.
    dhash : int
        64 bits; photos that differ little are near-duplicates.
    at : float
        When it was taken, else uploaded: seconds since the epoch.
    taken : bool
        Whether `at` is when it was taken.
    faces, located : bool
        Whether faces were found on it; whether its coordinates are known.
    """

    photo_id: str
    owner_tags: tuple[str, ...] = ()
    owner_text: str = ""
    tags: tuple[str, ...] = ()
    text: str = ""
    seen: tuple[str, ...] = ()
    place: str = ""
    camera: str = ""
    vector: Array | None = None
    worded: bool = False
    offset: float = 0.0
    dhash: int = 0
    at: float = 0.0
    taken: bool = False
    faces: bool = False
    located: bool = False

    @classmethod
    def of(cls, record: Record) -> "Entry":
        """The entry of a record: placed by the owner's words where there are any, else by its pixels."""
        seen, after, owner = record.observation, record.enhancement, record.owner
        stands = after.stands if after else None
        shown = stands.vector if stands else seen.text_vector if seen else None
        tags = tuple(tag.tag for tag in after.tags if tag.source is not Source.OWNER) if after else ()
        said = after.description if after and after.description.source is not Source.OWNER else None
        return cls(
            photo_id=record.photo_id,
            owner_tags=owner.tags,
            owner_text=owner.description or "",
            tags=tags,
            text=said.text if said and not owner.description else "",
            seen=_sure(record),
            place=seen.exif.place.text if seen and seen.exif.place else "",
            camera=(seen.exif.camera or "") if seen else "",
            vector=shown if owner.text_vector is None else owner.text_vector,
            worded=owner.text_vector is not None,
            offset=stands.offset if stands and owner.text_vector is None else 0.0,
            dhash=int(seen.dhash or "0", 16) if seen else 0,
            at=_at(record),
            taken=bool(seen and seen.exif.taken_at),
            faces=bool(seen and seen.faces),
            located=bool(seen and seen.exif.latitude is not None),
        )

    def owner_lemmas(self) -> list[str]:
        """Lemmas of all the owner said."""
        return _lemmas((*self.owner_tags, self.owner_text))

    def other_lemmas(self) -> list[str]:
        """Lemmas of what was learned, seen or written by the camera."""
        return _lemmas((*self.tags, self.text, *self.seen, self.place, self.camera))

    def says(self) -> str:
        """All lemmas in order with a bar between texts, for phrases."""
        owner, seen = (*self.owner_tags, self.owner_text), (*self.tags, self.text, *self.seen)
        texts = (*owner, *seen, self.place, self.camera)
        return f" {' | '.join(' '.join(text_lemmas(text)) for text in texts if text)} "


def _sure(record: Record) -> tuple[str, ...]:
    if record.observation is None:
        return ()
    refused = {tag.casefold() for tag in (*record.owner.removed_tags, *record.owner.dismissed)}
    labels = generic_tags(record.observation)
    return tuple(name for name, score in labels if score >= SURE and name.casefold() not in refused)


@lru_cache(maxsize=50_000)
def text_lemmas(text: str) -> tuple[str, ...]:
    """Lemmas of a text; tags and the texts of one search are asked for again and again."""
    return lemmas(text)


def _at(record: Record) -> float:
    taken = record.observation.exif.taken_at if record.observation else None
    at = taken or record.origin.uploaded_at
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def _lemmas(texts: tuple[str, ...]) -> list[str]:
    return [lemma for text in texts if text for lemma in text_lemmas(text)]
