"""Looks at a photo that began and never ended: they tell a photo that ends processes from its batch.

A message whose delivery failed comes again, and so do the others of its batch, whatever failed. Only a photo
whose own look began and did not end, neither with a result nor with an error, is to blame.
"""

from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from shared.domain.errors import ObjectMissing, StoreUnavailable
from shared.storage import keys
from shared.storage.store import ObjectStore

JSON = "application/json"
CLEARING = Retrying(
    retry=retry_if_exception_type(StoreUnavailable),
    stop=stop_after_attempt(6),
    wait=wait_random_exponential(multiplier=0.05, max=2),
    reraise=True,
)


@dataclass(frozen=True, slots=True)
class _Looks:
    etag: str
    begun: int


_looks = TypeAdapter(_Looks)


class UnfinishedLooks:
    """Notes under `quarantine/unfinished/`, one while a photo is looked at again.

    Parameters
    ----------
    store : ObjectStore
        The library bucket.
    """

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def count(self, photo_id: str, etag: str) -> int:
        """How many looks at this version of a photo began and did not end."""
        try:
            found = _looks.validate_json(self._store.get(keys.unfinished(photo_id)).body)
        except (ObjectMissing, ValidationError):
            return 0
        return found.begun if found.etag == etag else 0

    def begin(self, photo_id: str, etag: str, before: int) -> None:
        """Note that one more look begins, after the `before` that did not end."""
        body = _looks.dump_json(_Looks(etag, before + 1))
        self._store.put(keys.unfinished(photo_id), body, JSON)

    def end(self, photo_id: str) -> None:
        """Note that the look ended. Insists: a note left standing would count against the photo."""
        CLEARING(self._store.delete, keys.unfinished(photo_id))
