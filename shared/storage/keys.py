"""Every object key of the library, each a function; and the one place that decodes the keys in events.

S3 tells of an object in two dialects: EventBridge carries its key as it is, a direct S3 notification carries
it URL-encoded as a form field (space as plus). Either may come wrapped in an SQS message. `object_events`
reads all four and gives the plain key.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import unquote_plus

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from shared.domain.errors import InvalidInput

RECORDS = "records/"
CORRECTIONS = "corrections/"
PEOPLE = "people/"
QUARANTINE = "quarantine/"
UNFINISHED = "quarantine/unfinished/"
CHANGES = "changes/"
DATASET = "dataset/"
CATALOGUE = "catalogue/"
BUNDLES = "bundles/"
RUNS = "runs/"
SUMS = "sums/"
THUMBNAILS = "thumbs/"
SUPPRESSIONS = "suppressions/"
ERASING = "erasing/"
ERASURES = "erasures/"
LATEST = "aliases/latest.json"
TRAINING_LOCK = "locks/training.json"
MANIFEST = "manifest.json"


def photo_id(bucket: str, key: str) -> str:
    """The name of a photo in the library: 32 hex digits of the SHA-256 of ``bucket/key`` in UTF-8."""
    return hashlib.sha256(f"{bucket}/{key}".encode()).hexdigest()[:32]


def inbox(ulid: str, suffix: str) -> str:
    """Where a photo sent through the page stands, in the uploads bucket."""
    return f"inbox/{ulid}.{suffix}"


def record(photo_id: str) -> str:
    """Where a photo's record stands."""
    return f"{RECORDS}{photo_id}.json"


def photo_of_record(key: str) -> str:
    """The photo whose record stands there."""
    return key.removeprefix(RECORDS).removesuffix(".json")


def correction(photo_id: str, ulid: str) -> str:
    """Where one correction of a photo stands."""
    return f"{corrections(photo_id)}{ulid}.json"


def corrections(photo_id: str) -> str:
    """Prefix of all corrections of a photo."""
    return f"{CORRECTIONS}{photo_id}/"


def person_event(ulid: str) -> str:
    """Where one event of the people log stands."""
    return f"{PEOPLE}{ulid}.json"


def quarantine(photo_id: str) -> str:
    """Where it says why a photo could not be read."""
    return f"{QUARANTINE}{photo_id}.json"


def unfinished(photo_id: str) -> str:
    """Where it says that a photo is being looked at again after a delivery of its event failed."""
    return f"{UNFINISHED}{photo_id}.json"


def change(at: datetime, ulid: str, photo_id: str) -> str:
    """Where the note of one change of a record stands."""
    return f"{changes(at)}{ulid}-{photo_id}"


def changes(at: datetime) -> str:
    """Prefix of the changes of one hour (UTC)."""
    return f"{CHANGES}{at.astimezone(UTC):%Y-%m-%dT%H}/"


def changed_photo(key: str) -> str:
    """The photo that the note of a change is about."""
    return key.rpartition("-")[2]


def thumbnail(photo_id: str, etag: str) -> str:
    """Where the thumbnail of one version of a photo stands."""
    return f"{thumbnails(photo_id)}{etag}.webp"


def thumbnails(photo_id: str) -> str:
    """Prefix of a photo's thumbnails."""
    return f"{THUMBNAILS}{photo_id}/"


def dataset_shard(prefix: str, digest: str) -> str:
    """Where the Parquet file of a shard stands: the prefix of its photo ids, and the digest of its rows."""
    return f"{DATASET}{prefix or 'all'}/{digest}.parquet"


def dataset_index(prefix: str) -> str:
    """Where it says which Parquet file of a shard is the newest."""
    return f"{DATASET}{prefix or 'all'}/index.json"


def catalogue(version: str, prefix: str) -> str:
    """Where a part of the catalogue stands: the version of its columns, and the prefix of its photo ids."""
    return f"{catalogues(version)}{prefix or 'all'}.parquet"


def catalogues(version: str) -> str:
    """Prefix of the catalogue's parts."""
    return f"{CATALOGUE}{version}/"


def catalogue_prefix(key: str) -> str:
    """The prefix of photo ids that a part of the catalogue holds."""
    name = key.rpartition("/")[2].removesuffix(".parquet")
    return "" if name == "all" else name


def sums(phase: str, digest: str) -> str:
    """Where a phase keeps the sums of a shard, shared between runs."""
    return f"{SUMS}{phase}/{digest}.npz"


def run(run_id: str, name: str = "") -> str:
    """Where a file of a run stands; the run's prefix where no name is given."""
    return f"{RUNS}{run_id}/{name}"


