"""One training at a time: a lock that outlives its holder only until somebody asks whether it has ended."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from shared.domain.errors import LostRace, ObjectMissing, TrainingBusy
from shared.storage import keys
from shared.storage.store import ObjectStore

JSON = "application/json"


class TrainingLock:
    """`locks/training.json`, which names the execution that trains, or nobody.

    It is released by naming nobody rather than by deleting it: not every engine deletes conditionally.

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
        body = _body(execution)
        if self._store.put_if_absent(keys.TRAINING_LOCK, body, JSON):
            return
        holder, etag = self._read()
        if holder == execution:
            return
        if holder and not self._ended(holder):
            raise TrainingBusy(f"A training is under way ({holder}): wait for it, or stop it")
        try:
            self._store.swap_if_match(keys.TRAINING_LOCK, body, etag, JSON)
        except LostRace as error:
            raise TrainingBusy("Another training has just started: wait for it, or stop it") from error

    def release(self, execution: str) -> bool:
        """Give the lock back; returns whether this execution held it."""
        holder, etag = self._read()
        if holder != execution:
            return False
        try:
            self._store.swap_if_match(keys.TRAINING_LOCK, _body(None), etag, JSON)
        except LostRace:
            return False
        return True

    def holder(self) -> str | None:
        """ARN of the execution that holds the lock and has not ended."""
        holder, _ = self._read()
        return holder if holder and not self._ended(holder) else None

    def _read(self) -> tuple[str | None, str]:
        try:
            found = self._store.get(keys.TRAINING_LOCK)
        except ObjectMissing:
            return None, ""
        return json.loads(found.body)["execution"], found.etag


def _body(execution: str | None) -> bytes:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return json.dumps({"at": at, "execution": execution}, sort_keys=True).encode()
