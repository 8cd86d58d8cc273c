"""What may be wrong with a library, asked one question at a time, each answered in a sentence."""

import importlib.util
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from shared.cli.target import Target
from shared.cli.watching import depth
from shared.domain.errors import EyeError
from shared.domain.record import Record, Status
from shared.learning.faces.patterns import FILE as FACE_CLUSTERS
from shared.learning.faces.patterns import FacePatterns
from shared.storage import aws
from shared.storage.bundles import Bundle, BundleRepository
from shared.storage.config import settings
from shared.storage.records import RecordRepository
from shared.vision.manifest import Manifest

if TYPE_CHECKING:
    from mypy_boto3_lambda.type_defs import FunctionConfigurationResponseTypeDef

SAMPLE = 500
LEAST_MEMORY_MB = 2_048
GIB = 2**30


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer to one question: `well` is False where something has to be done, which `said` then names."""

    question: str
    well: bool
    said: str


def examine(target: Target) -> Iterator[Finding]:
    """Ask all questions, one after the other; one that cannot be answered is a finding, too."""
    questions: tuple[tuple[str, Callable[[Target], Finding]], ...] = (
        ("Models", _models),
        ("Endpoint", _endpoint),
        ("Triggers", _triggers),
        ("Failed events", _dead_letters),
        ("Latest bundle", _bundle),
        ("Face engine", _face_engine),
        ("No training data exported yet?", _exported),
        ("Not enough memory?", _memory),
        ("No improvements visible?", _improvements),
        ("Faces not grouped?", _faces_grouped),
    )
    for name, ask in questions:
        try:
            yield ask(target)
        except (EyeError, BotoCoreError, ClientError) as error:
            yield Finding(name, False, str(error))


def _models(_target: Target) -> Finding:
    manifest = Manifest.load(settings().models_dir)
    for entry in manifest.entries:
        for ref in entry.files():
            manifest.path(ref)
    names = ", ".join(entry.name for entry in manifest.entries)
    return Finding("Models", True, f"{len(manifest.entries)} verified in {manifest.directory}: {names}")


def _endpoint(target: Target) -> Finding:
    for store in (target.uploads, target.library):
        next(iter(store.list()), None)
    return Finding("Endpoint", True, f"{target.name} answers; photos go to {target.uploads_bucket}")


def _triggers(target: Target) -> Finding:
    name = "Triggers"
    told = aws.s3().get_bucket_notification_configuration(Bucket=target.uploads_bucket)
    if "EventBridgeConfiguration" not in told:
        return Finding(
            name, False, f"{target.uploads_bucket} tells EventBridge nothing: deploy the stack again"
        )
    mappings = [mapping for mapping in _mappings(target) if mapping.get("State") != "Deleting"]
    if not any(mapping.get("State") in {"Enabled", "Creating", "Updating"} for mapping in mappings):
        return Finding(name, False, "No function reads the upload queue: deploy the stack again")
    return Finding(name, True, "the bucket tells EventBridge, and analyze reads the upload queue")


def _mappings(target: Target) -> list[dict[str, Any]]:
    queue = target.queue_url.rpartition("/")[2]
    pages = aws.lambda_().get_paginator("list_event_source_mappings").paginate()
    found = [dict(mapping) for page in pages for mapping in page["EventSourceMappings"]]
    return [mapping for mapping in found if str(mapping.get("EventSourceArn", "")).endswith(f":{queue}")]


def _function(mapping: Mapping[str, Any]) -> "FunctionConfigurationResponseTypeDef":
    return aws.lambda_().get_function_configuration(FunctionName=mapping["FunctionArn"])


def _dead_letters(target: Target) -> Finding:
    dead = depth(target.dead_letter_queue_url).total
    said = f"{dead} events failed five times: read `eye logs --function analyze`" if dead else "none"
    return Finding("Failed events", not dead, said)


def _live(target: Target) -> Bundle | None:
    return BundleRepository(target.library).latest()


def _bundle(target: Target) -> Finding:
    bundle = _live(target)
    if bundle is None:
        return Finding(
            "Latest bundle", True, "none yet; photos are described by the models alone: run `eye train`"
        )
    bundle.verify()
    return Finding("Latest bundle", True, f"{bundle.version}, all its files as published")


def _face_engine(target: Target) -> Finding:
    deployed = (_function(mapping) for mapping in _mappings(target))
    engines = {function["Environment"]["Variables"].get("FACE_ENGINE", "onnx") for function in deployed}
    engine = ", ".join(sorted(engines)) or "onnx"
    if engine == "off":
        return Finding("Face engine", True, "off: no faces are looked for (FaceRecognition of the template)")
    return Finding("Face engine", True, f"{engine}; face_recognition is {_face_recognition()}")


def _face_recognition() -> str:
    """Whether the library is there; it is not imported, which takes seconds."""
    found = all(importlib.util.find_spec(name) for name in ("face_recognition", "dlib", "pkg_resources"))
    return "installed" if found else "not installed"


def _records(target: Target) -> list[Record]:
    repository = RecordRepository(target.library)
    ids = (photo_id for photo_id, _ in repository.list())
    stored = repository.get_many(islice(ids, SAMPLE))
    return [found.record for found in stored if found.record.status is Status.ANALYZED]


def _exported(target: Target) -> Finding:
    name = "No training data exported yet?"
    records = _records(target)
    if not records:
        return Finding(
            name, True, "There is nothing to export: no photo is analyzed yet. Run `eye add PHOTOS`"
        )
    if next(iter(target.library.list("dataset/")), None) is None:
        return Finding(name, False, "True: records are there, but no export was run. Run `eye train`")
    return Finding(name, True, "No: the dataset is there")


def _memory(target: Target) -> Finding:
    name = "Not enough memory?"
    if target.local:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
        enough = free > LEAST_MEMORY_MB * 2**20
        said = f"{free / GIB:.1f} GiB are free here"
        return Finding(name, enough, f"No: {said}" if enough else f"Perhaps: {said}; close other programs")
    sizes = [_function(mapping)["MemorySize"] for mapping in _mappings(target)]
    enough = bool(sizes) and min(sizes) >= LEAST_MEMORY_MB
    said = f"analyze has {min(sizes, default=0)} MB"
    return Finding(
        name, enough, f"No: {said}" if enough else f"Perhaps: {said}; give it {LEAST_MEMORY_MB} or more"
    )


def _improvements(target: Target) -> Finding:
    name = "No improvements visible?"
    bundle = _live(target)
    if bundle is None:
        return Finding(name, True, "None can be: no bundle is live. Run `eye train`")
    records = _records(target)
    behind = sum(
        1 for record in records if record.enhancement and record.enhancement.bundle != bundle.version
    )
    if behind:
        said = f"{behind} of {len(records)} records looked at wait for {bundle.version}: run `eye reprocess`"
        return Finding(name, False, said)
    return Finding(name, True, f"A bundle is live and all {len(records)} records looked at use it")


def _faces_grouped(target: Target) -> Finding:
    name = "Faces not grouped?"
    installed = f"face_recognition is {_face_recognition()}"
    bundle = _live(target)
    if bundle is None:
        return Finding(name, True, f"Not yet: no bundle is live; {installed}. Run `eye train`")
    if FACE_CLUSTERS not in bundle.files:
        return Finding(
            name, False, f"{FACE_CLUSTERS} is not in the live bundle; {installed}. Run `eye train --force`"
        )
    patterns = FacePatterns.load(bundle.files)
    said = f"people: {len(patterns.people)}, {len(patterns.unassigned)} faces of nobody known; {installed}"
    return Finding(name, True, f"{FACE_CLUSTERS} is in the live bundle: {said}")
