"""Sentence vectors of ImageNet's and COCO's classes, computed once for `shared.vision.zero_shot`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from infra.models.wordnet_labels import Nouns, choose_senses
from shared.domain.vectors import Array
from shared.vision.coco import CATEGORIES, CLASS_NAMES
from shared.vision.text import TextEncoder

_NAMES, _HYPERNYMS = 2, 3
_HYPERNYM_WEIGHT = 0.5


def build(encoder: TextEncoder, labels: Sequence[Sequence[str]], nouns: Nouns, target: Path) -> None:
    """Write `imagenet` (1000, 384) and `coco` (80, 384), both centred on the mean over ImageNet's classes.

    A class is e("a photo of " and its first two names) + 0.5 e(three hypernyms, or its category in COCO).
    """
    senses = choose_senses(labels, nouns)
    imagenet = [(names, _kinds(nouns, sense)) for names, sense in zip(labels, senses, strict=True)]
    coco = [((name,), [category]) for name, category in zip(CLASS_NAMES, CATEGORIES, strict=True)]
    vectors = np.stack([_vector(encoder, names, kinds) for names, kinds in [*imagenet, *coco]])
    vectors -= vectors[: len(imagenet)].mean(axis=0)
    arrays = {"imagenet": vectors[: len(imagenet)], "coco": vectors[len(imagenet) :]}
    np.savez(target, allow_pickle=False, **{name: rows.astype(np.float16) for name, rows in arrays.items()})


def _kinds(nouns: Nouns, sense: int | None) -> list[str]:
    return nouns.hypernyms(sense, _HYPERNYMS) if sense is not None else []


def _vector(encoder: TextEncoder, names: Sequence[str], kinds: Sequence[str]) -> Array:
    named: Array = encoder.encode([f"a photo of {', '.join(names[:_NAMES])}"])[0]
    if not kinds:
        return named
    kind: Array = encoder.encode([", ".join(kinds)])[0]
    return np.asarray(named + _HYPERNYM_WEIGHT * kind, np.float32)
