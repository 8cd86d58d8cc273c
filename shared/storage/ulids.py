"""Names that sort by the time they were given: within one process, always in order."""

from datetime import UTC, datetime

from ulid import ULID, LaxMonotonicPolicy, ULIDGenerator

_generator = ULIDGenerator(policy=LaxMonotonicPolicy())


def new_ulid() -> str:
    """A ULID of now: 26 characters, later ones sort after earlier ones."""
    return str(_generator.generate())


def moment(ulid: str) -> datetime:
    """The time (UTC) a ULID was made at."""
    return ULID.from_str(ulid).datetime.astimezone(UTC)


def earliest(at: datetime) -> str:
    """The smallest name that could have been given at a time: what sorts before it was given earlier."""
    return str(ULID.from_timestamp(at.timestamp()))[:10] + "0" * 16
