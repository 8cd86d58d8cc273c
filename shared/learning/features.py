"""One unit vector a photo, from the feature blocks of its observation.

Blocks differ in scale and sparsity, so each is passed through a signed power, brought to unit length and
weighted before they are put side by side; the inner product of two photos is then a weighted mean of their
blocks' cosines.

References
----------
Perronnin, F., Sanchez, J. & Mensink, T. (2010). Improving the Fisher Kernel for Large-Scale Image
Classification. ECCV: the signed power normalisation.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Shard
from shared.domain.observation import Observation
from shared.domain.vectors import Array
from shared.learning.ridge import lengths, unit_rows

Block = NDArray[np.floating]

FACES = "faces"
ENCODING = 128
SURE_QUALITY = 1 / 3
LOWEST_QUALITY = 0.1


@dataclass(frozen=True, slots=True)
class BlockRule:
    """How one block takes part: the exponent of its signed power, and its share of the inner product."""

    power: float
    weight: float


RULES: dict[str, BlockRule] = {
    "lite2": BlockRule(0.75, 2.0),
    "lite3": BlockRule(0.75, 0.8),
    "detector_fine": BlockRule(0.5, 0.7),
    "detector_coarse": BlockRule(0.5, 0.4),
    "imagenet": BlockRule(0.5, 0.5),
    "coco": BlockRule(0.5, 0.5),
    "person_crop": BlockRule(0.75, 0.5),
    "object_crop": BlockRule(0.75, 0.3),
    "boxes": BlockRule(1.0, 0.15),
    "faces": BlockRule(1.0, 0.3),
}
ZERO_SHOT = BlockRule(1.0, 0.1)
UNKNOWN = BlockRule(1.0, 4.0)
"""For the block of a model an owner added: a stronger one than the default set, or it would not be there."""


def signed_power(block: Array, power: float) -> Array:
    """Rows of sign(x)|x|^power brought to unit length; a zero row stays zero. Shape (n, d), float32."""
    if power == 1.0:
        return unit_rows(block)
    raised = _power(np.abs(block), power)
    np.copysign(raised, block, out=raised)
    raised /= lengths(raised)
    return raised


def _power(values: Array, power: float) -> Array:
    """Powers of numbers from 0; by square roots where they will do, which is ten times faster."""
    if power not in (0.5, 0.75):
        return np.asarray(values**power)
    half = np.sqrt(values, out=values)
    return half if power == 0.5 else half * np.sqrt(half)


def photo_blocks(observation: Observation) -> dict[str, Array]:
    """The feature blocks of one observation as (1, d) arrays, its faces as a block of their own."""
    blocks = {name: block.astype(np.float32)[None] for name, block in observation.features.items()}
    faces = [(face.encoding, face.quality, face.box.area) for face in observation.faces]
    return blocks | {FACES: _faces(faces)[None]}


def shard_blocks(shard: Shard) -> dict[str, Block]:
    """The feature blocks of a shard's n photos, their faces as a block of their own."""
    found: list[list[tuple[Array, float, float]]] = [[] for _ in shard.ids]
    boxes = shard.faces.boxes
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    rows = zip(
        shard.faces.photo.tolist(),
        shard.faces.encodings,
        shard.faces.quality.tolist(),
        areas.tolist(),
        strict=True,
    )
    for photo, encoding, quality, area in rows:
        found[photo].append((encoding, quality, area))
    faces = np.stack([_faces(each) for each in found]) if found else np.zeros((0, 2 * ENCODING + 2))
    return {**shard.features, FACES: faces.astype(np.float32)}


def face_centre(faces: Block) -> Array:
    """The mean face of photos from their blocks (n, 258), shape (128,): what all share tells none apart."""
    pairs = faces.astype(np.float32).reshape(-1, ENCODING + 1)
    weight = float(pairs[:, -1].sum())
    return np.asarray(pairs[:, :-1].sum(axis=0) / max(weight, 1e-6), dtype=np.float32)


def _faces(faces: Sequence[tuple[Array, float, float]]) -> Array:
    """Largest face, then the mean of the clear ones, each as weight times encoding with the weight behind.

    Who somebody is the encoding knows best, but it tells age and sex as well. Shape (258,), float32.
    """
    block = np.zeros((2, ENCODING + 1), dtype=np.float32)
    weighed = [
        np.append(encoding, np.float32(1)) * min(1.0, quality / SURE_QUALITY)
        for encoding, quality, _ in faces
    ]
    if weighed:
        block[0] = weighed[max(range(len(faces)), key=lambda row: faces[row][2])]
    clear = [row for row, (_, quality, _) in enumerate(faces) if quality > LOWEST_QUALITY]
    if clear:
        block[1] = np.mean([weighed[row] for row in clear], axis=0)
    return block.ravel()


def compose(blocks: Mapping[str, Block], zero_shot: Array, centre: Array) -> Array:
    """Put the blocks of n photos side by side as unit rows.

    Parameters
    ----------
    blocks : mapping of str to (n, d) array
        Feature blocks by name, in any order; names without a rule of their own count with `UNKNOWN`.
    zero_shot : (n, 384) array
        The observations' text vectors.
    centre : (128,) array
        Mean face to tell faces from.

    Returns
    -------
    (n, D) float32
        Unit rows, zero where a photo has no feature at all; blocks in the order of their names, then faces
        and the zero-shot place.
    """
    blocks = {name: np.asarray(block, dtype=np.float32) for name, block in blocks.items()}
    parts = [(RULES.get(name, UNKNOWN), blocks[name]) for name in sorted(blocks) if name != FACES]
    if FACES in blocks:
        parts.append((RULES[FACES], _centred(blocks[FACES], centre)))
    parts.append((ZERO_SHOT, zero_shot))
    composed = np.empty((len(zero_shot), sum(block.shape[1] for _, block in parts)), dtype=np.float32)
    end = 0
    for rule, block in parts:
        start, end = end, end + block.shape[1]
        np.multiply(
            signed_power(block, rule.power), np.float32(np.sqrt(rule.weight)), out=composed[:, start:end]
        )
    composed /= lengths(composed)
    return composed


def _centred(faces: Array, centre: Array) -> Array:
    pairs = faces.reshape(len(faces), 2, ENCODING + 1)
    return (pairs[:, :, :-1] - pairs[:, :, -1:] * centre).reshape(len(faces), 2 * ENCODING)
