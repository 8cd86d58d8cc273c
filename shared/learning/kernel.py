"""The Nystroem map: a kernel over photos as m numbers a photo, so that kernel ridge becomes sums that add.

With landmarks L and kernel K, phi(x) = K(x, L) K(L, L)^(-1/2) has phi(x).phi(y) = K(x, y) whenever x or y is
a landmark. A library with fewer worded photos than m is thus solved exactly; a larger one keeps an m by m
problem, whatever its size.

References
----------
Williams, C. & Seeger, M. (2001). Using the Nystroem Method to Speed Up Kernel Machines. NIPS 13.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh

from shared.domain.dataset import Plan, Shard
from shared.domain.vectors import Array
from shared.learning.blocks import each
from shared.learning.features import ENCODING, FACES, Block, compose, face_centre, shard_blocks

GAMMA = 1.0
SMALLEST_EIGENVALUE = 1e-6
BLOCK_ROWS = 256
"""Few enough that a block stays near the processor."""


@dataclass(frozen=True, slots=True, eq=False)
class KernelMap:
    """From composed features to the span of the landmarks.

    Attributes
    ----------
    landmarks : (m, D) float32
        Unit rows; exactly representable in float16, which is how they are stored.
    root : (m, r) float32
        K(L, L)^(-1/2) in the basis of its r eigenvectors that are not numerically zero.
    centre : (128,) float32
        Mean face of the landmarks.
    """

    landmarks: Array
    root: Array
    centre: Array

    @classmethod
    def fit(cls, blocks: Mapping[str, Block], zero_shot: Array) -> "KernelMap":
        """Invert the kernel matrix of m landmark photos, given by their feature blocks."""
        if not len(zero_shot):
            return cls(*(np.zeros(shape, dtype=np.float32) for shape in ((0, 0), (0, 0), (ENCODING,))))
        centre = face_centre(blocks[FACES]) if FACES in blocks else np.zeros(ENCODING, dtype=np.float32)
        rounded = compose(blocks, zero_shot, centre).astype(np.float16).astype(np.float32)
        values, vectors = eigh(_rbf(rounded, rounded).astype(np.float64))
        kept = values > SMALLEST_EIGENVALUE * values[-1]
        return cls(rounded, (vectors[:, kept] / np.sqrt(values[kept])).astype(np.float32), centre)

    @property
    def width(self) -> int:
        """Numbers a photo: r."""
        return int(self.root.shape[1])

    def transform(self, blocks: Mapping[str, Block], zero_shot: Array) -> Array:
        """Map n photos, given by their feature blocks. Shape (n, r), float32."""
        mapped = np.empty((len(zero_shot), self.width), dtype=np.float32)

        def fill(start: int) -> None:
            rows = slice(start, start + BLOCK_ROWS)
            some = {name: block[rows] for name, block in blocks.items()}
            mapped[rows] = _rbf(compose(some, zero_shot[rows], self.centre), self.landmarks) @ self.root

        if self.width:
            each(fill, range(0, len(zero_shot), BLOCK_ROWS))
        return mapped

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        return {
            "kernel.landmarks": self.landmarks.astype(np.float16),
            "kernel.root": self.root,
            "kernel.centre": self.centre,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "KernelMap":
        """Read back what `arrays` gave."""
        names = ("kernel.landmarks", "kernel.root", "kernel.centre")
        return cls(*(arrays[name].astype(np.float32) for name in names))


class _Landmarks:
    """The landmarks of a plan; equal where they hold the same numbers."""

    def __init__(self, plan: Plan) -> None:
        self.blocks = plan.landmarks
        self.zero_shot = plan.landmark_zero_shot
        digest = hashlib.sha256(np.ascontiguousarray(self.zero_shot).tobytes())
        for name in sorted(self.blocks):
            digest.update(f"{name}:{self.blocks[name].shape}:".encode())
            digest.update(np.ascontiguousarray(self.blocks[name]).tobytes())
        self.digest = digest.digest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Landmarks) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


def plan_map(plan: Plan) -> KernelMap:
    """The map that the plan's landmarks fix; of width 0 where nobody worded a photo."""
    return _fitted(_Landmarks(plan))


@lru_cache(maxsize=1)
def _fitted(landmarks: _Landmarks) -> KernelMap:
    return KernelMap.fit(landmarks.blocks, landmarks.zero_shot)


def map_shard(shard: Shard, kernel: KernelMap) -> Array:
    """Map every photo of a shard, unless that is done. Shape (n, r), float32."""
    if shard.mapped is not None:
        return shard.mapped
    return kernel.transform(shard_blocks(shard), shard.zero_shot)


def _rbf(rows: Array, landmarks: Array) -> Array:
    """exp(-GAMMA |x - y|^2) of rows that are (nearly) unit. Shapes (n, D), (m, D) to (n, m)."""
    exponent = rows @ landmarks.T
    exponent *= 2.0 * GAMMA
    exponent -= 2.0 * GAMMA
    np.minimum(exponent, 0.0, out=exponent)
    return np.asarray(np.exp(exponent, out=exponent))
