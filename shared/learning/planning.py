"""The counting pass: what every phase must agree on before a shard is summed.

`count(shard) -> Counts` and `Counts + Counts` add over shards; `plan` turns the total into the vocabulary,
the folds, the landmarks and the means that make the phases' own sums add.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Options, Plan, Shard, few_held_out
from shared.learning.bursts import bursts, fold
from shared.learning.features import shard_blocks
from shared.learning.sketch import pack_texts, unpack_texts
from shared.learning.words import content_lemmas

TAG_LIMIT = 5_000
WORD_LIMIT = 20_000
LANDMARKS = 1_024


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """What a shard contributes to the plan.

    Attributes
    ----------
    ids : tuple of str, length n
    worded, described : (n,) bool
        Whether a person said anything of the photo; whether in a sentence.
    dhash : (n,) uint64
    taken_at, uploaded_at : (n,) float64
    tags, lemmas : dict of str to int
        Photos that carry the owner's tag, and photos whose description holds the content lemma.
    text_sum : (d,) float64
        Sum of the text vectors of the worded photos.
    """

    ids: tuple[str, ...]
    worded: NDArray[np.bool_]
    described: NDArray[np.bool_]
    dhash: NDArray[np.uint64]
    taken_at: NDArray[np.float64]
    uploaded_at: NDArray[np.float64]
    tags: dict[str, int]
    lemmas: dict[str, int]
    text_sum: NDArray[np.float64]

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(
            ids=self.ids + other.ids,
            worded=np.concatenate([self.worded, other.worded]),
            described=np.concatenate([self.described, other.described]),
            dhash=np.concatenate([self.dhash, other.dhash]),
            taken_at=np.concatenate([self.taken_at, other.taken_at]),
            uploaded_at=np.concatenate([self.uploaded_at, other.uploaded_at]),
            tags=dict(Counter(self.tags) + Counter(other.tags)),
            lemmas=dict(Counter(self.lemmas) + Counter(other.lemmas)),
            text_sum=self.text_sum + other.text_sum,
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """The counts as arrays that `from_arrays` reads back."""
        return {
            "ids": np.asarray(self.ids, dtype=np.str_),
            "worded": self.worded,
            "described": self.described,
            "dhash": self.dhash,
            "taken_at": self.taken_at,
            "uploaded_at": self.uploaded_at,
            "tags": pack_texts(sorted(self.tags)),
            "tag_counts": np.asarray([self.tags[tag] for tag in sorted(self.tags)], dtype=np.int64),
            "lemmas": pack_texts(sorted(self.lemmas)),
            "lemma_counts": np.asarray([self.lemmas[word] for word in sorted(self.lemmas)], dtype=np.int64),
            "text_sum": self.text_sum,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "Counts":
        """Read back what `arrays` gave."""
        return cls(
            ids=tuple(arrays["ids"].tolist()),
            worded=arrays["worded"].astype(np.bool_),
            described=arrays["described"].astype(np.bool_),
            dhash=arrays["dhash"].astype(np.uint64),
            taken_at=arrays["taken_at"].astype(np.float64),
            uploaded_at=arrays["uploaded_at"].astype(np.float64),
            tags=dict(zip(unpack_texts(arrays["tags"]), arrays["tag_counts"].tolist(), strict=True)),
            lemmas=dict(zip(unpack_texts(arrays["lemmas"]), arrays["lemma_counts"].tolist(), strict=True)),
            text_sum=arrays["text_sum"].astype(np.float64),
        )


def worded_rows(shard: Shard) -> NDArray[np.bool_]:
    """Which photos of a shard bring owner's words. Shape (n,), bool."""
    return np.asarray(
        [bool(text) or bool(tags) for text, tags in zip(shard.descriptions, shard.tags, strict=True)],
        dtype=np.bool_,
    )


def count(shard: Shard) -> Counts:
    """Count one shard."""
    worded = worded_rows(shard)
    tags = Counter(tag for row in shard.tags for tag in set(row))
    lemmas = Counter(lemma for text in shard.descriptions if text for lemma in set(content_lemmas(text)))
    return Counts(
        ids=shard.ids,
        worded=worded,
        described=np.asarray([bool(text) for text in shard.descriptions], dtype=np.bool_),
        dhash=shard.dhash,
        taken_at=shard.taken_at,
        uploaded_at=shard.uploaded_at,
        tags=dict(tags),
        lemmas=dict(lemmas),
        text_sum=shard.words[worded].sum(axis=0, dtype=np.float64),
    )


