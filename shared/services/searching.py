"""Search as clients see it: what was found with why, near-duplicates together, and ways to go on typing."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.errors import ObjectMissing
from shared.domain.record import Status
from shared.services.api import views
from shared.services.browsing import Card, Cards, Library
from shared.services.people import People

SUGGESTIONS = 8
SAME_SHOT = 6


@dataclass(frozen=True, slots=True)
class Searcher:
    """Answers searches over the library as it stands now."""

    library: Library
    people: Callable[[], People]

    def search(self, q: str, limit: int) -> views.SearchView:
        """Photos that have every word of the query, best first."""
        words = _plain(q).split()
        people = self.people()
        found = []
        for card in self.library.cards():
            if card.status is not Status.ANALYZED:
                continue
            texts = list(_texts(card, people))
            why = [next((said for said, text in texts if word in text), None) for word in words]
            if words and all(why):
                score = sum(1.0 for said in why if said and said.startswith("tag")) + len(words)
                found.append((score, card, tuple(dict.fromkeys(said for said in why if said))))
        found.sort(key=lambda hit: (-hit[0], hit[1].place_in_list))
        return views.SearchView(
            hits=tuple(_hit(card, score, why) for score, card, why in found[:limit]), total=len(found)
        )

    def similar(self, photo_id: str, limit: int) -> views.SearchView:
        """Photos that share tags or look the same."""
        cards = self.library.cards()
        asked = cards.get(photo_id)
        if asked is None:
            raise ObjectMissing(f"The library has no photo {photo_id}: it may not be analyzed yet")
        ranked = sorted(
            ((_alike(asked, card), card) for card in cards if card.photo_id != photo_id),
            key=lambda pair: (-pair[0], pair[1].place_in_list),
        )
        shown = [(score, card) for score, card in ranked[:limit] if score > 0]
        return views.SearchView(
            hits=tuple(_hit(card, score, ("looks alike",)) for score, card in shown), total=len(shown)
        )

    def suggestions(self, q: str) -> views.Suggestions:
        """How the last word of a query may go on: tags, people, places and cameras of the library."""
        head, _, last = q.rpartition(" ")
        kind, colon, value = last.partition(":")
        wanted = _plain(value if colon else last)
        counts: Counter[tuple[str, str]] = Counter()
        for known, name in _names(self.library.cards(), self.people()):
            if (not colon or known == kind) and wanted and _plain(name).startswith(wanted):
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


def _texts(card: Card, people: People) -> Iterable[tuple[str, str]]:
    for tag in card.tags:
        yield f"tag {tag}", _plain(tag)
    yield "description", _plain(card.description)
    for kind, name in _names_of(card, people):
        yield f"{kind} {name}", _plain(name)


def _names_of(card: Card, people: People) -> Iterator[tuple[str, str]]:
    if card.place:
        yield "place", card.place
    for spot in card.faces:
        found = people.of_face(spot.face_id, spot.appearance)
        if found and found.name:
            yield "person", found.name


def _alike(one: Card, other: Card) -> float:
    bits = (int(one.dhash or "0", 16) ^ int(other.dhash or "f" * 16, 16)).bit_count()
    return (2.0 if bits <= SAME_SHOT else 0.0) + len({*one.tags} & {*other.tags}) / (1 + len(other.tags))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _hit(card: Card, score: float, why: tuple[str, ...]) -> views.HitView:
    return views.HitView(
        photo_id=card.photo_id,
        key=card.key,
        score=round(score, 4),
        why=why,
        width=card.width,
        height=card.height,
        at=datetime.fromtimestamp(card.at, UTC),
        description=card.description,
    )
