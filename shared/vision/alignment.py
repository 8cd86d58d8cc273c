"""Faces cut out upright as dlib's face network was trained to see them, from five landmarks.

References
----------
.. [1] S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", PAMI 1991.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shared.vision.images import Pixels

CHIP_SIZE = 150
TEMPLATE = np.array(
    [[48.9, 46.8], [100.0, 47.3], [71.0, 75.0], [51.4, 100.9], [99.3, 101.2]],
    dtype=np.float64,
)
"""Mean place of CenterFace's landmarks (eyes, nose, corners of the mouth; x, y) in dlib's own 150-pixel chips."""

Points = NDArray[np.float64]


def similarity(source: Points, target: Points) -> Points:
    """The rotation, scale and shift that bring points nearest to others in the least-squares sense.

    Parameters
    ----------
    source, target : (n, 2)

    Returns
    -------
    (2, 3) float64
        Matrix M with target ~ M @ (x, y, 1). No reflection.
    """
    from_mean, to_mean = source.mean(axis=0), target.mean(axis=0)
    a, b = source - from_mean, target - to_mean
    left, scales, right = np.linalg.svd(b.T @ a / len(source))
    signs = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    rotation = left @ np.diag(signs) @ right
    spread = float((a**2).sum()) / len(source)
    scale = float((scales * signs).sum()) / max(spread, 1e-12)
    return np.hstack([scale * rotation, (to_mean - scale * rotation @ from_mean)[:, None]])


def chip(pixels: Pixels, landmarks: Points, template: Points = TEMPLATE) -> Pixels:
    """Cut a face out, upright and at the size of the face network.

    Parameters
    ----------
    pixels : (h, w, 3) uint8
    landmarks : (5, 2)
        x, y in pixels, in the template's order.
    template : (5, 2)

    Returns
    -------
    (150, 150, 3) uint8
    """
    matrix = similarity(landmarks, template)
    image = Image.fromarray(pixels)
    shrink = int(1 / max(float(np.hypot(matrix[0, 0], matrix[1, 0])), 1e-6))
    if shrink > 1:  # an affine warp samples single pixels: average first where the face is much larger
        image = image.reduce(shrink)
        matrix = np.hstack(
            [
                matrix[:, :2] * shrink,
                matrix[:, 2:] + matrix[:, :2].sum(axis=1, keepdims=True) * (shrink - 1) / 2,
            ]
        )
    inverse = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))[:2]
    # PIL maps pixel centres (x + 0.5); landmarks are in coordinates whose integers are pixel centres.
    inverse[:, 2] += 0.5 - inverse[:, :2].sum(axis=1) * 0.5
    size = (CHIP_SIZE, CHIP_SIZE)
    warped = image.transform(size, Image.Transform.AFFINE, tuple(inverse.ravel()), Image.Resampling.BILINEAR)
    return np.asarray(warped, dtype=np.uint8)
