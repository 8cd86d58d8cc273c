"""When a photo was taken, in people's words: season, part of the day, and the days that everybody keeps.

The season needs the camera's place, for it turns with the hemisphere, and has no name near the equator.
"""

from datetime import datetime

TROPIC = 23.4
_SEASONS = ("winter", "spring", "summer", "autumn")
_PARTS = ((5, "night"), (12, "morning"), (17, "afternoon"), (22, "evening"), (24, "night"))
_DAYS = {
    (1, 1): "New Year's Day",
    (2, 14): "Valentine's Day",
    (10, 31): "Halloween",
    (12, 24): "Christmas Eve",
    (12, 25): "Christmas Day",
    (12, 31): "New Year's Eve",
}


def season(taken_at: datetime, latitude: float | None) -> str | None:
    """Meteorological season at a latitude in degrees; None where it is unknown or between the tropics."""
    if latitude is None or abs(latitude) < TROPIC:
        return None
    quarter = taken_at.month % 12 // 3
    return _SEASONS[quarter if latitude > 0 else (quarter + 2) % 4]


def part_of_day(taken_at: datetime) -> str:
    """Morning from 5, afternoon from 12, evening from 17, night from 22 o'clock, local time."""
    return next(name for until, name in _PARTS if taken_at.hour < until)


def occasion(taken_at: datetime) -> str | None:
    """The name of a day that is the same every year; None on others."""
    return _DAYS.get((taken_at.month, taken_at.day))


def when(taken_at: datetime, latitude: float | None = None) -> str:
    """A phrase on the time ("on a summer evening in July 2024", "on Christmas Eve 2024, in the evening").

    A camera that knows only the day writes midnight: no part of the day is told then.
    """
    told = (taken_at.hour, taken_at.minute, taken_at.second) != (0, 0, 0)
    day = occasion(taken_at)
    part = part_of_day(taken_at) if told else ""
    if day:
        at = "at night" if part == "night" else f"in the {part}"
        return f"on {day} {taken_at.year}{f', {at}' if part else ''}"
    known = " ".join(word for word in (season(taken_at, latitude), part) if word)
    if not told:
        return f"in {taken_at:%B %Y}"
    return f"on {'an' if known[0] in 'aeiou' else 'a'} {known} in {taken_at:%B %Y}"
