"""A part of the library as search holds it: words, phrases and vectors of photos in rows."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array
from shared.learning.ridge import unit_rows
from shared.search.entry import Entry
from shared.search.postings import Postings

DIMENSIONS = 384


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Photos in rows.

    Attributes
    ----------
    rows : dict of str to int
        Row of each photo id.
    says : tuple of str
        All lemmas of each, for phrases.
    owner, other : Postings
        Of the owner's words, and of all others.
    vectors : (n, 384) float32
        Zero where a photo has none.
    placed, worded : (n,) bool
        Whether it has one; whether the owner said anything of it.
    offsets : (n,) float32
    dhash : (n,) uint64
    at : (n,) float64
    taken_at : (n,) float64
        NaN where unknown.
    tagged : dict of str to list of int
        Rows by tag without regard to case, whoever said it.
    places, cameras : dict of str to list of int
        Likewise.
    faces, located : (n,) bool
    """

    entries: tuple[Entry, ...]
    rows: dict[str, int]
    says: tuple[str, ...]
    owner: Postings
    other: Postings
    vectors: Array
    placed: NDArray[np.bool_]
    worded: NDArray[np.bool_]
    offsets: Array
    dhash: NDArray[np.uint64]
    at: NDArray[np.float64]
    taken_at: NDArray[np.float64]
    tagged: dict[str, list[int]]
    places: dict[str, list[int]]
    cameras: dict[str, list[int]]
    faces: NDArray[np.bool_]
    located: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.entries)

    @classmethod
    def build(cls, entries: Sequence[Entry], mean: Array | None = None) -> "Segment":
        """Index photos; vectors of words are centred on the mean of the library's."""
        return cls(
            tuple(entries),
            {entry.photo_id: row for row, entry in enumerate(entries)},
            tuple(entry.says() for entry in entries),
            Postings.build([entry.owner_lemmas() for entry in entries]),
            Postings.build([entry.other_lemmas() for entry in entries]),
            _placed(entries, mean),
            np.asarray([entry.vector is not None for entry in entries], dtype=np.bool_),
            np.asarray([bool(entry.owner_tags or entry.owner_text) for entry in entries], dtype=np.bool_),
            np.asarray([entry.offset for entry in entries], dtype=np.float32),
            np.asarray([entry.dhash for entry in entries], dtype=np.uint64),
            np.asarray([entry.at for entry in entries], dtype=np.float64),
            np.asarray([entry.at if entry.taken else np.nan for entry in entries], dtype=np.float64),
            _rows_by((*entry.owner_tags, *entry.tags) for entry in entries),
            _rows_by((entry.place,) for entry in entries),
            _rows_by((entry.camera,) for entry in entries),
            np.asarray([entry.faces for entry in entries], dtype=np.bool_),
            np.asarray([entry.located for entry in entries], dtype=np.bool_),
        )

    def centred(self, mean: Array | None) -> "Segment":
        """The same photos with another mean of the library's words."""
        return replace(self, vectors=_placed(self.entries, mean))


def _placed(entries: Sequence[Entry], mean: Array | None) -> Array:
    vectors = np.zeros((len(entries), DIMENSIONS), dtype=np.float32)
    for row, entry in enumerate(entries):
        if entry.vector is not None:
            vectors[row] = entry.vector
    if mean is not None:
        rows = np.flatnonzero([entry.worded for entry in entries])
        vectors[rows] = unit_rows(vectors[rows] - mean)
    return vectors


def plain(text: str) -> str:
    """A text for comparing without regard to case and composition."""
    return unicodedata.normalize("NFKC", text).casefold()


def _rows_by(texts: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, here in enumerate(texts):
        for text in {plain(text) for text in here if text}:
            rows.setdefault(text, []).append(row)
    return rows
