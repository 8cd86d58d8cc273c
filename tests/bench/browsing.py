"""How long a cold reader of the library takes until it lists and searches, without and with the catalogue."""

import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from threadpoolctl import threadpool_limits

from shared.services.browsing import Filter, Library
from shared.services.indexing import SearchIndex
from shared.services.people import People
from shared.services.searching import Searcher
from shared.storage import keys
from shared.storage.catalogue import Catalogue
from shared.storage.objects import Entry, Object
from shared.storage.records import RecordRepository, dumps
from shared.storage.store import DirectoryStore
from tests.synthetic_library import SyntheticLibrary

PAGE = 600
LISTED_AT_ONCE = 1_000
QUERY = "dog on a beach"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Row:
    """A cold start and what comes after it, in seconds of the processor.

    Attributes
    ----------
    requests : int
        To the bucket, a listing of a thousand objects counted as one.
    listed : float
        Until the first page of photos.
    searched : float
        From there until the first search is answered.
    page, search : float
        The next ones, warm.
    """

    reader: str
    photos: int
    requests: int
    listed: float
    searched: float
    page: float
    search: float


class _Bucket(DirectoryStore):
    """Lists as S3 does, which knows etags without reading, and counts requests; nothing is written to it."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.requests: Counter[str] = Counter()
        self._listed = list(super().list())

    def get(self, key: str) -> Object:
        self.requests["get"] += 1
        return super().get(key)

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[Entry]:
        found = [e for e in self._listed if e.key.startswith(prefix) and e.key > start_after]
        self.requests["list"] += 1 + len(found) // LISTED_AT_ONCE
        return iter(found)


def run(sizes: tuple[int, ...], seed: int = 7) -> Iterator[Row]:
    """Measure synthetic libraries in a directory."""
    for photos in sizes:
        with tempfile.TemporaryDirectory(prefix="eye-bench-") as folder, threadpool_limits(limits=1):
            store = DirectoryStore(Path(folder))
            for record in SyntheticLibrary(photos, seed):
                store.put(keys.record(record.photo_id), dumps(record))
            yield _measure("every record", photos, Path(folder))
            Catalogue(store, RecordRepository(store)).refresh("")
            yield _measure("the catalogue", photos, Path(folder))


def _measure(reader: str, photos: int, folder: Path) -> Row:
    store = _Bucket(folder)
    index = SearchIndex()
    library = Library(store, RecordRepository(store), listener=index.heard.__setitem__)
    searcher = Searcher(library, lambda: People(None, ()), index)

    def page() -> int:
        return len(library.cards().page(Filter(), None, PAGE).cards)

    def search() -> int:
        return searcher.search(QUERY, 100).total

    shown, listed = _timed(page)
    found, searched = _timed(search)
    assert min(shown, found) > 0, "the library is empty"
    requests = sum(store.requests.values())
    return Row(reader, photos, requests, listed, searched, _timed(page)[1], _timed(search)[1])


def _timed(ask: Callable[[], T]) -> tuple[T, float]:
    started = time.process_time()
    answer = ask()
    return answer, time.process_time() - started
