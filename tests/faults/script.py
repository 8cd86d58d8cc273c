"""What the owner of a library does to it, from a seed."""

import io
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image

COLOURS = 24


@dataclass(frozen=True)
class Act:
    """One thing the owner does to one key; no body is a deletion, a tag is a correction."""

    key: str
    body: bytes | None = None
    tag: str = ""
    correction: str = ""


@lru_cache
def picture(colour: int) -> bytes:
    """A small photo of one of a few colours."""
    out = io.BytesIO()
    Image.new("RGB", (24, 16), (10 * colour, 255 - 10 * colour, 99)).save(out, "JPEG")
    return out.getvalue()


def script(uploads: int, seed: int, photos: Sequence[bytes] = ()) -> list[Act]:
    """What the owner does: mostly new photos, some replaced, deleted, corrected, unreadable or deadly.

    Parameters
    ----------
    photos
        Uploaded first, under names that need care.
    """
    chance = random.Random(seed)
    acts = [Act(f"real/é {number}+1 50%.jpg", body) for number, body in enumerate(photos)]
    for number in range(uploads):
        key = f"album {number % 7}/été+{number}.jpg"
        acts.append(Act(key, _content(chance)))
        later = chance.random()
        before = acts[chance.randrange(len(acts))].key
        if later < 0.10:
            acts.append(Act(before, _content(chance)))
        elif later < 0.16:
            acts.append(Act(before))
        elif later < 0.30:
            correction = f"01{number:024d}"
            acts.append(Act(before, tag=f"tag {number % 5}", correction=correction))
    return acts


def deadly() -> bytes:
    """A photo that ends every process that looks at it."""
    return picture(COLOURS)


def _content(chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.004:
        return deadly()
    if kind < 0.03:
        return b"no photo %d" % chance.randrange(9)
    return picture(chance.randrange(COLOURS))
