"""One training at a time: a lock that outlives its holder only until somebody asks whether it has ended."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

from shared.domain.errors import LostRace, ObjectMissing, TrainingBusy
from shared.storage import keys
from shared.storage.store import ObjectStore

JSON = "application/json"


class TrainingLock:
    """`locks/training.json`, which names the execution that trains, or nobody.

    It is released by naming nobody rather than by deleting it: not every engine deletes conditionally. Who
    held it last stays named.

    Parameters
    ----------
    store : ObjectStore
        The library bucket.
    ended : callable
        Whether the execution of an ARN has ended, or never was.
    """

    def __init__(self, store: ObjectStore, ended: Callable[[str], bool]) -> None:
        self._store = store
        self._ended = ended

    def acquire(self, execution: str) -> None:
        """Take the lock for an execution; one that holds it already keeps it.

        Raises
        ------
        TrainingBusy
            Where an execution that has not ended holds it.
        """
        body = _body(holder=execution, last=execution)
        if self._store.put_if_absent(keys.TRAINING_LOCK, body, JSON):
            return
        standing, etag = self._read()
        if standing.holder == execution:
            return
        if standing.holder and not self._ended(standing.holder):
            raise TrainingBusy(f"A training is under way ({standing.holder}): wait for it, or stop it")
        try:
            self._store.swap_if_match(keys.TRAINING_LOCK, body, etag, JSON)
        except LostRace as error:
            raise TrainingBusy("Another training has just started: wait for it, or stop it") from error

    def release(self, execution: str) -> bool:
        """Give the lock back; returns whether this execution held it."""
        standing, etag = self._read()
        if standing.holder != execution:
            return False
        try:
            self._store.swap_if_match(keys.TRAINING_LOCK, _body(holder=None, last=execution), etag, JSON)
        except LostRace:
            return False
        return True

    def holder(self) -> str | None:
        """ARN of the execution that holds the lock and has not ended."""
        holder = self._read()[0].holder
        return holder if holder and not self._ended(holder) else None

    def last(self) -> str | None:
        """ARN of the execution that held the lock last, or holds it; None before the first."""
        return self._read()[0].last

    def _read(self) -> tuple["_Standing", str]:
        try:
            found = self._store.get(keys.TRAINING_LOCK)
        except ObjectMissing:
            return _Standing(None, None), ""
        said = json.loads(found.body)
        return _Standing(said["execution"], said.get("last")), found.etag


class _Standing(NamedTuple):
    """Who holds the lock, and who held it last."""

    holder: str | None
    last: str | None


def _body(*, holder: str | None, last: str) -> bytes:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"at": at, "execution": holder, "last": last}, sort_keys=True).encode()
