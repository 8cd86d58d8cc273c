"""Samples that add: of all rows ever seen, the few with the smallest keys.

The union of two such samples, cut to the smallest keys again, is the sample of the union, in any order and
grouping: a bounded stand-in for the rows themselves where a step is no sum (calibration, nearest captions).

References
----------
Cohen, E. & Kaplan, H. (2007). Summarizing Data using Bottom-k Sketches. PODC.
Efraimidis, P. & Spirakis, P. (2006). Weighted Random Sampling with a Reservoir. Inf. Process. Lett. 97(5).
"""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """The rows with the smallest keys, sorted by key and id.

    Attributes
    ----------
    capacity : int
        Rows kept at most.
    keys : (n,) float64
    ids : tuple of str, length n
    columns : dict of str to array with n rows
    texts : dict of str to tuple of n str
    """

    capacity: int
    keys: NDArray[np.float64]
    ids: tuple[str, ...]
    columns: dict[str, NDArray[np.generic]]
    texts: dict[str, tuple[str, ...]]

    @classmethod
    def of(
        cls,
        capacity: int,
        keys: NDArray[np.float64],
        ids: Sequence[str],
        columns: Mapping[str, NDArray[np.generic]],
        texts: Mapping[str, Sequence[str]],
    ) -> "Sketch":
        """Sort the rows and keep the first `capacity`."""
        order = np.lexsort((np.asarray(ids, dtype=np.str_), keys))[:capacity]
        return cls(
            capacity,
            keys[order],
            tuple(ids[row] for row in order),
            {name: column[order] for name, column in columns.items()},
            {name: tuple(text[row] for row in order) for name, text in texts.items()},
        )

    def __len__(self) -> int:
        return len(self.ids)

    def __add__(self, other: "Sketch") -> "Sketch":
        return Sketch.of(
            self.capacity,
            np.concatenate([self.keys, other.keys]),
            self.ids + other.ids,
            {name: np.concatenate([mine, other.columns[name]]) for name, mine in self.columns.items()},
            {name: mine + other.texts[name] for name, mine in self.texts.items()},
        )

    def arrays(self, prefix: str) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back under the same prefix."""
        return {
            f"{prefix}.capacity": np.asarray(self.capacity),
            f"{prefix}.keys": self.keys,
            f"{prefix}.ids": pack_texts(self.ids),
            **{f"{prefix}.column.{name}": column for name, column in self.columns.items()},
            **{f"{prefix}.text.{name}": pack_texts(text) for name, text in self.texts.items()},
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]], prefix: str) -> "Sketch":
        """Read back what `arrays` gave."""
        column, text = f"{prefix}.column.", f"{prefix}.text."
        return cls(
            int(arrays[f"{prefix}.capacity"]),
            arrays[f"{prefix}.keys"].astype(np.float64),
            unpack_texts(arrays[f"{prefix}.ids"]),
            {name.removeprefix(column): arrays[name] for name in arrays if name.startswith(column)},
            {name.removeprefix(text): unpack_texts(arrays[name]) for name in arrays if name.startswith(text)},
        )


def uniform_key(identity: str) -> float:
    """A number in (0, 1) that depends on the id alone."""
    digest = hashlib.sha256(identity.encode()).digest()
    return (int.from_bytes(digest[:7], "big") + 0.5) / 2**56


def weighted_key(identity: str, weight: float) -> float:
    """A key whose smallest values sample rows without replacement in proportion to their weights."""
    return -math.log(uniform_key(identity)) / weight


def pack_texts(texts: Sequence[str]) -> NDArray[np.uint8]:
    """Texts as bytes: what fixed-width string arrays would waste on the longest one."""
    return np.frombuffer(json.dumps(list(texts), ensure_ascii=False).encode(), dtype=np.uint8)


def unpack_texts(packed: NDArray[np.generic]) -> tuple[str, ...]:
    """Read back what `pack_texts` gave."""
    return tuple(json.loads(packed.tobytes().decode()))
