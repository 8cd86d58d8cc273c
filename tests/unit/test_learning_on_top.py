"""An owner's CLIP model: a stand-in that sees what people say, with labels of its own, to learn on top of."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from shared.domain.dataset import Shard
from shared.domain.observation import Label
from shared.domain.record import Record
from shared.domain.vectors import Array
from shared.learning.holdout import without_folds
from shared.services import measuring
from shared.services.evaluation.base import paired_difference
from shared.services.evaluation.photos import make_plan, train
from shared.services.measuring import Measured
from shared.storage.records import Stored
from shared.storage.rows import RowMaker, to_shard
from shared.vision.faces import ENCODING_SPACE
from shared.vision.generic import generic_tags
from tests.synthetic_library import NARROW, SyntheticLibrary

PHOTOS, SEEN_BEFORE = 200, 120
CLIP, NOISE = 64, 0.25
LABELS = 3
SURE = 0.6
WEAK = {name: NARROW[name] for name in ("imagenet", "coco", "boxes")}

Photos = list[Record]


def embeddings(records: Photos) -> Array:
    """What the stand-in makes of photos: what would be said of them, in fewer numbers and blurred."""
    random = np.random.default_rng(3)
    turned = random.standard_normal((384, CLIP), dtype=np.float32)
    said = np.stack([record.owner.text_vector for record in records if record.owner.text_vector is not None])
    seen = said @ turned
    blurred = seen + NOISE * seen.std() * random.standard_normal(seen.shape, dtype=np.float32)
    return np.asarray(blurred / np.linalg.norm(blurred, axis=1, keepdims=True), dtype=np.float32)


def with_clip(records: Photos, seen: Array, names: Sequence[str], places: Array) -> Photos:
    """Records as an observer with the stand-in makes them: a block more, and its nearest names as labels."""
    nearest = np.argsort(-(seen @ places.T), axis=1)[:, :LABELS].tolist()
    return [
        replace(
            record,
            observation=replace(
                record.observation,
                features={**record.observation.features, "clip": vector},
                labels=tuple(Label(names[at], SURE) for at in row),
            ),
        )
        for record, vector, row in zip(records, seen, nearest, strict=True)
        if record.observation
    ]


def shard_of(records: Photos) -> Shard:
    return to_shard(RowMaker(generic_tags, ENCODING_SPACE).table(Stored(record, "") for record in records))


def learned(shard: Shard) -> Measured:
    """Each photo as patterns have it that learned nothing from it."""
    patterns = train(shard)
    folds = [make_plan(shard).fold_of[photo] for photo in shard.ids]
    answers = measuring.learned(shard, folds, without_folds("test", patterns.files))
    return measuring.measure(shard, answers)


@pytest.fixture(scope="module")
def measured() -> dict[str, Measured]:
    records = list(SyntheticLibrary(PHOTOS + SEEN_BEFORE, widths=WEAK, worded=1.0))
    seen = embeddings(records)
    before, own = records[PHOTOS:], records[:PHOTOS]
    names = sorted({tag for record in before for tag in record.owner.tags})
    tagged = np.asarray([[tag in record.owner.tags for tag in names] for record in before], dtype=np.float32)
    places = tagged.T @ seen[PHOTOS:]
    library = shard_of(with_clip(own, seen[:PHOTOS], names, places))
    return {
        "clip": measuring.measure(library, measuring.models_alone(library)),
        "learned": learned(shard_of(own)),
        "both": learned(library),
    }


@pytest.mark.parametrize("alone", ["clip", "learned"])
def test_learning_on_top_of_an_owners_model_is_better_than_either_alone(
    measured: dict[str, Measured], alone: str
) -> None:
    gained = paired_difference(measured["both"].tag_f1, measured[alone].tag_f1)

    assert gained.low is not None
    assert gained.low > 0


def test_the_stand_in_is_worth_having(measured: dict[str, Measured]) -> None:
    assert measured["clip"].tag_f1.mean() > 0.1
