"""Large libraries of made-up faces: centres and residuals resampled from real encodings."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array

LARGEST = 0.08
STRANGERS = 0.23
PARENTS = 6
SPREAD = 0.5
FEWEST = 4


@dataclass(frozen=True, slots=True, eq=False)
class MadeUpFaces:
    """Faces with the person each is of.

    Attributes
    ----------
    encodings : (n, 128) float32
    person : (n,) int64
    """

    encodings: Array
    person: NDArray[np.int64]


def make(
    encodings: Array, identities: NDArray[np.str_], count: int, shape: str, seed: int = 0
) -> MadeUpFaces:
    """A library of `count` faces.

    A person's centre mixes the centres of six real people, rid of the noise that few faces leave in them; a
    face adds the residual of a real face, and half of another's so that no two are the same (smoothed
    bootstrap).

    Parameters
    ----------
    encodings : (m, 128) float32
        Real ones, of the identities given.
    shape : str
        "flat": sizes of people as in the real set; "lib": by Zipf's law, the largest with 8 % of the faces,
        and 23 % of the faces strangers seen once.
    """
    rng = np.random.default_rng(seed)
    centres, residuals, sizes = _parts(encodings.astype(np.float64), identities)
    made = _flat(sizes, count, rng) if shape == "flat" else _zipf(count)
    deviations = _denoised(centres, residuals, sizes)
    mixture = rng.normal(size=(len(made), PARENTS))
    mixture /= np.linalg.norm(mixture, axis=1, keepdims=True)
    own = np.tile(centres.mean(axis=0), (len(made), 1))
    for parent in range(PARENTS):
        own += mixture[:, [parent]] * deviations[rng.integers(0, len(deviations), len(made))]
    person = rng.permutation(np.repeat(np.arange(len(made)), made))
    faces = np.empty((count, encodings.shape[1]), dtype=np.float32)
    for start in range(0, count, 100_000):
        rows = person[start : start + 100_000]
        first, second = rng.integers(0, len(residuals), (2, len(rows)))
        noise = np.sqrt(1 - SPREAD**2) * residuals[first] + SPREAD * residuals[second]
        faces[start : start + 100_000] = own[rows] + noise
    return MadeUpFaces(faces, person)


def _parts(
    encodings: NDArray[np.float64], identities: NDArray[np.str_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.int64]]:
    _, identity, sizes = np.unique(identities, return_inverse=True, return_counts=True)
    centres = np.zeros((len(sizes), encodings.shape[1]))
    np.add.at(centres, identity, encodings)
    centres /= sizes[:, None]
    n = sizes[identity]
    scale = np.sqrt(n / np.maximum(n - 1, 1))[:, None]
    return centres, ((encodings - centres[identity]) * scale)[n >= FEWEST], sizes


def _denoised(
    centres: NDArray[np.float64], residuals: NDArray[np.float64], sizes: NDArray[np.int64]
) -> NDArray[np.float64]:
    deviations = centres - centres.mean(axis=0)
    variance, axes = np.linalg.eigh(deviations.T @ deviations / len(deviations))
    within = residuals.T @ residuals / len(residuals)
    noise = np.mean(1 / sizes) * np.einsum("ij,ik,kj->j", axes, within, axes)
    kept = np.sqrt(np.clip(1 - noise / variance, 0.05, 1))
    return np.asarray((deviations @ axes * kept) @ axes.T)


def _flat(sizes: NDArray[np.int64], count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    drawn = rng.choice(sizes, count)
    drawn = drawn[: int(np.searchsorted(np.cumsum(drawn), count)) + 1]
    drawn[-1] -= drawn.sum() - count
    return drawn[drawn > 0]


def _zipf(count: int) -> NDArray[np.int64]:
    strangers = int(STRANGERS * count)
    left = count - strangers
    sizes = []
    while left:
        size = min(left, max(2, int(LARGEST * count / (len(sizes) + 1))))
        sizes.append(size)
        left -= size
    return np.array([*sizes, *[1] * strangers], dtype=np.int64)
