"""What the camera wrote: when, with what, where. Nonsense is dropped rather than repeated."""

import math
import re
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from PIL.ExifTags import GPS, IFD, Base

from shared.domain.observation import Exif
from shared.photos.places import gazetteer

Tags = Mapping[int, Any]

_DATE = re.compile(r"(\d{4})[:\-/.](\d{1,2})[:\-/.](\d{1,2})[ T](\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,](\d+))?")
_OFFSET = re.compile(r"([+-])(\d{2}):?(\d{2})$")
_FIRST_PHOTOGRAPH, _YEAR_PAST_BELIEF = 1826, 2100
_CLOCKS_NEVER_SET = frozenset({datetime(year, 1, 1) for year in (1904, 1970, 1980)})
_COMPANY = re.compile(
    r"[\s,]+(corporation|corp|company|co|ltd|inc|limited|gmbh|ag|imaging|optical|electronics|"
    r"elec\.?|camera)\b\.?",
    re.IGNORECASE,
)


def read_exif(main: Tags, details: Tags, gps: Tags) -> Exif:
    """The camera's facts from the main, EXIF and GPS directories."""
    position = coordinates(gps)
    return Exif(
        taken_at=taken_at(main, details),
        camera=camera(main),
        latitude=position[0] if position else None,
        longitude=position[1] if position else None,
        place=gazetteer().nearest(*position) if position else None,
    )


def directories(exif: Any) -> tuple[Tags, Tags, Tags]:
    """The main, EXIF and GPS directories of a Pillow `Exif`; a broken one counts as empty."""
    return exif, exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)


def taken_at(main: Tags, details: Tags) -> datetime | None:
    """When the shutter opened: the original's time, else the digitizing's, else a camera's file time.

    With a zone where the file gives one, and with fractions of a second; None for dates no photo has and
    for the first second of a clock that was never set.
    """
    sources = [
        (details.get(Base.DateTimeOriginal), Base.OffsetTimeOriginal, Base.SubsecTimeOriginal),
        (details.get(Base.DateTimeDigitized), Base.OffsetTimeDigitized, Base.SubsecTimeDigitized),
    ]
    if main.get(Base.Make):
        sources.append((main.get(Base.DateTime), Base.OffsetTime, Base.SubsecTime))
    for value, offset, fraction in sources:
        moment = _moment(text(value), text(details.get(offset)), text(details.get(fraction)))
        if moment is not None:
            return moment
    return None


def camera(main: Tags) -> str | None:
    """Make and model as a person says them: "Canon EOS 5D Mark III", "Apple iPhone 15"."""
    make = _COMPANY.sub("", text(main.get(Base.Make))).strip(" .,")
    model = text(main.get(Base.Model))
    named = model.casefold().split(maxsplit=1)[:1]
    words = [model] if named and named[0] in make.casefold().split() else [make, model]
    return " ".join(filter(None, words))[:100] or None


def coordinates(gps: Tags) -> tuple[float, float] | None:
    """Latitude and longitude in signed degrees, or None where missing, out of range or exactly 0, 0."""
    latitude = _degrees(gps.get(GPS.GPSLatitude), text(gps.get(GPS.GPSLatitudeRef)), "S", 90.0)
    longitude = _degrees(gps.get(GPS.GPSLongitude), text(gps.get(GPS.GPSLongitudeRef)), "W", 180.0)
    if latitude is None or longitude is None or latitude == longitude == 0:
        return None
    return latitude, longitude


def text(value: object) -> str:
    """A tag's value as trimmed text; bytes read as UTF-8 or else Latin-1, anything but text as empty."""
    if isinstance(value, bytes):
        value = _decoded(value)
    return value.split("\x00", 1)[0].strip() if isinstance(value, str) else ""


def _decoded(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _moment(value: str, offset: str, fraction: str) -> datetime | None:
    found = _DATE.match(value)
    if not found:
        return None
    digits = found[7] or (fraction if fraction.isascii() and fraction.isdigit() else "")
    microsecond = int(digits[:6].ljust(6, "0")) if digits else 0
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        moment = datetime(year, month, day, hour, minute, second, microsecond)
    except ValueError:
        return None
    if not _FIRST_PHOTOGRAPH <= year < _YEAR_PAST_BELIEF or moment in _CLOCKS_NEVER_SET:
        return None
    return moment.replace(tzinfo=_zone(offset or value[found.end() :]))


def _zone(value: str) -> timezone | None:
    found = _OFFSET.match(value.strip())
    if not found:
        return None
    shift = timedelta(hours=int(found[2]), minutes=int(found[3]))
    if shift > timedelta(hours=14):
        return None
    return timezone(-shift if found[1] == "-" else shift)


def _degrees(value: object, reference: str, negative: str, limit: float) -> float | None:
    parts = value if isinstance(value, tuple | list) else (value,)
    try:
        numbers = [float(part) for part in parts][:3]
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    if not numbers or not all(math.isfinite(number) for number in numbers):
        return None
    degrees = sum(number / 60**power for power, number in enumerate(numbers))
    if reference.upper().startswith(negative):
        degrees = -degrees
    return round(degrees, 7) if abs(degrees) <= limit else None
