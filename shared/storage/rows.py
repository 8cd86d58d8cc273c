"""Records as rows of a table, a table as a shard or as Parquet bytes.

Vectors are little-endian float16 in fixed-size binary columns, one a feature block. Every row carries the
etag of the record it was made of, and a digest of everything else in it.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from shared.domain.dataset import Faces, Shard
from shared.domain.errors import InvalidInput
from shared.domain.named_faces import names_of
from shared.domain.observation import Exif, Observation
from shared.domain.record import Record, Status
from shared.domain.vectors import Array
from shared.storage.records import Stored

Labels = Callable[[Observation], Sequence[tuple[str, float]]]

FORMAT = "2"
GROUP_ROWS = 2_048
"""Of a row group, and held as Python objects at a time."""
FEATURE = "feature/"
TEXT_WIDTH = 384
FACE_WIDTH = 128

_TEXTS = pa.list_(pa.string())
_NUMBERS = pa.list_(pa.float64())
_COLUMNS: dict[str, pa.DataType] = {
    "id": pa.string(),
    "etag": pa.string(),
    "digest": pa.binary(32),
    "key": pa.string(),
    "labels": _TEXTS,
    "label_scores": _NUMBERS,
    "generic": pa.string(),
    "description": pa.string(),
    "tags": _TEXTS,
    "removed_tags": _TEXTS,
    "uploaded_at": pa.float64(),
    "taken_at": pa.float64(),
    "dhash": pa.uint64(),
    "place": pa.string(),
    "camera": pa.string(),
    "zero_shot": pa.binary(2 * TEXT_WIDTH),
    "words": pa.binary(2 * TEXT_WIDTH),
    "face_ids": _TEXTS,
    "face_names": _TEXTS,
    "face_encodings": pa.binary(),
    "face_boxes": _NUMBERS,
    "face_quality": _NUMBERS,
}


class RowMaker:
    """Makes rows of records.

    Parameters
    ----------
    labels : callable
        The model labels and counted objects of an observation that count as the "before" tags.
    encoding_space : str
        Faces of other spaces are left out: spaces are never mixed.
    """

    def __init__(self, labels: Labels, encoding_space: str) -> None:
        self._labels = labels
        self._space = encoding_space

    def table(self, records: Iterable[Stored]) -> pa.Table:
        """The analyzed records among `records` as a table sorted by id.

        Records that come in that order are taken as they come; others are sorted in the end.

        Raises
        ------
        InvalidInput
            Where photos were observed by models that differ in what they put out.
        """
        rows = (self._row(*stored) for stored in records if is_row(stored.record))
        widths: dict[str, int] = {}
        batches = []
        while some := list(islice(rows, GROUP_ROWS)):
            widths = widths or _widths(some[0])
            for row in some:
                if _widths(row) != widths:
                    raise InvalidInput(
                        f"Photos {some[0]['id']} and {row['id']} were seen by different models: "
                        "analyze them again"
                    )
            batches.append(pa.RecordBatch.from_pylist(some, schema=_schema(widths)))
        table = pa.Table.from_batches(batches, schema=_schema(widths))
        ids = table["id"].to_pylist()
        return table if ids == sorted(ids) else table.sort_by("id")

    def _row(self, record: Record, etag: str) -> dict[str, Any]:
        seen = record.observation
        if seen is None:
            raise InvalidInput(f"The record of {record.photo_id} has no observation: analyze the photo again")
        labels = self._labels(seen)
        faces = seen.faces if seen.encoding_space == self._space else ()
        row = {
            "id": record.photo_id,
            "key": record.origin.key,
            "labels": [name for name, _ in labels],
            "label_scores": [float(score) for _, score in labels],
            "generic": record.enhancement.generic if record.enhancement else "",
            "description": record.owner.description,
            "tags": sorted(record.owner.tags),
            "removed_tags": sorted(record.owner.removed_tags),
            "uploaded_at": record.origin.uploaded_at.timestamp(),
            "taken_at": _seconds(seen.exif),
            "dhash": int(seen.dhash, 16),
            "place": seen.exif.place.text if seen.exif.place else None,
            "camera": seen.exif.camera,
            "zero_shot": _half(seen.text_vector),
            "words": _half(
                np.zeros(TEXT_WIDTH) if record.owner.text_vector is None else record.owner.text_vector
            ),
            "face_ids": [face.face_id for face in faces],
            "face_names": list(names_of(faces, record.owner.faces)),
            "face_encodings": b"".join(_half(face.encoding) for face in faces),
            "face_boxes": [float(side) for face in faces for side in _sides(face.box)],
            "face_quality": [float(face.quality) for face in faces],
            **{FEATURE + name: _half(block) for name, block in seen.features.items()},
        }
        return {**row, "etag": etag, "digest": _digest(row)}


def is_row(record: Record) -> bool:
    """Whether a record takes part in the dataset."""
    return record.status is Status.ANALYZED and record.observation is not None


def joined(old: pa.Table, new: pa.Table) -> pa.Table:
    """Both tables' rows, sorted by id."""
    return pa.concat_tables([old, new]).sort_by("id").combine_chunks()


