"""Why a photo was found, in words."""

from collections.abc import Iterator, Sequence

from shared.search.entry import Entry, text_lemmas
from shared.search.query import Part
from shared.search.ranking import Asked


def reasons(entry: Entry, parts: Sequence[Part], asked: Asked) -> tuple[str, ...]:
    """Each word and term of the query with what holds it, the owner's own words first."""
    found = [reason for word in asked.words for reason in _word(entry, word, asked)]
    found += [str(part) for part in parts if part.term and not part.minus]
    if asked.words and not found:
        found.append("close in meaning" if entry.worded else "what it shows is close in meaning")
    return tuple(dict.fromkeys(found))


def _word(entry: Entry, word: str, asked: Asked) -> Iterator[str]:
    said = _said(entry, word)
    if said is not None:
        yield said
        return
    if entry.photo_id in asked.named.get(word, frozenset()):
        yield f"person {word}"
        return
    for link in asked.links.get(word, ()):
        said = _said(entry, link.word)
        if said is not None:
            yield f"{said} ({link.relation.value}, for {word})"
            return


def _said(entry: Entry, term: str) -> str | None:
    for tag in entry.owner_tags:
        if _holds(tag, term):
            return f"your tag {tag}"
    if _holds(entry.owner_text, term):
        return f"your description says {term}"
    for tag in entry.tags:
        if _holds(tag, term):
            return f"tag {tag}"
    if _holds(entry.text, term):
        return f"description says {term}"
    for name in entry.seen:
        if _holds(name, term):
            return f"the models see {name}"
    for kind, text in (("place", entry.place), ("camera", entry.camera)):
        if _holds(text, term):
            return f"{kind} {text}"
    return None


def _holds(text: str, term: str) -> bool:
    return bool(text) and set(text_lemmas(text)).issuperset(term.split(" "))
