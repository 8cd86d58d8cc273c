"""Faces cut out upright as dlib's face network was trained to see them, from five landmarks.

References
----------
.. [1] S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI
   1991.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.vision.images import Pixels

CHIP_SIZE = 150
TEMPLATE = np.array(
    [[47.47, 48.34], [102.69, 46.58], [74.70, 79.15], [51.27, 104.39], [98.02, 102.87]],
    dtype=np.float64,
)
"""Medians over some 2,300 faces of where CenterFace's five points (x, y) fall in the chips that dlib cuts."""
WEIGHTS = np.array([3.0, 3.0, 1.0, 1.0, 1.0])
"""Eyes move least when a face turns or smiles; these weights bring the chips nearest to dlib's."""

Points = NDArray[np.float64]


def similarity(source: Points, target: Points, weights: NDArray[np.float64] | None = None) -> Points:
    """Rotation, scale and shift that bring points nearest to others by (weighted) least squares.

    Parameters
    ----------
    source, target : (n, 2)
    weights : (n,) or None
        How much each point counts; all the same if None.

    Returns
    -------
    (2, 3) float64
        Matrix M with target ~ M @ (x, y, 1). No reflection.
    """
    share = np.full(len(source), 1 / len(source)) if weights is None else weights / weights.sum()
    from_mean, to_mean = share @ source, share @ target
    a, b = source - from_mean, target - to_mean
    left, scales, right = np.linalg.svd((b * share[:, None]).T @ a)
    signs = np.array([1.0, 1.0 if np.linalg.det(left) * np.linalg.det(right) >= 0 else -1.0])
    rotation = left @ np.diag(signs) @ right
    spread = float(share @ (a**2).sum(axis=1))
    scale = float((scales * signs).sum()) / max(spread, 1e-12)
    return np.hstack([scale * rotation, (to_mean - scale * rotation @ from_mean)[:, None]])


def chip(pixels: Pixels, landmarks: Points) -> Pixels:
    """Cut a face out, upright and at the size of the face network.

    Parameters
    ----------
    pixels : (h, w, 3) uint8
    landmarks : (5, 2)
        x, y in pixels, in the template's order.

    Returns
    -------
    (150, 150, 3) uint8
        Black where the photo ends.
    """
    matrix = similarity(landmarks, TEMPLATE, WEIGHTS)
    image = Image.fromarray(pixels)
    shrink = int(1 / max(float(np.hypot(matrix[0, 0], matrix[1, 0])), 1e-6))
    if 1 < shrink <= min(image.size):  # the warp samples single pixels: average first where a face is large
        image = image.reduce(shrink)
        shift = matrix[:, :2].sum(axis=1, keepdims=True) * (shrink - 1) / 2
        matrix = np.hstack([matrix[:, :2] * shrink, matrix[:, 2:] + shift])
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    inverse[:, 2] += 0.5 - inverse[:, :2].sum(axis=1) * 0.5  # Pillow's pixel centres lie at halves
    size = (CHIP_SIZE, CHIP_SIZE)
    affine = Image.Transform.AFFINE
    warped = image.transform(size, affine, tuple(inverse.ravel()), Image.Resampling.BILINEAR)
    return np.asarray(warped, dtype=np.uint8)
