"""Who describes a photo: the library's own sentences, an owner's captioner, or the models and a word more."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from shared.domain.dataset import Shard
from shared.domain.record import OwnerWords, Record, Source
from shared.enhance import enhance
from shared.learning.category_model import SILENT, Voice
from shared.learning.completing import complete
from shared.learning.holdout import without_folds
from shared.learning.patterns import Patterns
from shared.services import measuring
from shared.services.evaluation.base import paired_difference
from shared.services.evaluation.photos import make_plan, train
from shared.services.measuring import Measured
from shared.storage.records import Stored
from shared.storage.rows import RowMaker, to_shard
from shared.vision.faces import ENCODING_SPACE
from shared.vision.generic import generic_description, generic_tags
from tests.synthetic_library import NARROW, SyntheticLibrary

PHOTOS = 120
DULL = "a close up of a thing"

Captioner = Callable[[Record], str]


def keen(record: Record) -> str:
    """Says what the photo shows first, as a good captioner would."""
    return str(record.owner.description).rsplit(",", 1)[0]


def halting(record: Record) -> str:
    """Is keen on half of the photos and knows nothing of the others."""
    return keen(record) if int(record.photo_id, 16) % 2 else DULL


def captioned(captioner: Captioner) -> list[Record]:
    """Records as an observer with the captioner makes them."""
    found = []
    for record in SyntheticLibrary(PHOTOS, widths=NARROW, worded=1.0):
        assert record.observation
        seen = replace(record.observation, caption=captioner(record))
        found.append(replace(record, observation=seen, enhancement=enhance(seen, record.owner, None)))
    return found


def shard_of(records: list[Record]) -> Shard:
    return to_shard(RowMaker(generic_tags, ENCODING_SPACE).table(Stored(record, "") for record in records))


@pytest.fixture(scope="module")
def libraries() -> dict[str, tuple[list[Record], Shard, Patterns]]:
    found = {}
    for captioner in (keen, halting):
        records = captioned(captioner)
        shard = shard_of(records)
        found[captioner.__name__] = (records, shard, train(shard))
    return found


def measured(shard: Shard, patterns: Patterns) -> tuple[Measured, Measured]:
    """The captions alone, and what is shown, each photo without having been learned from."""
    folds = [make_plan(shard).fold_of[photo] for photo in shard.ids]
    answers = measuring.learned(shard, folds, without_folds("test", patterns.files))
    alone = measuring.measure(shard, measuring.models_alone(shard))
    return alone, measuring.measure(shard, answers)


def test_a_captioner_better_than_the_librarys_sentences_is_shown(
    libraries: dict[str, tuple[list[Record], Shard, Patterns]],
) -> None:
    records, _, patterns = libraries["keen"]
    assert not patterns.categories.voice.speaks

    shown = [enhance(r.observation, OwnerWords(), patterns).description for r in records if r.observation]

    for record, sentence in zip(records, shown, strict=True):
        assert sentence.text[1:].startswith(keen(record).rstrip(" .")[1:])


def test_learning_helps_on_top_of_a_captioner_that_often_fails(
    libraries: dict[str, tuple[list[Record], Shard, Patterns]],
) -> None:
    _, shard, patterns = libraries["halting"]

    alone, shown = measured(shard, patterns)

    gained = paired_difference(shown.right_details, alone.right_details)
    assert gained.low is not None
    assert gained.low > 0


def test_what_the_captioner_says_is_what_the_models_say_and_the_owner_stands_first() -> None:
    record = captioned(keen)[0]
    assert record.observation
    assert generic_description(record.observation) == keen(record)

    before = enhance(record.observation, OwnerWords(), None).description
    assert before.source is Source.MODEL
    assert before.why[0] == "what the captioning model says"
    assert enhance(record.observation, record.owner, None).description.source is Source.OWNER


def test_likely_things_complete_what_the_models_say() -> None:
    chance = {"skateboard": 0.6, "mouse": 0.9, "wine": 0.8, "glass": 0.7, "dog": 0.3}

    draft = complete("three people", (("wine glass", 0.2), ("dog", 0.4)), chance)

    assert draft
    assert draft.text == "Three people, with a mouse, a wine glass and a skateboard."
    assert draft.added == ("mouse", "wine glass", "skateboard")


@pytest.mark.parametrize(
    ("said", "name"),
    [("three people", "person"), ("two mice", "mouse"), ("a dining table", "table"), ("a dog", "cat")],
)
def test_nothing_is_said_twice_nor_what_the_owner_took_away(said: str, name: str) -> None:
    assert complete(said, ((name, 0.4),), {name: 0.9}, barred=("cat",)) is None


@pytest.mark.parametrize("said", [None, "a photo"])
def test_a_guess_is_not_completed_but_replaced(said: str | None) -> None:
    draft = complete(said, (), {"sink": 0.8})
    assert draft
    assert draft.text == "A sink."


def test_a_bundle_of_before_the_models_were_completed_has_its_voice() -> None:
    stored = np.asarray([0.1, 0.3, 0.2, 100.0])
    voice = Voice(*stored.tolist())
    assert voice.speaks
    assert not voice.completes
    assert not SILENT.describes
