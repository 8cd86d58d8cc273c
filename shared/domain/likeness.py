"""When two photos count as one picture: stored twice, or taken in one burst."""

from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

SAME_PICTURE_BITS = 4
SAME_MOMENT_BITS = 16
SAME_MOMENT_SECONDS = 2.0


@overload
def alike(bits: int, seconds: float) -> bool: ...


@overload
def alike(bits: NDArray[np.integer[Any]], seconds: NDArray[np.floating[Any]]) -> NDArray[np.bool_]: ...


def alike(bits: Any, seconds: Any) -> Any:
    """Whether photos are near-duplicates.

    They are where their difference hashes differ in at most 4 bits, or in at most 16 while they were taken
    within two seconds.

    Parameters
    ----------
    bits : int or (n,) int
        In how many of 64 bits their hashes differ.
    seconds : float or (n,) float
        Between the moments they were taken at; NaN where either is unknown.
    """
    return (bits <= SAME_PICTURE_BITS) | ((abs(seconds) <= SAME_MOMENT_SECONDS) & (bits <= SAME_MOMENT_BITS))
