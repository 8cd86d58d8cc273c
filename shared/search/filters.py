"""The terms of a query that photos must meet: tag, person, place, camera, dates, faces; phrases; minus."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from shared.learning.words import lemmas
from shared.search.query import Part, day
from shared.search.segment import Segment, plain

Rows = NDArray[np.bool_]


def allowed(segment: Segment, parts: Sequence[Part], named: Mapping[str, frozenset[str]]) -> Rows:
    """Which photos meet every term and phrase, and hold nothing that is excluded. Shape (n,).

    Parameters
    ----------
    named : mapping of str to set of str
        Photos by plain name of the people on them.
    """
    keep = np.ones(len(segment), dtype=np.bool_)
    for part in parts:
        if part.term is None and not part.phrase and not part.minus:
            continue
        met = _met(segment, part, named)
        keep &= ~met if part.minus else met
    return keep


def _met(segment: Segment, part: Part, named: Mapping[str, frozenset[str]]) -> Rows:
    match part.term:
        case "tag":
            return _rows(segment, segment.tagged.get(plain(part.text), ()))
        case "person":
            wanted = plain(part.text)
            names = [wanted] if wanted in named else [name for name in named if wanted in name]
            photos = [photo for name in names for photo in named[name]]
            return _rows(segment, [segment.rows[photo] for photo in photos if photo in segment.rows])
        case "place":
            return _containing(segment, segment.places, part.text)
        case "camera":
            return _containing(segment, segment.cameras, part.text)
        case "before":
            return np.asarray(segment.at < _midnight(day("before", part.text)))
        case "after":
            return np.asarray(segment.at >= _midnight(day("after", part.text)))
        case "has":
            return segment.faces if part.text == "faces" else segment.located
        case _:
            return phrase(segment, part.text, named)


def phrase(segment: Segment, text: str, named: Mapping[str, frozenset[str]]) -> Rows:
    """Which photos say these words one after the other, or show a person of that name."""
    words = lemmas(text)
    found = _rows(segment, [segment.rows[i] for i in named.get(plain(text), ()) if i in segment.rows])
    if not words:
        return found
    wanted = f" {' '.join(words)} "
    saying = set.intersection(*(_saying(segment, word) for word in words))
    if len(words) > 1:
        saying = {row for row in saying if wanted in segment.says[row]}
    return np.asarray(found | _rows(segment, sorted(saying)))


def _saying(segment: Segment, word: str) -> set[int]:
    return {*segment.owner.of(word)[0].tolist(), *segment.other.of(word)[0].tolist()}


def _containing(segment: Segment, known: Mapping[str, Sequence[int]], text: str) -> Rows:
    wanted = plain(text)
    return _rows(segment, [row for name, rows in known.items() if wanted in name for row in rows])


def _rows(segment: Segment, rows: Sequence[int]) -> Rows:
    mask = np.zeros(len(segment), dtype=np.bool_)
    mask[list(rows)] = True
    return mask


def _midnight(on: date) -> float:
    return datetime(on.year, on.month, on.day, tzinfo=UTC).timestamp()