def kept(table: pa.Table, etags: dict[str, str]) -> pa.Table:
    """The rows made of the very records listed (photo id to etag)."""
    made_of = zip(table["id"].to_pylist(), table["etag"].to_pylist(), strict=True)
    stands = [etags.get(photo_id) == etag for photo_id, etag in made_of]
    return table.filter(pa.array(stands, pa.bool_()))


def among(table: pa.Table, photo_ids: Collection[str]) -> pa.Table:
    """The rows of these photos."""
    return table.filter(pc.is_in(table["id"], pa.array(sorted(photo_ids), pa.string())))


def below(table: pa.Table, prefix: str) -> pa.Table:
    """The rows of the photos whose id begins with `prefix`."""
    return table.filter(pc.starts_with(table["id"], prefix))


def digest_of(table: pa.Table) -> str:
    """32 hex digits that name what the rows hold, whatever versions of the records they were read from."""
    digest = hashlib.sha256(FORMAT.encode())
    for row in table["digest"].to_pylist():
        digest.update(row)
    return digest.hexdigest()[:32]


def to_parquet(table: pa.Table) -> bytes:
    """A table as Parquet bytes, the same for the same rows."""
    sink = pa.BufferOutputStream()
    plain = [name for name, kind in _COLUMNS.items() if kind in (pa.string(), _TEXTS) and name != "id"]
    pq.write_table(
        table,
        sink,
        compression="zstd",
        use_dictionary=plain,
        write_statistics=False,
        row_group_size=GROUP_ROWS,
    )
    return bytes(sink.getvalue())


def from_parquet(file: BinaryIO, blocks: Collection[str] | None = None) -> pa.Table:
    """The table that `to_parquet` wrote, with all feature blocks or those named that it has.

    Raises
    ------
    InvalidInput
        Where the file is none.
    """
    columns = None if blocks is None else [*_COLUMNS, *(FEATURE + name for name in sorted(blocks))]
    try:
        table = pq.ParquetFile(file, pre_buffer=True).read(columns=columns).combine_chunks()
    except pa.ArrowInvalid as error:
        raise InvalidInput(f"A file of the dataset cannot be read, export with force: {error}") from error
    widths = {field.name: field.type.byte_width for field in table.schema if _is_feature(field.name)}
    return table.cast(_schema(widths))


