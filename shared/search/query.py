"""What a person typed into the search box: words, phrases, terms like `tag:dog`, and what to leave out."""

import re
from dataclasses import dataclass
from datetime import date

from shared.domain.errors import InvalidInput

TERMS = ("tag", "person", "place", "before", "after", "camera", "has")
_TOKEN = re.compile(r'(?P<minus>-?)(?:(?P<term>[a-z]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>\S+))')
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a query: `term` is None for words; a quoted one is a phrase."""

    text: str
    term: str | None = None
    minus: bool = False
    phrase: bool = False

    def __str__(self) -> str:
        said = f'"{self.text}"' if self.phrase or " " in self.text else self.text
        return f"{'-' if self.minus else ''}{f'{self.term}:' if self.term else ''}{said}"


def parse(text: str) -> tuple[Part, ...]:
    """The parts of a query in the order typed; a quote that is not closed goes to the end.

    Raises
    ------
    InvalidInput
        Where a date is none, or `has:` names nothing known.
    """
    return tuple(part for match in _TOKEN.finditer(text) for part in [_part(match)] if part.text)


def _part(match: re.Match[str]) -> Part:
    term, quoted, plain = match["term"], match["quoted"], match["plain"]
    said = (quoted if quoted is not None else plain).strip()
    if term is not None and term not in TERMS:
        said, term = f"{term}:{said}", None
    if term in ("before", "after"):
        day(term, said)
    if term == "has" and said not in ("faces", "gps"):
        raise InvalidInput(f"has:{said} is not known: use has:faces or has:gps")
    return Part(said, term, bool(match["minus"]), quoted is not None and term is None)


def day(term: str, text: str) -> date:
    """The first day that a date, a month (2024-05) or a year (2024) means.

    Raises
    ------
    InvalidInput
        Where it is none.
    """
    match = _PARTIAL.fullmatch(text)
    try:
        year, month, number = match.groups() if match else ("", None, None)
        return date(int(year), int(month or 1), int(number or 1))
    except ValueError as error:
        raise InvalidInput(f"{term}:{text} is no date: write it as 2024, 2024-05 or 2024-05-31") from error
