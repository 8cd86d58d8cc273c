"""Services put together from the environment, once a process: what handlers and the command start from.

Imports stand inside the functions on purpose: a cold start then loads only what its own function needs, and
the report's plots or the models' runtime are not waited for where nobody uses them.
"""

from functools import lru_cache, partial
from typing import TYPE_CHECKING

from shared.storage import executions
from shared.storage.bundles import BundleRepository, LatestBundle
from shared.storage.config import settings
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.locks import TrainingLock
from shared.storage.records import RecordRepository
from shared.storage.store import ObjectStore, S3Store, library_store

if TYPE_CHECKING:
    from shared.services.analyze import Analyzer
    from shared.services.enhancing import Enhancer
    from shared.services.erasing import Erasing
    from shared.services.export import Export
    from shared.services.phases import PhaseSteps
    from shared.services.report import Report
    from shared.services.reprocess import Reprocess
    from shared.services.retrainer import Retrainer
    from shared.storage.catalogue import Catalogue
    from shared.storage.dataset import DatasetRepository
    from shared.vision.observer import Observer
    from shared.vision.text import TextEncoder


@lru_cache(maxsize=1)
def uploads() -> ObjectStore:
    """The bucket of the owner's photos."""
    return S3Store(settings().uploads_bucket)


@lru_cache(maxsize=1)
def library() -> ObjectStore:
    """The bucket of everything the system writes."""
    return library_store(settings().library_bucket)


@lru_cache(maxsize=1)
def records() -> RecordRepository:
    """The records of the library."""
    return RecordRepository(library())


@lru_cache(maxsize=1)
def bundles() -> BundleRepository:
    """Published bundles, and which one is live."""
    return BundleRepository(library())


@lru_cache(maxsize=1)
def lock() -> TrainingLock:
    """One training at a time."""
    return TrainingLock(library(), executions.ended)


@lru_cache(maxsize=1)
def dataset() -> "DatasetRepository":
    """The Parquet shards."""
    from shared.storage.dataset import DatasetRepository

    return DatasetRepository(library())


@lru_cache(maxsize=1)
def catalogue() -> "Catalogue":
    """Compact columns for lists and search."""
    from shared.storage.catalogue import Catalogue

    return Catalogue(library(), records())


@lru_cache(maxsize=1)
def observer() -> "Observer":
    """The models that look at photos."""
    from shared.vision.observer import Observer

    chosen = settings()
    return Observer.load(chosen.models_dir, face_engine=chosen.face_engine, views=chosen.views)


@lru_cache(maxsize=1)
def encoder() -> "TextEncoder":
    """The model that reads words."""
    from shared.vision.text import TextEncoder

    return TextEncoder.load(settings().models_dir)


@lru_cache(maxsize=1)
def enhancer() -> "Enhancer":
    """The live bundle at work."""
    from shared.learning.patterns import Patterns
    from shared.services.enhancing import Enhancer

    latest = LatestBundle(bundles(), Patterns.NEEDS, settings().latest_seconds)
    return Enhancer(latest, CorrectionRepository(library()), encoder)


@lru_cache(maxsize=1)
def analyzer() -> "Analyzer":
    """What looks at uploaded objects."""
    from shared.services.analyze import Analyzer

    return Analyzer(uploads(), library(), records(), observer, enhancer(), settings().max_pixels)


@lru_cache(maxsize=1)
def export() -> "Export":
    """What the `export` function does."""
    from shared.services.export import Export
    from shared.storage.dataset import ShardExport
    from shared.storage.rows import RowMaker
    from shared.vision.faces import ENCODING_SPACE
    from shared.vision.generic import generic_tags

    space = "" if settings().face_engine == "off" else ENCODING_SPACE
    return Export(
        bucket=settings().library_bucket,
        store=library(),
        records=records(),
        corrections=CorrectionRepository(library()),
        people=PeopleLog(library()),
        bundles=bundles(),
        dataset=dataset(),
        shards=ShardExport(dataset(), records(), RowMaker(generic_tags, space)),
        catalogue=catalogue(),
        lock=lock(),
        enhancer=enhancer(),
        defaults={
            "tag_precision": settings().tag_precision,
            "face_threshold": settings().face_threshold,
        },
    )


@lru_cache(maxsize=8)
def phase(name: str) -> "PhaseSteps":
    """What the function of one training phase does."""
    from shared.services.phases import PhaseSteps
    from shared.services.training_phases import make_phase

    return PhaseSteps(dataset(), partial(make_phase, name, settings().models_dir))


@lru_cache(maxsize=1)
def report() -> "Report":
    """What the `report` function does."""
    from shared.services.report import Report

    return Report(library(), dataset(), bundles(), lock())


@lru_cache(maxsize=1)
def retrainer() -> "Retrainer":
    """What the schedule asks."""
    from shared.services.retrainer import Retrainer

    start = partial(executions.start, settings().training_machine)
    return Retrainer(library(), records(), bundles(), lock(), start)


@lru_cache(maxsize=1)
def erasing() -> "Erasing":
    """What the `erase` function does; it asks for the live bundle each time, since it drops the others."""
    from shared.learning.patterns import Patterns
    from shared.services.enhancing import Enhancer
    from shared.services.erasing import Erasing
    from shared.services.erasing.scrubbing import Scrubber
    from shared.services.erasing.sweeping import Sweeper
    from shared.storage.erasures import ErasureRepository
    from shared.storage.queues import Letters
    from shared.storage.suppressions import SuppressionRepository
    from shared.storage.versions import VersionedBucket

    corrections = CorrectionRepository(library())
    latest = LatestBundle(bundles(), Patterns.NEEDS, seconds=0)
    refresh = Enhancer(latest, corrections, encoder).refresh
    bucket = VersionedBucket(settings().library_bucket)
    suppressions = SuppressionRepository(library())
    letters = Letters(settings().dead_letter_queue_url)
    return Erasing(
        Scrubber(library(), bucket, records(), corrections, PeopleLog(library()), suppressions, refresh),
        Sweeper(library(), bucket, records(), bundles(), catalogue(), letters, refresh),
        ErasureRepository(library()),
        lock(),
    )


@lru_cache(maxsize=1)
def reprocess() -> "Reprocess":
    """What the `reprocess` function does."""
    from shared.services.reprocess import Reprocess

    return Reprocess(settings().library_bucket, library(), records(), enhancer(), catalogue())