def run_solved(run_id: str, phase: str, file: str = "") -> str:
    """Where a file that a phase solved stands; the phase's prefix where no file is given."""
    return run(run_id, f"solved/{phase}/{file}")


def bundle(version: str, file: str = "") -> str:
    """Where a file of a bundle stands; the bundle's prefix where no file is given."""
    return f"{BUNDLES}{version}/{file}"


def suppression(name: str) -> str:
    """Where it says what of a photo must not be seen again, by its id or by the SHA-256 of its content."""
    return f"{SUPPRESSIONS}{name}.json"


def erasing(erasure_id: str) -> str:
    """Where an erasure stands while it is under way."""
    return f"{ERASING}{erasure_id}.json"


def erasure(erasure_id: str) -> str:
    """Where it says that a bundle must have been trained after an erasure to go live."""
    return f"{ERASURES}{erasure_id}.json"


def manifest(version: str) -> str:
    """Where a bundle's manifest stands: its existence is the commit."""
    return bundle(version, MANIFEST)


@dataclass(frozen=True, slots=True)
class ObjectEvent:
    """Something happened to an object: look at it now.

    Attributes
    ----------
    key : str
        As it is, decoded.
    etag : str
        Without quotes; empty for deletions that carry none.
    sequencer : str
        Hex; orders the events of one key (`shared.storage.records.newer`). Empty where the event has none.
    """

    bucket: str
    key: str
    etag: str
    size: int
    sequencer: str
    deleted: bool
    time: datetime


class _Bucket(BaseModel):
    name: str = Field(min_length=1)


class _Object(BaseModel):
    key: str = Field(min_length=1)
    size: int = Field(default=0, ge=0)
    etag: str = ""
    sequencer: str = Field(default="", pattern=r"^[0-9A-Fa-f]*$")


class _NotifiedObject(_Object):
    etag: str = Field(default="", alias="eTag")


class _Detail(BaseModel):
    bucket: _Bucket
    object: _Object


class _BridgeEvent(BaseModel):
    kind: Literal["Object Created", "Object Deleted"] = Field(alias="detail-type")
    time: AwareDatetime
    detail: _Detail


class _Entity(BaseModel):
    bucket: _Bucket
    object: _NotifiedObject


class _Notification(BaseModel):
    name: str = Field(alias="eventName", pattern=r"^(s3:)?(ObjectCreated|ObjectRemoved|LifecycleExpiration):")
    time: AwareDatetime = Field(alias="eventTime")
    s3: _Entity


def object_events(event: Mapping[str, Any]) -> tuple[ObjectEvent, ...]:
    """The object events in whatever a function was invoked with.

    Parameters
    ----------
    event : mapping
        An EventBridge event, a direct S3 notification, an SQS batch of either, or one SQS message of a batch.

    Returns
    -------
    tuple of ObjectEvent
        In the order given; empty for the test event S3 sends when a notification is set up.

    Raises
    ------
    InvalidInput
        Where it is none of these; the message names the field.
    """
    try:
        return _read(event)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"The event is no S3 object event: {field}: {first['msg']}") from error


def _read(event: Mapping[str, Any]) -> tuple[ObjectEvent, ...]:
    if not isinstance(event, Mapping):
        raise InvalidInput("The event is no S3 object event: it is not a JSON object")
    if "Records" in event:
        records = event["Records"]
        if not isinstance(records, list):
            raise InvalidInput("The event is no S3 object event: Records: it is not a list")
        return tuple(found for one in records for found in _read(one))
    if "body" in event:
        return _read(_json(event["body"]))
    if event.get("Event") == "s3:TestEvent":
        return ()
    if "detail-type" in event:
        return (_from_bridge(_BridgeEvent.model_validate(event)),)
    return (_from_notification(_Notification.model_validate(event)),)


def _json(body: object) -> Any:
    try:
        return json.loads(body) if isinstance(body, str) else body
    except ValueError as error:
        raise InvalidInput("The event is no S3 object event: body: it is not JSON") from error


def _from_bridge(event: _BridgeEvent) -> ObjectEvent:
    seen = event.detail.object
    deleted = event.kind == "Object Deleted"
    return _event(event.detail.bucket.name, seen.key, seen, deleted=deleted, time=event.time)


def _from_notification(event: _Notification) -> ObjectEvent:
    seen = event.s3.object
    deleted = "ObjectCreated:" not in event.name
    return _event(event.s3.bucket.name, unquote_plus(seen.key), seen, deleted=deleted, time=event.time)


def _event(bucket: str, key: str, seen: _Object, *, deleted: bool, time: datetime) -> ObjectEvent:
    return ObjectEvent(bucket, key, seen.etag.strip('"'), seen.size, seen.sequencer, deleted, time)
