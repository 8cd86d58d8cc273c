"""The library as a warm reader holds it: one card a photo, kept up to date by tailing the changes."""

import base64
import binascii
import bisect
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from shared.domain.errors import InvalidInput, StoreUnavailable
from shared.domain.observation import Box
from shared.domain.record import Appearance, Record, Status
from shared.storage.changes import ChangeTail
from shared.storage.observability import logger
from shared.storage.records import RecordRepository
from shared.storage.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Spot:
    """A face on a photo: where it is, and whom the record's bundle takes it for."""

    face_id: str
    box: Box
    appearance: Appearance | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One photo as lists, filters and the grid need it.

    Attributes
    ----------
    etag : str
        Of the version that was analyzed; names its thumbnail.
    at : float
        When it was taken, else uploaded: seconds since the epoch. Lists go by it, newest first.
    tags : tuple of str
        Applied ones, the owner's first.
    faces : tuple of Spot
    """

    photo_id: str
    key: str
    status: Status
    etag: str
    at: float
    width: int = 0
    height: int = 0
    taken: bool = False
    latitude: float | None = None
    longitude: float | None = None
    place: str | None = None
    camera: str | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    faces: tuple[Spot, ...] = ()
    dhash: str = ""

    @classmethod
    def of(cls, record: Record) -> "Card":
        """The card of a record."""
        origin, seen, after = record.origin, record.observation, record.enhancement
        if seen is None:
            return cls(
                record.photo_id, origin.key, record.status, origin.etag, origin.uploaded_at.timestamp()
            )
        taken_at = seen.exif.taken_at
        given = {one.face_id: one for one in after.people} if after else {}
        at = taken_at or origin.uploaded_at
        return cls(
            photo_id=record.photo_id,
            key=origin.key,
            status=record.status,
            etag=origin.etag,
            at=(at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp(),
            width=seen.width,
            height=seen.height,
            taken=taken_at is not None,
            latitude=seen.exif.latitude,
            longitude=seen.exif.longitude,
            place=seen.exif.place.text if seen.exif.place else None,
            camera=seen.exif.camera,
            description=after.description.text if after else "",
            tags=tuple(tag.tag for tag in after.tags) if after else record.owner.tags,
            faces=tuple(Spot(face.face_id, face.box, given.get(face.face_id)) for face in seen.faces),
            dhash=seen.dhash,
        )

    @property
    def place_in_list(self) -> tuple[float, str]:
        """What lists are sorted by: newest first, then by id."""
        return (-self.at, self.photo_id)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of photos is narrowed to; everything given must hold.

    Attributes
    ----------
    tags : tuple of str
        All of them, compared without regard to case.
    among : tuple of frozenset of str
        Sets of photo ids, all of which the photo must be in: those a person is on.
    place, camera : str or None
        Contained in the photo's, without regard to case.
    before, after : date or None
        Taken (else uploaded) before that day; on that day or later.
    faces, located : bool
        Only photos with faces; with coordinates.
    """

    status: Status = Status.ANALYZED
    tags: tuple[str, ...] = ()
    among: tuple[frozenset[str], ...] = ()
    place: str | None = None
    camera: str | None = None
    before: date | None = None
    after: date | None = None
    faces: bool = False
    located: bool = False

    def __call__(self, card: Card) -> bool:
        """Whether a photo is meant."""
        return (
            card.status is self.status
            and (not self.faces or bool(card.faces))
            and (not self.located or card.latitude is not None)
            and (self.before is None or card.at < _midnight(self.before))
            and (self.after is None or card.at >= _midnight(self.after))
            and _within(self.place, card.place)
            and _within(self.camera, card.camera)
            and all(card.photo_id in ids for ids in self.among)
            and (
                not self.tags
                or {tag.casefold() for tag in card.tags}.issuperset(map(str.casefold, self.tags))
            )
        )


def _midnight(day: date) -> float:
    return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


