"""Ridge regression as sums over photos: second moments that add, and the solve they end in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from shared.domain.vectors import Array

HELD_OUT, REST = 0, 1

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class RidgeSums:
    """Second moments of inputs and targets, the held-out tenth apart from the rest.

    For inputs x (r numbers) and targets y (k numbers), `gram` sums x x' and `cross` sums x y'.

    Attributes
    ----------
    gram : (2, r, r) float64
        Index `HELD_OUT` for photos of fold 0, `REST` for the others.
    cross : (2, r, k) float64
    """

    gram: Matrix
    cross: Matrix

    @classmethod
    def zeros(cls, inputs: int, targets: int) -> "RidgeSums":
        """The sums of no photo."""
        return cls(np.zeros((2, inputs, inputs)), np.zeros((2, inputs, targets)))

    @classmethod
    def observe(
        cls, inputs: Array, targets: Sequence[Array | csr_array], held_out: NDArray[np.bool_]
    ) -> "RidgeSums":
        """Sum n photos: inputs (n, r), targets as column blocks (n, k1), (n, k2), ..., dense or sparse."""
        grams, crosses = [], []
        for rows in (np.flatnonzero(held_out), np.flatnonzero(~held_out)):
            gram, cross = _moments(inputs[rows], [block[rows] for block in targets])
            grams.append(gram)
            crosses.append(cross)
        return cls(np.stack(grams), np.stack(crosses))

    def __add__(self, other: "RidgeSums") -> "RidgeSums":
        return RidgeSums(self.gram + other.gram, self.cross + other.cross)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        return {"gram": self.gram, "cross": self.cross}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "RidgeSums":
        """Read back what `arrays` gave."""
        return cls(np.asarray(arrays["gram"], np.float64), np.asarray(arrays["cross"], np.float64))

    def solve_all(self, penalty: float) -> Array:
        """Weights from every photo. Shape (r, k), float32."""
        return solve(self.gram.sum(axis=0), self.cross.sum(axis=0), penalty)

    def solve_rest(self, penalty: float) -> Array:
        """Weights from the photos that are not held out. Shape (r, k), float32."""
        return solve(self.gram[REST], self.cross[REST], penalty)

    def solve_without(self, inputs: Array, targets: Sequence[Array | csr_array], penalty: float) -> Array:
        """Weights from every photo but the ones given, whose moments are taken out again."""
        gram, cross = _moments(inputs, targets)
        return solve(self.gram.sum(axis=0) - gram, self.cross.sum(axis=0) - cross, penalty)


def _moments(inputs: Array, targets: Sequence[Array | csr_array]) -> tuple[Matrix, Matrix]:
    x = inputs.astype(np.float64)
    return x.T @ x, np.concatenate([(block.T @ x).T for block in targets], axis=1)


def solve(gram: Matrix, cross: Matrix, penalty: float) -> Array:
    """Minimise |Y - X W|^2 + penalty |W|^2 given X'X (r, r) and X'Y (r, k). Shape (r, k), float32.

    References
    ----------
    Hoerl, A. & Kennard, R. (1970). Ridge Regression. Technometrics 12(1).
    """
    if gram.shape[0] == 0:
        return np.zeros(cross.shape, dtype=np.float32)
    factor = cho_factor(gram + penalty * np.eye(gram.shape[0]), lower=True, check_finite=False)
    return np.asarray(cho_solve(factor, cross, check_finite=False), dtype=np.float32)


def unit_rows(rows: NDArray[np.floating]) -> Array:
    """Rows at length 1, float32; a zero row stays zero."""
    return np.asarray(rows / lengths(rows), dtype=np.float32)


def lengths(rows: NDArray[np.floating]) -> NDArray[np.floating]:
    """What rows are divided by to have length 1: 1 for a zero row. Shape (n, 1)."""
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows))[:, None]
    length[length == 0] = 1
    return np.asarray(length)