def to_shard(table: pa.Table) -> Shard:
    """A table's columns as learning takes them."""
    column = {name: table[name].to_pylist() for name, kind in _COLUMNS.items() if kind not in _BINARY}
    blocks = [name for name in table.column_names if _is_feature(name)]
    labels = zip(column["labels"], column["label_scores"], strict=True)
    return Shard(
        ids=tuple(column["id"]),
        keys=tuple(column["key"]),
        features={name.removeprefix(FEATURE): _halves(table, name) for name in blocks},
        zero_shot=_halves(table, "zero_shot").astype(np.float32),
        labels=tuple(tuple(zip(names, scores, strict=True)) for names, scores in labels),
        generic=tuple(column["generic"]),
        descriptions=tuple(column["description"]),
        tags=tuple(map(tuple, column["tags"])),
        removed_tags=tuple(map(tuple, column["removed_tags"])),
        words=_halves(table, "words").astype(np.float32),
        uploaded_at=np.asarray(column["uploaded_at"], dtype=np.float64),
        taken_at=np.asarray(column["taken_at"], dtype=np.float64),
        dhash=np.asarray(column["dhash"], dtype=np.uint64),
        places=tuple(column["place"]),
        cameras=tuple(column["camera"]),
        faces=_faces(table, column),
    )


_BINARY = frozenset(kind for kind in _COLUMNS.values() if pa.types.is_fixed_size_binary(kind)) | {pa.binary()}


def _faces(table: pa.Table, column: dict[str, list[Any]]) -> Faces:
    counts = np.asarray([len(ids) for ids in column["face_ids"]], dtype=np.int64)
    encodings = b"".join(table["face_encodings"].to_pylist())
    boxes = [side for sides in column["face_boxes"] for side in sides]
    return Faces(
        ids=tuple(one for ids in column["face_ids"] for one in ids),
        photo=np.repeat(np.arange(len(counts), dtype=np.int64), counts),
        encodings=_single(encodings).reshape(-1, FACE_WIDTH),
        boxes=np.asarray(boxes, dtype=np.float32).reshape(-1, 4),
        quality=np.asarray([q for row in column["face_quality"] for q in row], dtype=np.float32),
        names=tuple(name for names in column["face_names"] for name in names),
    )


def _halves(table: pa.Table, name: str) -> NDArray[np.float16]:
    """The vectors of a column as they are stored, without a copy."""
    width = table.schema.field(name).type.byte_width
    if not table.num_rows:
        return np.empty((0, width // 2), dtype=np.float16)
    chunks = table[name]
    column = chunks.chunk(0) if chunks.num_chunks == 1 else chunks.combine_chunks()
    start = column.offset * width
    stored = column.buffers()[1][start : start + len(column) * width]
    return np.frombuffer(stored, dtype="<f2").reshape(-1, width // 2)


def _is_feature(name: str) -> bool:
    return name.startswith(FEATURE)


def _schema(widths: dict[str, int]) -> pa.Schema:
    """Columns of a table whose feature blocks have these widths in bytes."""
    return pa.schema([*_COLUMNS.items(), *((name, pa.binary(widths[name])) for name in sorted(widths))])


def _widths(row: dict[str, Any]) -> dict[str, int]:
    """Bytes of each feature block of a row."""
    return {name: len(value) for name, value in row.items() if _is_feature(name)}


def _digest(row: dict[str, Any]) -> bytes:
    """SHA-256 of a row's content: what is no bytes as one text, then the bytes column by column."""
    plain = {name: value for name, value in row.items() if not isinstance(value, bytes)}
    digest = hashlib.sha256(json.dumps(plain, sort_keys=True).encode())
    for name in sorted(row.keys() - plain.keys()):
        digest.update(f"{name}:{len(row[name])}:".encode())
        digest.update(row[name])
    return digest.digest()


def _half(vector: NDArray[np.floating[Any]]) -> bytes:
    return np.asarray(vector, dtype="<f2").tobytes()


def _single(body: bytes | pa.Buffer) -> Array:
    return np.frombuffer(body, dtype="<f2").astype(np.float32)


def _sides(box: Any) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom


def _seconds(exif: Exif) -> float:
    """Seconds since the epoch, the camera's clock taken for UTC where it names no zone; NaN where unknown."""
    at: datetime | None = exif.taken_at
    if at is None:
        return float("nan")
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
