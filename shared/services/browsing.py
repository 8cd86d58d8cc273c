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
from itertools import islice

from shared.domain.catalogue import Card
from shared.domain.errors import InvalidInput, StoreUnavailable
from shared.domain.record import Record, Status
from shared.search.entry import Entry
from shared.storage.catalogue import Catalogue
from shared.storage.catalogue_rows import Row
from shared.storage.changes import ChangeTail
from shared.storage.observability import logger
from shared.storage.records import RecordRepository, Stored
from shared.storage.store import ObjectStore


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
    """A part of a list.

    Attributes
    ----------
    stacks : tuple of tuple of Card
        Each a photo, with its near-duplicates after it where photos are stacked.
    cursor : str or None
        Continues the list; None at its end.
    total : int
        Photos of the whole list.
    """

    stacks: tuple[tuple[Card, ...], ...]
    cursor: str | None
    total: int

    @property
    def cards(self) -> tuple[Card, ...]:
        """The first photo of each stack."""
        return tuple(stack[0] for stack in self.stacks)


@dataclass(slots=True)
class Cards:
    """All cards, in the order of lists; `version` grows with every change."""

    version: int = 0
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
        newer = {card.photo_id: card for card in cards}
        if not newer:
            return
        here = [card for card in newer.values() if card.status is not Status.DELETED]
        kept = [place for place in self._order if place[1] not in newer]
        for photo_id in newer:
            self._by_id.pop(photo_id, None)
        self._by_id.update((card.photo_id, card) for card in here)
        self._photo_of.update((spot.face_id, card.photo_id) for card in here for spot in card.faces)
        self._order = sorted([*kept, *(card.place_in_list for card in here)])
        self.version += 1

    def page(
        self, wanted: Callable[[Card], bool], cursor: str | None, limit: int, *, stacked: bool = False
    ) -> Page:
        """The next `limit` photos that are wanted.

        Parameters
        ----------
        stacked : bool
            Give the photos of one burst as one.

        Raises
        ------
        InvalidInput
            Where the cursor is none that a page gave.
        """
        matching = [place for place in self._order if wanted(self._by_id[place[1]])]
        first = bisect.bisect_right(matching, read_cursor(cursor)) if cursor else 0
        cards = (self._by_id[photo_id] for _, photo_id in islice(matching, first, None))
        stacks = tuple(islice(_stacks(cards) if stacked else ((card,) for card in cards), limit))
        end = first + sum(map(len, stacks))
        more = end < len(matching)
        return Page(stacks, write_cursor(matching[end - 1]) if more else None, len(matching))


def _stacks(cards: Iterable[Card]) -> Iterator[tuple[Card, ...]]:
    """Neighbours in a list that are one picture, together."""
    stack: list[Card] = []
    for card in cards:
        if stack and not stack[0].like(card):
            yield tuple(stack)
            stack = []
        stack.append(card)
    if stack:
        yield tuple(stack)


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


Listener = Callable[[str, Entry | None], None]


class Library:
    """All photos of the library: the catalogue, and what changed since, kept up by the notes of changes.

    Parameters
    ----------
    store : ObjectStore
        The library bucket.
    records : RecordRepository
    seconds : float
        How old an answer may be.
    listener : callable
        Told of every photo that is new or changed what search knows of it; None where it is gone.
    """

    def __init__(
        self,
        store: ObjectStore,
        records: RecordRepository,
        seconds: float = 1.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        clock: Callable[[], float] = time.monotonic,
        listener: Listener | None = None,
    ) -> None:
        self._store = store
        self._records = records
        self._catalogue = Catalogue(store, records)
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
            self._take(self._catalogue.rows())
            self._tail = tail
        elif self._clock() - self._looked >= self._seconds:
            try:
                self._unread += self._tail.new()
                self._take(map(Row.of, self._records.get_many(dict.fromkeys(self._unread))))
                self._unread = []
            except StoreUnavailable as error:
                logger.warning("The changes could not be read", extra={"reason": str(error)})
        self._looked = self._clock()
        return self._cards

    def look_again(self) -> None:
        """Let the next answer be of its moment, however young the last one is."""
        self._looked = -math.inf

    def take(self, record: Record) -> None:
        """Take in a record this process has just written."""
        self._take([Row.of(Stored(record, etag=""))])

    def _take(self, rows: Iterable[Row]) -> None:
        self._cards.put(map(self._heard, rows))

    def _heard(self, row: Row) -> Card:
        if self._listener is not None:
            self._listener(row.card.photo_id, row.entry)
        return row.card
