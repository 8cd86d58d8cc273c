"""The search engine as a warm reader holds it: fed by the records it reads, taught by the live bundle."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.domain.record import Record, Status
from shared.domain.vectors import Array
from shared.learning.search_index import FILE, MEANINGS, load_words
from shared.search.engine import Engine
from shared.search.entry import Entry
from shared.storage.bundle import Bundle

NEEDS = (FILE, MEANINGS)


@dataclass(slots=True)
class SearchIndex:
    """Hears of records and answers with an engine that knows them all.

    Parameters
    ----------
    bundle : callable
        The live bundle; None before the first training.
    vectorise : callable or None
        From a text to its sentence vector.
    """

    bundle: Callable[[], Bundle | None] = lambda: None
    vectorise: Callable[[str], Array] | None = None
    _engine: Engine = field(init=False)
    _version: str | None = field(default=None, init=False)
    _heard: dict[str, Entry | None] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        self._engine = Engine(None, self.vectorise)

    def __call__(self, record: Record) -> None:
        """Take in a record as it now stands."""
        here = record.status is Status.ANALYZED
        self._heard[record.photo_id] = Entry.of(record) if here else None

    def engine(self) -> Engine:
        """The engine with all that was heard of."""
        self._learn()
        if self._heard:
            found = [entry for entry in self._heard.values() if entry is not None]
            gone = [photo for photo, entry in self._heard.items() if entry is None]
            self._engine.put(found, gone)
            self._heard = {}
        return self._engine

    def _learn(self) -> None:
        bundle = self.bundle()
        version = bundle.version if bundle else None
        if version != self._version:
            self._version = version
            self._engine.teach(load_words(bundle.files) if bundle else None, self.vectorise)
