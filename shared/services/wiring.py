"""Services put together from the environment, once a process: what handlers and the command start from."""

from functools import lru_cache

from shared.services.analyze import Analyzer
from shared.services.enhancing import Enhancer
from shared.services.export import Export
from shared.services.reprocess import Reprocess
from shared.storage import aws
from shared.storage.bundles import BundleRepository
from shared.storage.config import settings
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.dataset import DatasetRepository, ShardExport
from shared.storage.latest import LatestBundle
from shared.storage.locks import TrainingLock
from shared.storage.records import RecordRepository
from shared.storage.rows import RowMaker
from shared.storage.store import ObjectStore, S3Store
from shared.vision import Observer
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
    latest = LatestBundle(BundleRepository(library()), settings().latest_seconds)
    return Enhancer(latest, CorrectionRepository(library()), encoder)


@lru_cache(maxsize=1)
def analyzer() -> Analyzer:
    """What looks at uploaded objects."""
    return Analyzer(uploads(), library(), RecordRepository(library()), observer, enhancer())
