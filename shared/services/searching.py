"""Search as clients see it: what was found with why, near-duplicates together, and ways to go on typing."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from shared.domain.catalogue import Card
from shared.domain.errors import ObjectMissing
from shared.search.engine import Hit
from shared.search.query import parse
from shared.search.segment import plain
from shared.services.api import views
from shared.services.browsing import Cards, Library
from shared.services.indexing import SearchIndex
from shared.services.people import People

SUGGESTIONS = 8


@dataclass(slots=True)
class Searcher:
    """Answers searches over the library as it stands now.

    Parameters
    ----------
    index : SearchIndex
        Hears of what the library hears of.
    """

    library: Library
    people: Callable[[], People]
    index: SearchIndex
    _named: "_Named | None" = field(default=None, init=False)

    def search(self, q: str, limit: int) -> views.SearchView:
        """Photos that have all a query's terms ask for and nothing it excludes, best first.

        Raises
        ------
        InvalidInput
            Where a date in the query is none.
        """
        parts = parse(q)
        cards, people = self.library.cards(), self.people()
        found = self.index.engine().search(parts, self._photos_by_name(cards, people), limit)
        return views.SearchView(
            hits=_hits(cards, found.hits),
            total=found.total,
            did_you_mean=found.did_you_mean,
            understood=tuple(str(part) for part in parts if part.term or part.minus or part.phrase),
        )

    def similar(self, photo_id: str, limit: int) -> views.SearchView:
        """Photos that show the like or look the same.

        Raises
        ------
        ObjectMissing
            Where the library has no such photo.
        """
        cards = self.library.cards()
        found = self.index.engine().similar(photo_id, limit)
        if found is None:
            raise ObjectMissing(f"The library has no photo {photo_id}: it may not be analyzed yet")
        hits = _hits(cards, found)
        return views.SearchView(hits=hits, total=len(hits))

    def _photos_by_name(self, cards: Cards, people: People) -> dict[str, frozenset[str]]:
        known = self._named
        if known is None or known.people is not people or known.version != cards.version:
            known = self._named = _Named(people, cards.version, _photos_by_name(cards, people))
        return known.photos

    def suggestions(self, q: str) -> views.Suggestions:
        """How the last word of a query may go on: tags, people, places and cameras of the library."""
        head, _, last = q.rpartition(" ")
        kind, colon, value = last.partition(":")
        wanted = plain(value if colon else last)
        counts: Counter[tuple[str, str]] = Counter()
        for known, name in _names(self.library.cards(), self.people()):
            if (not colon or known == kind) and wanted and plain(name).startswith(wanted):
                counts[known, name] += 1
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:SUGGESTIONS]
        return views.Suggestions(
            suggestions=tuple(
                views.Suggestion(text=f"{head} {_term(known, name)}".strip(), kind=known, photos=photos)
                for (known, name), photos in ranked
            )
        )


def _term(kind: str, name: str) -> str:
    return f'{kind}:"{name}"' if " " in name else f"{kind}:{name}"


def _names(cards: Cards, people: People) -> Iterator[tuple[str, str]]:
    for card in cards:
        yield from (("tag", tag) for tag in card.tags)
        if card.place:
            yield "place", card.place
        if card.camera:
            yield "camera", card.camera
        for spot in card.faces:
            found = people.of_face(spot.face_id, spot.appearance)
            if found and found.name:
                yield "person", found.name


class _Named(NamedTuple):
    """Photos by name, of certain people on certain cards."""

    people: People
    version: int
    photos: dict[str, frozenset[str]]


def _photos_by_name(cards: Cards, people: People) -> dict[str, frozenset[str]]:
    """Photos by the plain name of the people on them."""
    photos: dict[str, set[str]] = {}
    for card in cards:
        for spot in card.faces:
            found = people.of_face(spot.face_id, spot.appearance)
            if found and found.name:
                photos.setdefault(plain(found.name), set()).add(card.photo_id)
    return {name: frozenset(ids) for name, ids in photos.items()}


def _hits(cards: Cards, hits: tuple[Hit, ...]) -> tuple[views.HitView, ...]:
    found = ((cards.get(hit.photo_id), hit) for hit in hits)
    return tuple(_view(card, hit) for card, hit in found if card is not None)


def _view(card: Card, hit: Hit) -> views.HitView:
    return views.HitView(
        photo_id=card.photo_id,
        key=card.key,
        score=hit.score,
        why=hit.why,
        width=card.width,
        height=card.height,
        at=datetime.fromtimestamp(card.at, UTC),
        description=card.description,
        also=hit.also,
    )
