"""Services put together from the environment, once a process: what handlers and the command start from."""

from functools import lru_cache, partial

from shared.learning.patterns import Patterns
from shared.services.analyze import Analyzer
from shared.services.enhancing import Enhancer
from shared.services.export import Export
from shared.services.phases import PhaseSteps
from shared.services.report import Report
from shared.services.reprocess import Reprocess
from shared.services.retrainer import Retrainer
from shared.services.training_phases import make_phase
from shared.storage import executions
from shared.storage.bundles import BundleRepository, LatestBundle
from shared.storage.config import settings
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.dataset import DatasetRepository, ShardExport
from shared.storage.locks import TrainingLock
from shared.storage.records import RecordRepository
from shared.storage.rows import RowMaker
from shared.storage.store import ObjectStore, S3Store
from shared.vision import Observer
from shared.vision.faces import ENCODING_SPACE
from shared.vision.generic import generic_tags
from shared.vision.text import TextEncoder


@lru_cache(maxsize=1)
def uploads() -> ObjectStore:
    """The bucket of the owner's photos."""
    return S3Store(settings().uploads_bucket)


@lru_cache(maxsize=1)
def library() -> ObjectStore:
    """The bucket of everything the system writes."""
    return S3Store(settings().library_bucket)


@lru_cache(maxsize=1)
def observer() -> Observer:
    """The models that look at photos."""
    return Observer.load(settings().models_dir, face_engine=settings().face_engine)


@lru_cache(maxsize=1)
def encoder() -> TextEncoder:
    """The model that reads words."""
    return TextEncoder.load(settings().models_dir)


@lru_cache(maxsize=1)
def enhancer() -> Enhancer:
    """The live bundle at work."""
    bundles = BundleRepository(library())
    latest = LatestBundle(bundles, Patterns.NEEDS, settings().latest_seconds)
    return Enhancer(latest, CorrectionRepository(library()), encoder)


@lru_cache(maxsize=1)
def analyzer() -> Analyzer:
    """What looks at uploaded objects."""
    return Analyzer(uploads(), library(), RecordRepository(library()), observer, enhancer())


@lru_cache(maxsize=1)
def lock() -> TrainingLock:
    """One training at a time."""
    return TrainingLock(library(), executions.ended)


@lru_cache(maxsize=1)
def dataset() -> DatasetRepository:
    """The Parquet shards."""
    return DatasetRepository(library())


@lru_cache(maxsize=1)
def export() -> Export:
    """What the `export` function does."""
    space = "" if settings().face_engine == "off" else ENCODING_SPACE
    return Export(
        bucket=settings().library_bucket,
        store=library(),
        records=RecordRepository(library()),
        corrections=CorrectionRepository(library()),
        people=PeopleLog(library()),
        bundles=BundleRepository(library()),
        dataset=dataset(),
        shards=ShardExport(dataset(), RecordRepository(library()), RowMaker(generic_tags, space)),
        lock=lock(),
        enhancer=enhancer(),
        defaults={
            "tag_precision": settings().tag_precision,
            "face_threshold": settings().face_threshold,
        },
    )


@lru_cache(maxsize=1)
def retrainer() -> Retrainer:
    """What the schedule asks."""
    start = partial(executions.start, settings().training_machine)
    return Retrainer(library(), RecordRepository(library()), BundleRepository(library()), lock(), start)


@lru_cache(maxsize=1)
def reprocess() -> Reprocess:
    """What the `reprocess` function does."""
    records = RecordRepository(library())
    return Reprocess(settings().library_bucket, library(), records, enhancer())


@lru_cache(maxsize=8)
def phase(name: str) -> PhaseSteps:
    """What the function of one training phase does."""
    return PhaseSteps(dataset(), partial(make_phase, name, settings().models_dir))


@lru_cache(maxsize=1)
def report() -> Report:
    """What the `report` function does."""
    return Report(library(), dataset(), BundleRepository(library()), lock())
