"""The photos of a shard that teach: those a person said something of, as the pixel phases see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from shared.domain.dataset import Plan, Shard
from shared.domain.vectors import Array
from shared.learning.features import Block
from shared.learning.kernel import map_shard, plan_map
from shared.learning.words import content_lemmas, content_of
from shared.vision.coco import CLASS_NAMES

DETECTIONS = "coco"
WORD_TARGETS = 2_000
SAID = 0.3
REMOVED = -0.5


@dataclass(frozen=True, slots=True, eq=False)
class Worded:
    """Rows of a shard with owner's words.

    Attributes
    ----------
    rows : (n,) int64
        Where they stand in the shard.
    phi : (n, r) float32
    fold : (n,) int8
    """

    rows: NDArray[np.int64]
    phi: Array
    fold: NDArray[np.int8]

    @property
    def held_out(self) -> NDArray[np.bool_]:
        """Which of them are in the held-out tenth."""
        return np.equal(self.fold, 0)


@lru_cache(maxsize=1)
def worded(shard: Shard, plan: Plan) -> Worded:
    """The worded photos of a shard, mapped; phases that sum it in one process share the result."""
    rows = np.asarray([row for row, i in enumerate(shard.ids) if i in plan.fold_of], dtype=np.int64)
    phi = (map_shard(shard, plan_map(plan)) if shard.mapped is None else shard.mapped)[rows]
    fold = np.asarray([plan.fold_of[shard.ids[row]] for row in rows.tolist()], dtype=np.int8)
    return Worded(rows, phi, fold)


def target_tags(plan: Plan) -> tuple[str, ...]:
    """The tags that pixels may answer with: the library's, and the detector's own classes; sorted."""
    known = {frozenset(content_lemmas(tag)) for tag in plan.vocabulary}
    own = [name for name in CLASS_NAMES if frozenset(content_lemmas(name)) not in known]
    return tuple(sorted({*plan.vocabulary, *own}))


def detections(blocks: Mapping[str, Block], photos: int) -> Array:
    """Best score of each of the detector's classes, from the feature blocks of n photos. Shape (n, 80)."""
    found = blocks[DETECTIONS] if DETECTIONS in blocks else np.zeros((photos, len(CLASS_NAMES)))
    return np.asarray(found, dtype=np.float32)


def target_words(plan: Plan) -> tuple[str, ...]:
    """The content words that are learned from pixels: the most frequent ones, sorted."""
    order = np.lexsort((np.asarray(plan.words, dtype=np.str_), -plan.document_frequency))[:WORD_TARGETS]
    return tuple(sorted(plan.words[place] for place in order.tolist()))


def tag_targets(
    descriptions: Sequence[str | None],
    tags: Sequence[Sequence[str]],
    removed: Sequence[Sequence[str]],
    vocabulary: Sequence[str],
) -> csr_array:
    """What the tag heads should answer for n photos. Shape (n, V), float32.

    1 for an owner's tag, -0.5 for one the owner removed, 0.3 for one that only the description says: owners
    leave obvious tags out.
    """
    place = {tag: number for number, tag in enumerate(vocabulary)}
    parts = {tag: frozenset(content_lemmas(tag)) for tag in vocabulary}
    by_lemma: dict[str, list[str]] = {}
    for tag, lemmas in parts.items():
        for lemma in lemmas:
            by_lemma.setdefault(lemma, []).append(tag)
    values = []
    for text, given, refused in zip(descriptions, tags, removed, strict=True):
        said = frozenset(content_lemmas(text or ""))
        row = {place[tag]: SAID for lemma in said for tag in by_lemma.get(lemma, ()) if parts[tag] <= said}
        row |= {place[tag]: 1.0 for tag in given if tag in place}
        row |= {place[tag]: REMOVED for tag in refused if tag in place}
        values.append(row)
    return _sparse(values, len(vocabulary))


def word_targets(
    descriptions: Sequence[str | None], tags: Sequence[Sequence[str]], vocabulary: Sequence[str]
) -> csr_array:
    """1 for each content word of the description or the tags of n photos. Shape (n, W), float32."""
    place = {word: number for number, word in enumerate(vocabulary)}
    values = []
    for text, given in zip(descriptions, tags, strict=True):
        said = content_of((text or "", *given))
        values.append({place[word]: 1.0 for word in said if word in place})
    return _sparse(values, len(vocabulary))


def _sparse(values: list[dict[int, float]], width: int) -> csr_array:
    ordered = [sorted(row.items()) for row in values]
    data = np.asarray([value for row in ordered for _, value in row], dtype=np.float32)
    columns = np.asarray([column for row in ordered for column, _ in row], dtype=np.int32)
    ends = np.cumsum([0, *map(len, ordered)], dtype=np.int32)
    return csr_array((data, columns, ends), shape=(len(values), width))
