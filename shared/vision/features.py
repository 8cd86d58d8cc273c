"""Feature blocks: one vector a photo from everything the models say of it, named as learning knows them."""

from collections.abc import Callable, Sequence

import numpy as np

from shared.domain.observation import SeenObject
from shared.domain.vectors import Array
from shared.vision.coco import PERSON
from shared.vision.images import Pixels, crop
from shared.vision.labels import Classified

_MAX_COUNTED = 5
_SIZE_EDGES = (0.02, 0.1, 0.3)
_CERTAIN = 0.5


def mean_view(classified: Sequence[Classified]) -> Classified:
    """The mean of what one classifier makes of several views."""
    return Classified(
        np.mean([view.probabilities for view in classified], axis=0, dtype=np.float32),
        np.mean([view.embedding for view in classified], axis=0, dtype=np.float32),
    )


def crop_embedding(
    pixels: Pixels, objects: Sequence[SeenObject], embed: Callable[[Pixels], Array], size: int
) -> Array:
    """The embedding of the largest object's crop, zeros where there is none to look at.

    Parameters
    ----------
    pixels : (h, w, 3) uint8
    objects : sequence of SeenObject
    embed : callable
        Pixels to a (size,) vector.
    size : int
    """
    for seen in sorted(objects, key=lambda seen: (-seen.box.area, seen.name)):
        part = crop(pixels, seen.box)
        if part is not None:
            return embed(part)
    return np.zeros(size, np.float32)


def box_bins(objects: Sequence[SeenObject]) -> Array:
    """How many people there are, and how large the largest person and the largest thing.

    Returns
    -------
    (14,) float32
        One-hot person count 0 to 5 or more; one-hot size of the largest person and of the largest other
        box, each none, under 2 %, 10 %, 30 % of the photo, or larger; counted above a score of 0.5. The
        last two groups share the "none" of their own kind by being zero.
    """
    sure = [seen for seen in objects if seen.score >= _CERTAIN]
    people = [seen.box.area for seen in sure if seen.name == PERSON]
    others = [seen.box.area for seen in sure if seen.name != PERSON]
    count = np.zeros(_MAX_COUNTED + 1, np.float32)
    count[min(len(people), _MAX_COUNTED)] = 1
    return np.concatenate([count, _size_bin(people), _size_bin(others)])


def _size_bin(areas: Sequence[float]) -> Array:
    bins = np.zeros(len(_SIZE_EDGES) + 1, np.float32)
    if areas:
        bins[int(np.searchsorted(_SIZE_EDGES, max(areas), side="right"))] = 1
    return bins
