"""The catalogue's columns: rows of cards and search entries as a table, and back."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shared.domain.catalogue import Card, Spot
from shared.domain.errors import InvalidInput
from shared.domain.observation import Box
from shared.domain.record import Appearance, Source, Status
from shared.domain.vectors import Array
from shared.search.entry import Entry
from shared.storage.records import Stored

_TEXTS = pa.list_(pa.string())
_NUMBERS = pa.list_(pa.float64())
SCHEMA = pa.schema(
    {
        "id": pa.string(),
        "record": pa.string(),
        "key": pa.string(),
        "status": pa.string(),
        "etag": pa.string(),
        "at": pa.float64(),
        "width": pa.int32(),
        "height": pa.int32(),
        "taken": pa.bool_(),
        "zone": pa.int32(),
        "latitude": pa.float64(),
        "longitude": pa.float64(),
        "place": pa.string(),
        "camera": pa.string(),
        "description": pa.string(),
        "tags": _TEXTS,
        "dhash": pa.uint64(),
        "face_ids": _TEXTS,
        "face_boxes": _NUMBERS,
        "person_ids": _TEXTS,
        "person_names": _TEXTS,
        "person_scores": _NUMBERS,
        "person_sources": _TEXTS,
        "owner_tags": _TEXTS,
        "owner_text": pa.string(),
        "other_tags": _TEXTS,
        "other_text": pa.string(),
        "seen": _TEXTS,
        "vector": pa.binary(),
        "worded": pa.bool_(),
        "offset": pa.float64(),
    }
)


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """What the catalogue holds of one photo.

    Attributes
    ----------
    etag : str
        Of the record it was made of: it holds as long as the record is that version.
    card : Card
    entry : Entry or None
        None unless the photo was analyzed.
    """

    etag: str
    card: Card
    entry: Entry | None

    @classmethod
    def of(cls, stored: Stored) -> "Row":
        """The row of a record."""
        record = stored.record
        here = record.status is Status.ANALYZED
        return cls(stored.etag, Card.of(record), Entry.of(record) if here else None)


def table_of(rows: Iterable[Row]) -> pa.Table:
    """Rows as a table."""
    return pa.Table.from_pylist([_plain(row) for row in rows], schema=SCHEMA)


def rows_of(table: pa.Table) -> Iterator[Row]:
    """The rows that `table_of` made a table of."""
    columns = (table[name].to_pylist() for name in SCHEMA.names)
    for values in zip(*columns, strict=True):
        yield _row(dict(zip(SCHEMA.names, values, strict=True)))


def holding(tables: Iterable[pa.Table], etags: Mapping[str, str]) -> pa.Table:
    """The rows made of the very records listed (photo id to etag), the first where several are."""
    kept, seen = [SCHEMA.empty_table()], set[str]()
    for table in tables:
        mask = []
        for photo_id, etag in zip(table["id"].to_pylist(), table["record"].to_pylist(), strict=True):
            mask.append(photo_id not in seen and etags.get(photo_id) == etag)
            if mask[-1]:
                seen.add(photo_id)
        kept.append(table.filter(pa.array(mask, pa.bool_())))
    return pa.concat_tables(kept)


def to_parquet(table: pa.Table) -> bytes:
    """A table sorted by id as Parquet bytes, the same for the same rows."""
    sink = pa.BufferOutputStream()
    repeated: Collection[str] = ("status", "place", "camera", "description", "owner_text", "other_text")
    pq.write_table(
        table.sort_by("id"), sink, compression="zstd", use_dictionary=list(repeated), write_statistics=False
    )
    return bytes(sink.getvalue())


def from_parquet(body: bytes) -> pa.Table:
    """The table that `to_parquet` wrote; `InvalidInput` where the bytes are none."""
    try:
        return pq.read_table(pa.BufferReader(body)).select(SCHEMA.names).cast(SCHEMA)
    except (pa.ArrowInvalid, KeyError) as error:
        raise InvalidInput(f"A file of the catalogue cannot be read, train to renew it: {error}") from error


def _plain(row: Row) -> dict[str, Any]:
    card, entry = row.card, row.entry or Entry(row.card.photo_id)
    given = [spot.appearance for spot in card.faces]
    return {
        "id": card.photo_id,
        "record": row.etag,
        "key": card.key,
        "status": str(card.status),
        "etag": card.etag,
        "at": card.at,
        "width": card.width,
        "height": card.height,
        "taken": card.taken,
        "zone": card.zone,
        "latitude": card.latitude,
        "longitude": card.longitude,
        "place": card.place,
        "camera": card.camera,
        "description": card.description,
        "tags": list(card.tags),
        "dhash": card.dhash,
        "face_ids": [spot.face_id for spot in card.faces],
        "face_boxes": [side for spot in card.faces for side in _sides(spot.box)],
        "person_ids": [one.person_id if one else None for one in given],
        "person_names": [one.name if one else None for one in given],
        "person_scores": [one.score if one else None for one in given],
        "person_sources": [str(one.source) if one else None for one in given],
        "owner_tags": list(entry.owner_tags),
        "owner_text": entry.owner_text,
        "other_tags": list(entry.tags),
        "other_text": entry.text,
        "seen": list(entry.seen),
        "vector": None if entry.vector is None else entry.vector.astype("<f2").tobytes(),
        "worded": entry.worded,
        "offset": entry.offset,
    }


def _row(value: Mapping[str, Any]) -> Row:
    card = Card(
        photo_id=value["id"],
        key=value["key"],
        status=Status(value["status"]),
        etag=value["etag"],
        at=value["at"],
        width=value["width"],
        height=value["height"],
        taken=value["taken"],
        zone=value["zone"],
        latitude=value["latitude"],
        longitude=value["longitude"],
        place=value["place"],
        camera=value["camera"],
        description=value["description"],
        tags=tuple(value["tags"]),
        faces=tuple(_spots(value)),
        dhash=value["dhash"],
    )
    return Row(value["record"], card, _entry(card, value) if card.status is Status.ANALYZED else None)


def _entry(card: Card, value: Mapping[str, Any]) -> Entry:
    return Entry(
        photo_id=card.photo_id,
        owner_tags=tuple(value["owner_tags"]),
        owner_text=value["owner_text"],
        tags=tuple(value["other_tags"]),
        text=value["other_text"],
        seen=tuple(value["seen"]),
        place=card.place or "",
        camera=card.camera or "",
        vector=_vector(value["vector"]),
        worded=value["worded"],
        offset=value["offset"],
        dhash=card.dhash,
        at=card.at,
        taken=card.taken,
        faces=bool(card.faces),
        located=card.latitude is not None,
    )


def _spots(value: Mapping[str, Any]) -> Iterator[Spot]:
    boxes = value["face_boxes"]
    people = ("person_ids", "person_names", "person_scores", "person_sources")
    for number, face_id in enumerate(value["face_ids"]):
        person_id, name, score, source = (value[column][number] for column in people)
        given = Appearance(face_id, person_id, name, score, Source(source)) if person_id is not None else None
        yield Spot(face_id, Box(*boxes[4 * number : 4 * number + 4]), given)


def _vector(body: bytes | None) -> Array | None:
    return None if body is None else np.frombuffer(body, dtype="<f2").astype(np.float32)


def _sides(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
