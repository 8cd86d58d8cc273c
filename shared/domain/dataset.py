"""A shard of the dataset as columns, and the plan every phase shares: what export hands to learning."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array

ENOUGH_HELD_OUT = 300


def _pick(column: Any, rows: NDArray[np.intp]) -> Any:
    if column is None:
        return None
    if isinstance(column, tuple):
        return tuple(column[row] for row in rows)
    if isinstance(column, dict):
        return {name: block[rows] for name, block in column.items()}
    return column[rows]


def _joined(columns: Sequence[Any]) -> Any:
    first = columns[0]
    if first is None:
        return None
    if isinstance(first, tuple):
        return tuple(item for column in columns for item in column)
    if isinstance(first, dict):
        return {name: np.concatenate([column[name] for column in columns]) for name in first}
    return np.concatenate(columns)


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """All faces of a shard, row by row.

    Attributes
    ----------
    ids : tuple of str, length f
    photo : (f,) int64
        Row of the photo in the shard.
    encodings : (f, 128) float32
    boxes : (f, 4) float32
        Left, top, right, bottom as fractions of the upright image.
    quality : (f,) float32
    names : tuple of str or None, length f
        What the owner named the face in the file (MWG or Microsoft regions); None where nobody did.
    """

    ids: tuple[str, ...]
    photo: NDArray[np.int64]
    encodings: Array
    boxes: Array
    quality: Array
    names: tuple[str | None, ...]

    def of_photos(self, rows: NDArray[np.intp], photos: int) -> "Faces":
        """The faces of some photos, renumbered to the photos' order in `rows`.

        Parameters
        ----------
        rows : (k,) int
            Rows of the photos to keep.
        photos : int
            Number of photos `self.photo` refers to.
        """
        position = np.full(photos, -1, dtype=np.int64)
        position[rows] = np.arange(len(rows))
        moved = position[self.photo]
        kept = np.flatnonzero(moved >= 0)
        kept = kept[np.argsort(moved[kept], kind="stable")]
        picked = {f.name: _pick(getattr(self, f.name), kept) for f in fields(self)}
        return Faces(**{**picked, "photo": moved[kept]})


@dataclass(frozen=True, slots=True, eq=False)
class Shard:
    """Photos of one dataset shard, sorted by id; every column has one entry a photo (n of them).

    Attributes
    ----------
    ids, keys : tuple of str
        Photo ids, and the object keys they were uploaded under.
    features : dict of str to (n, d) float16
        Feature blocks of the observation, those that were asked for, as they are stored: most of a shard.
    zero_shot : (n, 384) float32
        The observation's text vector.
    labels : tuple of tuple of (str, float)
        Model labels and counted objects above their thresholds: the "before" tags.
    generic : tuple of str
        What the models alone say of each photo.
    descriptions : tuple of str or None
        The owner's.
    tags, removed_tags : tuple of tuple of str
        The owner's, sorted.
    words : (n, 384) float32
        Text vector of the owner's words; zero where there are none.
    uploaded_at : (n,) float64
        Seconds since the epoch.
    taken_at : (n,) float64
        Seconds since the epoch, NaN where unknown.
    dhash : (n,) uint64
    places, cameras : tuple of str or None
    faces : Faces
    mapped : (n, r) float32 or None
        Kernel features under the plan of the run at hand, where they have been computed.
    """

    ids: tuple[str, ...]
    keys: tuple[str, ...]
    features: dict[str, NDArray[np.floating]]
    zero_shot: Array
    labels: tuple[tuple[tuple[str, float], ...], ...]
    generic: tuple[str, ...]
    descriptions: tuple[str | None, ...]
    tags: tuple[tuple[str, ...], ...]
    removed_tags: tuple[tuple[str, ...], ...]
    words: Array
    uploaded_at: NDArray[np.float64]
    taken_at: NDArray[np.float64]
    dhash: NDArray[np.uint64]
    places: tuple[str | None, ...]
    cameras: tuple[str | None, ...]
    faces: Faces
    mapped: Array | None = None

    def __len__(self) -> int:
        return len(self.ids)

    @classmethod
    def concatenate(cls, shards: Sequence["Shard"]) -> "Shard":
        """The photos of several shards (at least one) of the same feature blocks, one after the other."""
        starts = np.cumsum([0, *(len(shard) for shard in shards)])
        moved = [
            replace(shard.faces, photo=shard.faces.photo + start)
            for shard, start in zip(shards, starts, strict=False)
        ]
        columns = {
            f.name: _joined([getattr(shard, f.name) for shard in shards])
            for f in fields(cls)
            if f.name != "faces"
        }
        faces = {f.name: _joined([getattr(part, f.name) for part in moved]) for f in fields(Faces)}
        return cls(faces=Faces(**faces), **columns)

    def take(self, rows: NDArray[np.intp]) -> "Shard":
        """Some photos with their faces, in the order of `rows`."""
        picked = {f.name: _pick(getattr(self, f.name), rows) for f in fields(self) if f.name != "faces"}
        return replace(self, faces=self.faces.of_photos(rows, len(self)), **picked)


@dataclass(frozen=True, slots=True)
class Options:
    """A training's input, validated at the edge (`shared.services.training_input.TrainingInput`)."""

    limit: int | None = None
    tags_any: tuple[str, ...] = ()
    categories: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = field(default_factory=dict)
    max_ngram: int = 3
    min_support: int = 3
    examples_per_tag: int = 10
    face_threshold: float = 0.98
    tag_precision: float = 0.85
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)


def few_held_out(photos: int) -> bool:
    """Whether so few photos are held out that ten folds are used instead of one."""
    return photos < ENOUGH_HELD_OUT


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """What the counting pass of the export fixed for every phase and shard of a run.

    Attributes
    ----------
    vocabulary : tuple of str
        Owner's tags that reach the support floor, sorted, at most 5,000.
    words : tuple of str
        Lemmas of content words of the owner's descriptions that reach the floor, sorted.
    document_frequency : (len(words),) int64
    landmarks : mapping of str to (m, d) float16
        Feature blocks of the landmark photos: the m worded photos with the smallest ids, none of them held
        out where a tenth is.
    landmark_zero_shot : (m, 384) float32
    text_mean : (384,) float32
        Mean text vector of the owner's words.
    fold_of : dict of str to int
        Fold (0 to 9) of every worded photo of the shard at hand, by a hash of its burst, so that
        near-duplicates stay together. Fold 0 is the tenth that is held out.
    burst_of : dict of str to int
        Burst of every photo of the shard at hand: photos with one number are near-duplicates.
    worded, held_out, photos : int
        Photos with owner's words, those of them in fold 0, and all photos taking part.
    since : (float, str) or None
        Of a trial with a limit: upload time and id of the oldest photo that takes part.
    """

    vocabulary: tuple[str, ...]
    words: tuple[str, ...]
    document_frequency: NDArray[np.int64]
    landmarks: Mapping[str, NDArray[np.floating]]
    landmark_zero_shot: Array
    text_mean: Array
    fold_of: dict[str, int]
    burst_of: dict[str, int]
    worded: int
    held_out: int
    photos: int
    options: Options
    since: tuple[float, str] | None = None

    @property
    def cross_fitted(self) -> bool:
        """Whether so few photos are held out that ten folds are used instead of one."""
        return few_held_out(self.held_out)
