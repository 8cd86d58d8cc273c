"""What must not be seen again, kept for each photo under its id and under the digest of its content."""

from pydantic import TypeAdapter, ValidationError
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from shared.domain.errors import InvalidInput, LostRace, ObjectMissing
from shared.domain.suppression import Suppression
from shared.storage import keys
from shared.storage.store import ObjectStore

JSON = "application/json"

_suppression = TypeAdapter(Suppression)


class SuppressionRepository:
    """Suppressions under `suppressions/`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._racing = Retrying(
            retry=retry_if_exception_type(LostRace),
            stop=stop_after_attempt(10),
            wait=wait_random_exponential(multiplier=0.02, max=1),
            reraise=True,
        )

    def of(self, *names: str) -> Suppression:
        """What is suppressed under any of the names: a photo's id, and its content's SHA-256."""
        found = Suppression()
        for name in names:
            standing = self._read(name)
            found = found | standing[0] if standing else found
        return found

    def add(self, name: str, suppression: Suppression) -> None:
        """Suppress more under a name; what is suppressed stays so."""
        self._racing(self._try_add, name, suppression)

    def _try_add(self, name: str, suppression: Suppression) -> None:
        key, standing = keys.suppression(name), self._read(name)
        if standing is None:
            if not self._store.put_if_absent(key, _suppression.dump_json(suppression), JSON):
                raise LostRace(f"{key} was made by somebody else: read it again")
            return
        together = standing[0] | suppression
        if together != standing[0]:
            self._store.swap_if_match(key, _suppression.dump_json(together), standing[1], JSON)

    def _read(self, name: str) -> tuple[Suppression, str] | None:
        key = keys.suppression(name)
        try:
            found = self._store.get(key)
        except ObjectMissing:
            return None
        try:
            return _suppression.validate_json(found.body), found.etag
        except ValidationError as error:
            raise InvalidInput(f"{key} cannot be read: restore it from a version before") from error
