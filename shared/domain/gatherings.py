"""Photos of one event: taken close together in time, and with the same people or at the same place.

References
----------
Graham, A., Garcia-Molina, H., Paepcke, A. & Winograd, T. (2002). Time as Essence for Photo Browsing Through
Personal Digital Libraries. JCDL: gaps in time tell events apart.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.domain.catalogue import Card

PAUSE = timedelta(hours=1)
"""After it others, elsewhere, are another event."""
BREAK = timedelta(hours=6)
"""After it everything is."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One dated photo.

    Attributes
    ----------
    taken_at : datetime
        Local time.
    people : frozenset of str
        Who is on it.
    """

    photo_id: str
    taken_at: datetime
    people: frozenset[str] = frozenset()
    place: str | None = None
    latitude: float | None = None

    @classmethod
    def of(cls, card: Card, names: Iterable[str | None]) -> "Moment | None":
        """A photo with the people on it; None where nothing tells when it was taken."""
        if card.taken_at is None:
            return None
        return cls(card.photo_id, card.taken_at, frozenset(filter(None, names)), card.place, card.latitude)


@dataclass(frozen=True, slots=True)
class Gathering:
    """The photos of one event, oldest first; who is on them and where they were taken, most often first."""

    moments: tuple[Moment, ...]

    @property
    def people(self) -> tuple[str, ...]:
        """Participants."""
        return _ranked(name for moment in self.moments for name in moment.people)

    @property
    def places(self) -> tuple[str, ...]:
        """Where it took place."""
        return _ranked(moment.place for moment in self.moments if moment.place)


def gatherings(moments: Iterable[Moment]) -> list[Gathering]:
    """Group dated photos into events, in the order of time."""
    groups: list[list[Moment]] = []
    for moment in sorted(moments, key=lambda one: (one.taken_at.replace(tzinfo=None), one.photo_id)):
        if groups and _belongs(moment, groups[-1]):
            groups[-1].append(moment)
        else:
            groups.append([moment])
    return [Gathering(tuple(group)) for group in groups]


def _belongs(moment: Moment, group: list[Moment]) -> bool:
    pause = moment.taken_at.replace(tzinfo=None) - group[-1].taken_at.replace(tzinfo=None)
    if pause <= PAUSE or pause > BREAK:
        return pause <= PAUSE
    met = frozenset().union(*(one.people for one in group))
    places = {one.place for one in group if one.place}
    if moment.people and met:
        return bool(moment.people & met)
    return moment.place is None or not places or moment.place in places


def _ranked(names: Iterable[str]) -> tuple[str, ...]:
    counted = Counter(names)
    return tuple(sorted(counted, key=lambda name: (-counted[name], name)))
