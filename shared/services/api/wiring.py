"""The API's services, put together from the environment once a process.

What is heavy to import (models, learning) is imported when a request first needs it, so that the page's files
are there at once after a cold start.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from shared.learning.faces.patterns import FILE as FACES_FILE
from shared.learning.faces.patterns import FacePatterns
from shared.services.api.bundles import Bundles
from shared.services.api.photos import Photos
from shared.services.api.settings import api_settings
from shared.services.api.trainings import Trainings
from shared.services.browsing import Library
from shared.services.correcting import Corrector
from shared.services.people import PeopleReader
from shared.services.retrainer import Retrainer
from shared.storage import executions
from shared.storage.bundles import Bundle, BundleRepository, LatestBundle
from shared.storage.config import settings
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.locks import TrainingLock
from shared.storage.presigned import Presigner
from shared.storage.records import RecordRepository
from shared.storage.store import ObjectStore, library_store

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from shared.domain.record import Record
    from shared.domain.vectors import Array
    from shared.search.entry import Entry
    from shared.services.indexing import SearchIndex
    from shared.services.searching import Searcher

LATEST_SECONDS = 5.0


@lru_cache(maxsize=1)
def store() -> ObjectStore:
    """The library bucket."""
    return library_store(settings().library_bucket)


@lru_cache(maxsize=1)
def records() -> RecordRepository:
    """The records."""
    return RecordRepository(store())


@lru_cache(maxsize=1)
def uploads() -> Presigner:
    """Addresses in the bucket of the owner's photos."""
    return Presigner(settings().uploads_bucket)


@lru_cache(maxsize=1)
def library() -> Presigner:
    """Addresses in the library bucket."""
    return Presigner(settings().library_bucket)


@lru_cache(maxsize=1)
def browser() -> Library:
    """All photos, kept up to date."""
    return Library(store(), records(), listener=heard().__setitem__)


@lru_cache(maxsize=1)
def heard() -> dict[str, Entry | None]:
    """What search has still to hear of, by photo id: lists of photos need not wait for its engine."""
    return {}


@lru_cache(maxsize=1)
def photos() -> Photos:
    """Photos as clients see them."""
    return Photos(records(), uploads(), library())


@lru_cache(maxsize=1)
def corrector() -> Corrector:
    """Keeps corrections."""
    return Corrector(records(), CorrectionRepository(store()), _refresh)


def _refresh(record: Record) -> Record:
    from shared.services import wiring

    return wiring.enhancer().refresh(record)


@lru_cache(maxsize=1)
def people_log() -> PeopleLog:
    """What was said of people."""
    return PeopleLog(store())


@lru_cache(maxsize=1)
def people() -> PeopleReader:
    """People as they stand now."""
    return PeopleReader(_face_patterns, people_log().events)


@lru_cache(maxsize=1)
def latest() -> LatestBundle:
    """The live bundle, asked for again every few seconds: a rollback shows soon."""
    return LatestBundle(BundleRepository(store()), (FACES_FILE,), _latest_seconds())


def _latest_seconds() -> float:
    return min(LATEST_SECONDS, settings().latest_seconds)


def _face_patterns() -> tuple[str, FacePatterns] | None:
    bundle = latest().current()
    return (bundle.version, _parsed(bundle)) if bundle and FACES_FILE in bundle.files else None


@lru_cache(maxsize=1)
def _parsed(bundle: Bundle) -> FacePatterns:
    return FacePatterns.load(bundle.files)


@lru_cache(maxsize=1)
def searcher() -> Searcher:
    """Answers searches."""
    from shared.services.searching import Searcher

    return Searcher(browser(), people().now, search_index())


@lru_cache(maxsize=1)
def search_index() -> SearchIndex:
    """The search engine, taught by the live bundle."""
    from shared.services.indexing import NEEDS, SearchIndex

    taught = LatestBundle(BundleRepository(store()), NEEDS, _latest_seconds())
    return SearchIndex(taught.current, _vectorise, heard())


def _vectorise(text: str) -> Array:
    from shared.services import wiring

    vector: Array = wiring.encoder().encode([text])[0]
    return vector


@lru_cache(maxsize=1)
def bundles() -> Bundles:
    """Bundles as clients see them."""
    return Bundles(BundleRepository(store()), library())


@lru_cache(maxsize=1)
def trainings() -> Trainings:
    """Starts and follows trainings."""
    lock = TrainingLock(store(), executions.ended)
    retrainer = Retrainer(store(), records(), BundleRepository(store()), lock, _start)
    return Trainings(settings().training_machine, store(), lock, retrainer, api_settings().schedules)


def _start(name: str, value: Mapping[str, Any]) -> str:
    return executions.start(settings().training_machine, name, value)


def reprocess(name: str) -> str:
    """Start bringing every record up to the live bundle; returns the execution's ARN."""
    return executions.start(settings().reprocess_machine, name, {})
