"""Which tags a photo gets, which it is offered, and why."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from shared.domain.record import Source, Tag
from shared.domain.vectors import Array
from shared.learning.category_model import CategoryModel
from shared.learning.naming import View

SUGGESTIONS = 10
EXPECTED_BESIDE = 0.25
SAID_BY_NEIGHBOURS = 10
SEEN_FROM = 0.3


@dataclass(frozen=True, slots=True)
class Tagging:
    """Tags of one photo, best first; the owner's stand before them and are not here."""

    applied: tuple[Tag, ...]
    suggested: tuple[Tag, ...]


def tag_photo(
    model: CategoryModel,
    view: View,
    probability: Array,
    owned: Sequence[str] = (),
    refused: Collection[str] = (),
    dismissed: Collection[str] = (),
) -> Tagging:
    """Decide on the tags of one photo.

    Parameters
    ----------
    model : CategoryModel
    view : View
        Of this photo alone.
    probability : (V,) float32
        Of the model's tags.
    owned : sequence of str
        The owner's tags.
    refused, dismissed : collection of str
        Tags the owner removed, and suggestions the owner did not want: neither applied nor suggested, in
        whichever case they are written.
    """
    names = model.tags.names
    barred = {tag.casefold() for tag in (*owned, *refused, *dismissed)}
    enough = np.flatnonzero(probability >= min(model.cuts.suggest, model.cuts.apply))
    order = enough[np.argsort(-probability[enough], kind="stable")].tolist()
    likely = [number for number in order if names[number].casefold() not in barred]
    applied = sum(1 for number in likely if probability[number] >= model.cuts.apply)
    beside = _beside(model, owned, barred | {names[number].casefold() for number in likely})
    nearest = view.near.rows[0, :SAID_BY_NEIGHBOURS].tolist()
    having = Counter(chain.from_iterable(model.memory.tags[row] for row in nearest))
    named = [
        Tag(
            names[number],
            Source.LEARNED,
            float(probability[number]),
            _why(model, view, number, having[names[number]], len(nearest)),
        )
        for number in likely[: applied + SUGGESTIONS]
    ]
    return Tagging(tuple(named[:applied]), tuple((named[applied:] + beside)[:SUGGESTIONS]))


def _beside(model: CategoryModel, owned: Sequence[str], barred: Collection[str]) -> list[Tag]:
    """Tags that the owner's other photos have beside the tags of this one."""
    known = model.together.known(owned)
    return [
        Tag(tag, Source.LEARNED, min(1.0, expected), f"often beside {', '.join(known)}")
        for tag, expected in model.together.expected(known, EXPECTED_BESIDE)
        if tag.casefold() not in barred
    ]


def _why(model: CategoryModel, view: View, number: int, having: int, nearest: int) -> str:
    support, kind = int(model.tags.support[number]), int(model.tags.witnesses.classes[number])
    seen = float(view.detected[0, kind]) if kind >= 0 else 0.0
    parts = [
        f"looks like your {support} photos with it" if support else "",
        f"{having} of the {nearest} most alike have it" if having else "",
        f"the object detector is {seen:.0%} sure" if seen >= SEEN_FROM else "",
    ]
    return "; ".join(part for part in parts if part)