def _within(wanted: str | None, found: str | None) -> bool:
    return wanted is None or wanted.casefold() in (found or "").casefold()


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, and the cursor that continues it; None at the end."""

    cards: tuple[Card, ...]
    cursor: str | None
    total: int


@dataclass(slots=True)
class Cards:
    """All cards, in the order of lists."""

    _by_id: dict[str, Card] = field(default_factory=dict)
    _photo_of: dict[str, str] = field(default_factory=dict)
    _order: list[tuple[float, str]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Card]:
        return (self._by_id[photo_id] for _, photo_id in self._order)

    def get(self, photo_id: str) -> Card | None:
        """The card of a photo; None where the library has none."""
        return self._by_id.get(photo_id)

    def with_face(self, face_id: str) -> Card | None:
        """The card of the photo a face is on."""
        return self._by_id.get(self._photo_of.get(face_id, ""))

    def put(self, cards: Iterable[Card]) -> None:
        """Take in new cards, and newer ones of known photos; those of deleted photos go."""
        for card in cards:
            before = self._by_id.pop(card.photo_id, None)
            if before is not None:
                del self._order[bisect.bisect_left(self._order, before.place_in_list)]
            if card.status is not Status.DELETED:
                self._by_id[card.photo_id] = card
                self._photo_of.update((spot.face_id, card.photo_id) for spot in card.faces)
                bisect.insort(self._order, card.place_in_list)

    def page(self, wanted: Callable[[Card], bool], cursor: str | None, limit: int) -> Page:
        """The next `limit` photos that are wanted.

        Raises
        ------
        InvalidInput
            Where the cursor is none that a page gave.
        """
        start = bisect.bisect_right(self._order, read_cursor(cursor)) if cursor else 0
        matching = [place for place in self._order if wanted(self._by_id[place[1]])]
        first = (
            bisect.bisect_left(matching, self._order[start]) if start < len(self._order) else len(matching)
        )
        shown = matching[first : first + limit]
        more = first + limit < len(matching)
        return Page(
            tuple(self._by_id[photo_id] for _, photo_id in shown),
            write_cursor(shown[-1]) if more else None,
            len(matching),
        )


def write_cursor(place: tuple[float, str]) -> str:
    """A place in a list as opaque text."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[float, str]:
    """The place that `write_cursor` wrote; `InvalidInput` where it is none."""
    try:
        at, photo_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        place = (float(at), str(photo_id))
    except (ValueError, TypeError, binascii.Error) as error:
        raise InvalidInput("cursor: it is none that a list gave: begin again without one") from error
    if not math.isfinite(place[0]):
        raise InvalidInput("cursor: it is none that a list gave: begin again without one")
    return place


class Library:
    """All photos of the library, read once and then kept up by the notes of changes.

    Parameters
    ----------
    store : ObjectStore
        The library bucket.
    records : RecordRepository
    seconds : float
        How old an answer may be.
    listener : callable
        Told of every record that is read.
    """

    def __init__(
        self,
        store: ObjectStore,
        records: RecordRepository,
        seconds: float = 1.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        listener: Callable[[Record], None] | None = None,
    ) -> None:
        self._store = store
        self._records = records
        self._listener = listener
        self._seconds = seconds
        self._now = now
        self._clock = clock
        self._cards = Cards()
        self._tail: ChangeTail | None = None
        self._unread: list[str] = []
        self._looked = -math.inf

    def cards(self) -> Cards:
        """The photos as they stand now, at most `seconds` old."""
        if self._tail is None:
            tail = ChangeTail(self._store, self._now(), self._now)
            self._take(stored.record for stored in self._records.get_many(i for i, _ in self._records.list()))
            self._tail = tail
        elif self._clock() - self._looked >= self._seconds:
            try:
                self._unread += self._tail.new()
                self._take(stored.record for stored in self._records.get_many(dict.fromkeys(self._unread)))
                self._unread = []
            except StoreUnavailable as error:
                logger.warning("The changes could not be read", extra={"reason": str(error)})
        self._looked = self._clock()
        return self._cards

    def take(self, record: Record) -> None:
        """Take in a record this process has just written."""
        self._take([record])

    def _take(self, found: Iterable[Record]) -> None:
        self._cards.put(map(self._card, found))

    def _card(self, record: Record) -> Card:
        if self._listener is not None:
            self._listener(record)
        return Card.of(record)
