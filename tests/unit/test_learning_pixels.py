"""What a small library teaches: tags, places and words from pixels, and what corrections change."""

import json
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256

import numpy as np
import pytest

from shared.domain.dataset import Faces, Options, Plan, Shard
from shared.domain.observation import Exif, Label, Observation
from shared.domain.record import OwnerWords, Source
from shared.enhance import enhance
from shared.learning import categories, faces, improved_descriptions, search_index
from shared.learning.holdout import without_folds
from shared.learning.patterns import Patterns
from shared.learning.planning import count, landmark_ids, number_bursts, plan

KINDS = {
    "dog": "A brown dog runs through the snow.",
    "bike": "A man rides a bike on a street.",
    "beach": "Two children play on the beach.",
    "cake": "A cake with candles stands on a table.",
}
NO_FACES = Faces(
    (),
    np.zeros(0, np.int64),
    np.zeros((0, 128), np.float32),
    np.zeros((0, 4), np.float32),
    np.zeros(0, np.float32),
    (),
)
CENTRES = np.random.default_rng(1).standard_normal((len(KINDS), 24)).astype(np.float32)
TEXTS = np.random.default_rng(2).standard_normal((len(KINDS), 384)).astype(np.float32)
TEXTS /= np.linalg.norm(TEXTS, axis=1, keepdims=True)


def seen(kind: int, noise: np.ndarray) -> dict[str, np.ndarray]:
    return {"lite2": (CENTRES[kind] + 0.4 * noise).astype(np.float32)}


def library(
    photos: int, *, worded: bool = True, removed: dict[int, str] | None = None, blocks: bool = True
) -> Shard:
    rng = np.random.default_rng(3)
    kinds = rng.integers(0, len(KINDS), photos)
    names = list(KINDS)
    noise = rng.standard_normal((photos, 24))
    features = np.stack([seen(kind, noise[row])["lite2"] for row, kind in enumerate(kinds)])
    return Shard(
        ids=tuple(sorted(sha256(str(row).encode()).hexdigest()[:32] for row in range(photos))),
        keys=tuple(f"{row}.jpg" for row in range(photos)),
        features={"lite2": features if blocks else rng.standard_normal((photos, 24)).astype(np.float32)},
        zero_shot=rng.standard_normal((photos, 384)).astype(np.float32),
        labels=((),) * photos,
        generic=("a photo",) * photos,
        descriptions=tuple(KINDS[names[kind]] if worded else None for kind in kinds),
        tags=tuple((names[kind],) if worded else () for kind in kinds),
        removed_tags=tuple((removed[row],) if removed and row in removed else () for row in range(photos)),
        words=TEXTS[kinds] if worded else np.zeros((photos, 384), np.float32),
        uploaded_at=np.arange(photos, dtype=np.float64),
        taken_at=np.full(photos, np.nan),
        dhash=rng.integers(0, 2**63, photos).astype(np.uint64),
        places=(None,) * photos,
        cameras=(None,) * photos,
        faces=NO_FACES,
    )


def planned(shard: Shard) -> Plan:
    counts = count(shard)
    burst, folds = number_bursts(counts)
    chosen = set(landmark_ids(counts, folds))
    rows = np.asarray([row for row, photo in enumerate(shard.ids) if photo in chosen], dtype=np.intp)
    return plan(counts, burst, folds, shard.take(rows) if len(rows) else None, Options())


def train(shard: Shard) -> dict[str, bytes]:
    fixed = planned(shard)
    return {
        **categories.solve(categories.observe(shard, fixed), fixed).files(),
        **search_index.solve(search_index.observe(shard, fixed), fixed).files(),
        **faces.solve(faces.observe(shard, fixed), fixed).files(),
    }


@lru_cache(maxsize=1)
def learned() -> Patterns:
    return Patterns.load("b1", train(library(240)))


def photo(kind: int, seed: int = 50) -> Observation:
    rng = np.random.default_rng(seed)
    return Observation(
        content_sha256="0" * 64,
        width=100,
        height=100,
        format="JPEG",
        labels=(Label("jean", 0.2),),
        objects=(),
        faces=(),
        features=seen(kind, rng.standard_normal(24)),
        text_vector=rng.standard_normal(384).astype(np.float32),
        dhash="0" * 16,
        exif=Exif(),
        models=(),
        encoding_space="",
    )


@pytest.mark.parametrize("kind", range(len(KINDS)))
def test_a_new_photo_gets_the_tag_of_photos_like_it(kind: int) -> None:
    done = enhance(photo(kind), OwnerWords(), learned())
    assert [tag.tag for tag in done.tags] == [list(KINDS)[kind]]
    assert done.tags[0].source is Source.LEARNED
    assert "photos with it" in done.tags[0].why


def test_a_new_photo_is_described_in_the_library_s_words() -> None:
    done = enhance(photo(0), OwnerWords(), learned())
    assert done.description.source is Source.LEARNED
    assert done.description.text == KINDS["dog"]
    assert any("made from" in reason for reason in done.description.why)


