"""What a library is left with: records but for what tells when things happened, and all else beside them."""

import json
from typing import Any

from shared.domain.record import Record
from shared.storage import keys
from shared.storage.concurrency import mapped
from shared.storage.records import CLOCK_FIELDS, RecordRepository, dumps
from shared.storage.store import ObjectStore


def left(library: ObjectStore) -> dict[str, dict[str, Any]]:
    """Records but for their clock fields, and every other object but for its time."""
    records = RecordRepository(library)
    read = records.get_many(photo_id for photo_id, _ in records.list())
    others = [entry.key for entry in library.list() if not entry.key.startswith((keys.RECORDS, keys.CHANGES))]
    bodies = mapped(lambda key: _plain(key, library.get(key).body), others)
    return {
        "records": {stored.record.photo_id: timeless(stored.record) for stored in read},
        "others": dict(zip(others, bodies, strict=True)),
    }


def differences(wanted: dict[str, dict[str, Any]], found: dict[str, dict[str, Any]]) -> list[str]:
    """What is not as wanted, a line each."""
    return [
        f"{part}: {name} differs"
        for part in wanted
        for name in sorted(wanted[part].keys() | found[part].keys())
        if wanted[part].get(name) != found[part].get(name)
    ]


def timeless(record: Record) -> dict[str, Any]:
    """A record as plain data without what tells when things happened."""
    plain: dict[str, Any] = json.loads(dumps(record))
    for path in CLOCK_FIELDS:
        *parents, name = path.split(".")
        holder = plain
        for parent in parents:
            holder = holder[parent]
        del holder[name]
    return plain


def _plain(key: str, body: bytes) -> Any:
    if key.startswith((keys.QUARANTINE, keys.CORRECTIONS)):
        return {name: value for name, value in json.loads(body).items() if name != "at"}
    return body