def select(shard: Shard, options: Options, since: tuple[float, str] | None) -> Shard:
    """The photos of a shard that take part: all of them, but in a trial.

    `since` is the upload time and id of the oldest photo within the trial's limit.
    """
    keep = np.ones(len(shard), dtype=np.bool_)
    if since is not None:
        keep &= np.asarray(
            [(at, i) >= since for at, i in zip(shard.uploaded_at.tolist(), shard.ids, strict=True)],
            dtype=np.bool_,
        )
    if options.tags_any:
        wanted = set(options.tags_any)
        keep &= np.asarray([bool(wanted & set(tags)) for tags in shard.tags], dtype=np.bool_)
    return shard if keep.all() else shard.take(np.flatnonzero(keep))


def oldest_within(counts: Counts, limit: int) -> tuple[float, str] | None:
    """Upload time and id of the oldest of the `limit` newest photos; None where the limit reaches all."""
    if limit >= len(counts.ids):
        return None
    newest = sorted(zip(counts.uploaded_at.tolist(), counts.ids, strict=True), reverse=True)
    return newest[limit - 1]


def number_bursts(counts: Counts) -> tuple[NDArray[np.int64], NDArray[np.int8]]:
    """The burst of each photo and its fold, -1 where it brings no owner's words. Shapes (n,)."""
    burst = bursts(counts.ids, counts.dhash, counts.taken_at, 1 * counts.worded + counts.described)
    folds = np.asarray([fold(number) for number in burst.tolist()], dtype=np.int8)
    return burst, np.where(counts.worded, folds, np.int8(-1)).astype(np.int8)


def plan(
    counts: Counts,
    burst: NDArray[np.int64],
    folds: NDArray[np.int8],
    landmarks: Shard | None,
    options: Options,
    since: tuple[float, str] | None = None,
) -> Plan:
    """Fix what all phases share.

    Parameters
    ----------
    counts : Counts
        The sum over all shards taking part.
    burst, folds : (n,) int64, (n,) int8
        As `number_bursts` gives them.
    landmarks : Shard or None
        The landmark photos (`landmark_ids`), None where nobody worded a photo.
    """
    floor = options.min_support
    worded = int(counts.worded.sum())
    mean = counts.text_sum / max(worded, 1)
    words = _frequent(counts.lemmas, floor, WORD_LIMIT)
    return Plan(
        vocabulary=_frequent(counts.tags, floor, TAG_LIMIT),
        words=words,
        document_frequency=np.asarray([counts.lemmas[word] for word in words], dtype=np.int64),
        landmarks=shard_blocks(landmarks) if landmarks else {},
        landmark_zero_shot=landmarks.zero_shot if landmarks else np.empty((0, len(mean)), dtype=np.float32),
        text_mean=mean.astype(np.float32),
        fold_of={i: f for i, f in zip(counts.ids, folds.tolist(), strict=True) if f >= 0},
        burst_of=dict(zip(counts.ids, burst.tolist(), strict=True)),
        worded=worded,
        held_out=int((folds == 0).sum()),
        photos=len(counts.ids),
        options=options,
        since=since,
    )


def landmark_ids(counts: Counts, folds: NDArray[np.int8], limit: int = LANDMARKS) -> tuple[str, ...]:
    """The worded photos with the smallest ids: hashes, so a fair sample.

    Where a tenth is held out none of it takes part. Where ten folds are used all do: a landmark lends its
    pixels, never its words.
    """
    first = 0 if few_held_out(int((folds == 0).sum())) else 1
    return tuple(sorted(i for i, f in zip(counts.ids, folds.tolist(), strict=True) if f >= first)[:limit])


def _frequent(counted: Mapping[str, int], floor: int, limit: int) -> tuple[str, ...]:
    common = sorted(
        (item for item in counted.items() if item[1] >= floor), key=lambda item: (-item[1], item[0])
    )
    return tuple(sorted(name for name, _ in common[:limit]))