def test_the_owner_s_words_stand_first() -> None:
    owner = OwnerWords(description="Rex!", tags=("rex",))
    done = enhance(photo(0), owner, learned())
    assert done.description.text == "Rex!"
    assert done.description.source is Source.OWNER
    assert (done.tags[0].tag, done.tags[0].source) == ("rex", Source.OWNER)


@pytest.mark.parametrize("removed", ["dog", "Dog"])
def test_a_tag_the_owner_removed_never_comes_back(removed: str) -> None:
    done = enhance(photo(0), OwnerWords(removed_tags=(removed,)), learned())
    assert "dog" not in {tag.tag for tag in (*done.tags, *done.suggestions)}


def test_a_dismissed_suggestion_is_not_made_again() -> None:
    done = enhance(photo(0), OwnerWords(dismissed=("dog",)), learned())
    assert "dog" not in {tag.tag for tag in (*done.tags, *done.suggestions)}


def test_without_patterns_the_models_speak_alone() -> None:
    done = enhance(photo(0), OwnerWords(), None)
    assert done.bundle is None
    assert done.description.source is Source.MODEL
    assert [tag.tag for tag in done.suggestions] == ["jean"]


def test_a_photo_is_found_by_words_like_those_of_photos_like_it() -> None:
    patterns = learned()
    standing = [patterns.stand(patterns.view(photo(kind))) for kind in range(len(KINDS))]
    asked = patterns.space.query(TEXTS)
    scores = np.concatenate([one.scores(asked) for one in standing], axis=1)
    assert scores.argmax(axis=1).tolist() == list(range(len(KINDS)))


def test_tags_removed_from_photos_alike_make_the_tag_less_likely() -> None:
    shard = library(240)
    dogs = [row for row, tags in enumerate(shard.tags) if tags == ("dog",)][:20]
    tags = tuple(("park",) if row in dogs else own for row, own in enumerate(shard.tags))
    silent = replace(shard, tags=tags)
    said_no = replace(
        silent, removed_tags=tuple(("dog",) if row in dogs else () for row in range(len(shard)))
    )

    def head(one: Shard) -> float:
        model = Patterns.load("x", train(one))
        view = model.view(photo(0))
        names = model.categories.tags
        return float((view.phi @ names.witnesses.weights)[0, names.names.index("dog")])

    assert head(said_no) < head(silent)


def test_a_library_without_words_publishes_files_that_say_so() -> None:
    shard = library(30, worded=False)
    files = train(shard)
    said = json.loads(files["category_patterns.json"])
    patterns = Patterns.load("empty", files)
    assert said["common_tags"] == []
    assert "write some" in said["missing"]
    assert not patterns.learned
    assert enhance(photo(0), OwnerWords(), patterns).description.source is Source.MODEL
    answers = json.loads(
        improved_descriptions.solve(improved_descriptions.observe(shard, patterns)).files()[
            "improved_descriptions.json"
        ]
    )
    assert len(answers) == 30


def test_improved_descriptions_keep_the_owner_s_and_make_the_others() -> None:
    shard = library(240)
    mixed = replace(
        shard,
        descriptions=(None, *shard.descriptions[1:]),
        tags=((), *shard.tags[1:]),
        words=np.concatenate([np.zeros((1, 384), np.float32), shard.words[1:]]),
    )
    sums = improved_descriptions.observe(mixed, learned())
    again = improved_descriptions.ImprovedSums.from_arrays(sums.arrays())
    answers = json.loads(improved_descriptions.solve(again).files()["improved_descriptions.json"])
    assert answers[0]["improved"] in KINDS.values()
    assert answers[0]["description"] == "a photo"
    assert answers[1]["improved"] == shard.descriptions[1]
    assert answers[1]["why"] == ["you wrote it"]


def test_category_patterns_hold_counts_and_examples() -> None:
    said = json.loads(learned().files["category_patterns.json"])
    counts = dict(map(tuple, said["common_tags"]))
    assert set(counts) == set(KINDS)
    assert sum(counts.values()) == 240
    assert said["patterns"]["dog"][0] == {"description": KINDS["dog"], "other_tags": []}


def test_a_fold_left_out_is_neither_learned_from_nor_remembered() -> None:
    shard = library(240)
    fixed = planned(shard)
    for fold, patterns in without_folds("b1", learned().files).items():
        inside = {photo for photo, own in fixed.fold_of.items() if own == fold}
        assert not inside & set(patterns.categories.memory.ids)


def test_an_owner_s_own_model_joins_without_a_rule_of_its_own() -> None:
    blind = library(240, blocks=False)
    own = {**blind.features, "clip": library(240).features["lite2"]}
    patterns = Patterns.load("clip", train(replace(blind, features=own)))
    rng = np.random.default_rng(9)
    observation = replace(
        photo(2),
        features={"lite2": rng.standard_normal(24).astype(np.float32), "clip": photo(2).features["lite2"]},
    )
    done = enhance(observation, OwnerWords(), patterns)
    assert [tag.tag for tag in done.tags] == ["beach"]
