"""Search as clients see it: what was found with why, near-duplicates together, and ways to go on typing."""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from shared.domain.errors import ObjectMissing
from shared.domain.record import Status
from shared.learning.words import is_content, lemma
from shared.services.api import views
from shared.services.browsing import Card, Cards, Library
from shared.services.people import People
from shared.search.query import Part, day, parse

SUGGESTIONS = 8
SAME_SHOT = 6
ALIKE = 0.75


@dataclass(frozen=True, slots=True)
class Searcher:
    """Answers searches over the library as it stands now."""

    library: Library
    people: Callable[[], People]

    def search(self, q: str, limit: int) -> views.SearchView:
        """Photos that have all a query asks for and nothing it excludes, best first.

        Raises
        ------
        InvalidInput
            Where a date in the query is none.
        """
        parts = _content(parse(q))
        people = self.people()
        found = []
        for card in self.library.cards():
            if card.status is not Status.ANALYZED:
                continue
            said = Said.of(card, people)
            why = [said.why(part) for part in parts]
            if parts and all((reason is None) == part.minus for reason, part in zip(why, parts, strict=True)):
                reasons = tuple(dict.fromkeys(reason for reason in why if reason))
                found.append((said.weight(reasons), card, reasons))
        found.sort(key=lambda hit: (-hit[0], hit[1].place_in_list))
        together = _together([card for _, card, _ in found[:limit]])
        return views.SearchView(
            hits=tuple(
                _hit(card, score, why, together[card.photo_id])
                for score, card, why in found[:limit]
                if card.photo_id in together
            ),
            total=len(found),
            did_you_mean=None if found else self._meant(q, parts, people),
            understood=tuple(str(part) for part in parts if part.term or part.minus or part.phrase),
        )

    def _meant(self, q: str, parts: Sequence[Part], people: People) -> str | None:
        """The query with words the library does not know put as the most alike that it knows."""
        known = {_plain(name) for _, name in _names(self.library.cards(), people)}
        put = q
        for part in parts:
            alike = difflib.get_close_matches(_plain(part.text), known, 1, ALIKE) if _is_word(part) else []
            if alike and alike[0] != _plain(part.text):
                put = re.sub(re.escape(part.text), alike[0], put, count=1, flags=re.IGNORECASE)
        return put if put != q else None

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


@dataclass(frozen=True, slots=True)
class Said:
    """All that is said of a photo, by kind; each text with its plain form."""

    card: Card
    texts: tuple[tuple[str, str, str], ...]

    @classmethod
    def of(cls, card: Card, people: People) -> "Said":
        """What is said of a photo and of the people on it."""
        named = (people.of_face(spot.face_id, spot.appearance) for spot in card.faces)
        kinds = (
            *(("tag", tag) for tag in card.tags),
            ("description", card.description),
            *(("person", one.name) for one in named if one and one.name),
            ("place", card.place or ""),
            ("camera", card.camera or ""),
        )
        return cls(card, tuple((kind, text, _plain(text)) for kind, text in kinds if text))

    def why(self, part: Part) -> str | None:
        """Why a part of a query holds of the photo; None where it does not."""
        match part.term:
            case "before":
                return _taken(self.card, lambda at: at < day("before", part.text))
            case "after":
                return _taken(self.card, lambda at: at >= day("after", part.text))
            case "has":
                has = self.card.faces if part.text == "faces" else self.card.latitude is not None
                return f"has {part.text}" if has else None
            case term:
                return self._mentioned(term, _plain(part.text))

    def _mentioned(self, term: str | None, wanted: str) -> str | None:
        word = re.compile(rf"\b{re.escape(wanted)}" if wanted[:1].isalnum() else re.escape(wanted))
        for kind, text, plain in self.texts:
            if term == "tag" and kind == "tag":
                found = plain == wanted
            else:
                found = term in (None, kind) and word.search(plain) is not None
            if found:
                return f"{kind} {text}" if kind != "description" else "description"
        return None

    def weight(self, reasons: Iterable[str]) -> float:
        """How much of what was asked the tags say themselves."""
        return sum(2.0 if reason.startswith("tag ") else 1.0 for reason in reasons)


def _content(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Words in their base form, so that "dogs" finds a dog; those that say nothing go where others stay."""
    based = [replace(part, text=lemma(part.text)) if _is_word(part) else part for part in parts]
    kept = [
        base
        for part, base in zip(parts, based, strict=True)
        if not _is_word(part) or is_content(part.text.lower(), base.text)
    ]
    return tuple(kept or parts)


def _is_word(part: Part) -> bool:
    return part.term is None and not part.phrase


def _taken(card: Card, holds: Callable[[date], bool]) -> str | None:
    at = datetime.fromtimestamp(card.at, UTC).date()
    return f"taken {at}" if holds(at) else None


def _alike(one: Card, other: Card) -> float:
    bits = (int(one.dhash or "0", 16) ^ int(other.dhash or "f" * 16, 16)).bit_count()
    return (2.0 if bits <= SAME_SHOT else 0.0) + len({*one.tags} & {*other.tags}) / (1 + len(other.tags))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _together(cards: Iterable[Card]) -> dict[str, tuple[str, ...]]:
    """Near-duplicates under the first of them, in the order given."""
    groups: list[tuple[int, list[str]]] = []
    for card in cards:
        bits = int(card.dhash or "0", 16)
        near = (ids for first, ids in groups if bits and (first ^ bits).bit_count() <= SAME_SHOT)
        group = next(near, None)
        if group is None:
            groups.append((bits, [card.photo_id]))
        else:
            group.append(card.photo_id)
    return {ids[0]: tuple(ids[1:]) for _, ids in groups}


def _hit(card: Card, score: float, why: tuple[str, ...], also: tuple[str, ...] = ()) -> views.HitView:
    return views.HitView(
        photo_id=card.photo_id,
        key=card.key,
        score=round(score, 4),
        why=why,
        width=card.width,
        height=card.height,
        at=datetime.fromtimestamp(card.at, UTC),
        description=card.description,
        also=also,
    )
