"""What the people phase keeps of a shard: its faces, with what clustering needs of their photos."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Plan, Shard
from shared.domain.vectors import Array

ENCODING_SIZE = 128


@dataclass(frozen=True, slots=True, eq=False)
class FaceSums:
    """Faces of some shards; adding is putting them side by side.

    Attributes
    ----------
    ids, photos : (f,) str
        Face and photo ids.
    encodings : (f, 128) float32
    quality : (f,) float32
    area : (f,) float32
        Share of the photo that the face covers.
    names : (f,) str
        What the owner named the face in the file; empty where nobody did.
    taken_at : (f,) float64
        Seconds since the epoch, NaN where unknown.
    """

    ids: NDArray[np.str_]
    photos: NDArray[np.str_]
    encodings: Array
    quality: Array
    area: Array
    names: NDArray[np.str_]
    taken_at: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.ids)

    def __add__(self, other: "FaceSums") -> "FaceSums":
        columns = {
            f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)
        }
        return FaceSums(**columns)

    def take(self, rows: NDArray[np.intp]) -> "FaceSums":
        """Some faces, in the order of `rows`."""
        return FaceSums(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def distinct(self) -> "FaceSums":
        """Each face id once, with its first photo, sorted: the same whatever was added in which order."""
        order = np.lexsort((self.photos, self.ids))
        ids = self.ids[order]
        first = np.ones(len(ids), dtype=bool)
        first[1:] = ids[1:] != ids[:-1]
        if first.all() and (order == np.arange(len(order))).all():
            return self
        return self.take(order[first])

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The columns by name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Read back what `arrays` gave."""
        return cls(**{f.name: arrays[f.name] for f in fields(cls)})


def observe(shard: Shard, plan: Plan) -> FaceSums:  # noqa: ARG001  every phase is asked the same way
    """Collect the faces of a shard.

    Faces of photos without an encoding space have no encodings and never get here. People are clustered over
    the whole library, so nothing of the plan selects them.
    """
    faces = shard.faces
    boxes = faces.boxes.reshape(-1, 4)
    area = np.clip(boxes[:, 2] - boxes[:, 0], 0, None) * np.clip(boxes[:, 3] - boxes[:, 1], 0, None)
    return FaceSums(
        ids=np.array(faces.ids, dtype=np.str_),
        photos=np.array([shard.ids[row] for row in faces.photo], dtype=np.str_),
        encodings=faces.encodings.reshape(-1, ENCODING_SIZE).astype(np.float32),
        quality=faces.quality.astype(np.float32),
        area=area.astype(np.float32),
        names=np.array([name or "" for name in faces.names], dtype=np.str_),
        taken_at=shard.taken_at[faces.photo].astype(np.float64),
    )
