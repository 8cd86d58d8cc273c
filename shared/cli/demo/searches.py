"""The product's own search over a demo's library: as it stands, and as if nothing had been learned."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from shared.cli.demo.measuring import Search
from shared.domain.record import Record
from shared.enhance import enhance
from shared.services import wiring as models
from shared.services.api import wiring
from shared.services.browsing import Library
from shared.services.indexing import SearchIndex
from shared.services.people import People
from shared.services.searching import Searcher
from shared.storage import keys
from shared.storage.records import RecordRepository, dumps
from shared.storage.store import DirectoryStore

DEPTH = 50


def learned() -> Search:
    """Search as `eye search` does it."""
    return _ids(wiring.searcher())


def unlearned(records: Iterable[Record], folder: Path) -> Search:
    """The same search over the same photos without a bundle; `folder` holds its records."""
    store = DirectoryStore(folder)
    for record in records:
        if record.observation:
            plain = replace(record, enhancement=enhance(record.observation, record.owner, None))
            store.put_if_absent(keys.record(record.photo_id), dumps(plain))
    nobody = People(None, ())
    index = SearchIndex(vectorise=lambda text: models.encoder().encode([text])[0])
    library = Library(store, RecordRepository(store), listener=index.heard.__setitem__)
    return _ids(Searcher(library, lambda: nobody, index))


def _ids(searcher: Searcher) -> Search:
    def search(query: str) -> Sequence[str]:
        return [hit.photo_id for hit in searcher.search(query, DEPTH).hits]

    return search
