"""Follow the changes of a library: which records were written since a moment, each change told once."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from shared.storage import keys
from shared.storage.store import ObjectStore
from shared.storage.ulids import earliest

OVERLAP = timedelta(minutes=2)
HOUR = timedelta(hours=1)


class ChangeTail:
    """Reads `changes/` from a moment on.

    Clocks differ and listings meet writes, so each look goes back two minutes before the one before it,
    and leaves out what it has told already.

    Parameters
    ----------
    store : ObjectStore
        The library bucket.
    since : datetime
        With a zone; changes noted up to two minutes before it are told too.
    """

    def __init__(
        self, store: ObjectStore, since: datetime, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store = store
        self._from = since.astimezone(UTC) - OVERLAP
        self._now = now
        self._told: set[str] = set()

    def new(self) -> tuple[str, ...]:
        """Ids of photos whose records changed since the last look, in the order of the changes."""
        now = self._now()
        found = []
        hour = self._from.replace(minute=0, second=0, microsecond=0)
        while hour <= now + OVERLAP:
            prefix = keys.changes(hour)
            found += [e.key for e in self._store.list(prefix, prefix + earliest(self._from))]
            hour += HOUR
        new = [key for key in found if key not in self._told]
        self._told = set(found)
        self._from = max(self._from, now - OVERLAP)
        return tuple(keys.changed_photo(key) for key in new)
