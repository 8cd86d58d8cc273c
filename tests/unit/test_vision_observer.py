"""The built models on real photos: what they see, and that they see it the same way every time."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from shared.domain.errors import InvalidInput
from shared.vision.generic import counted, generic_description, generic_tags
from shared.vision.observer import Observer
from shared.vision.text import TextEncoder, words_vector
from tests.unit.vision_fixtures import DATA, MODELS, StubPhoto, evaluation_rows, needs_models

pytestmark = [pytest.mark.models, needs_models]

SIZES = {
    "lite2": 1280,
    "lite3": 1280,
    "detector_fine": 1280,
    "detector_coarse": 1024,
    "imagenet": 1000,
    "coco": 80,
    "person_crop": 1280,
    "object_crop": 1280,
    "boxes": 14,
}


@pytest.fixture(scope="module")
def observer() -> Observer:
    return Observer.load(MODELS)


@pytest.fixture(scope="module")
def encoder() -> TextEncoder:
    return TextEncoder.load(MODELS)


def pixels(row: dict[str, Any]) -> np.ndarray:
    return np.asarray(Image.open(DATA / "samples" / row["file"]).convert("RGB"))


@pytest.mark.data
def test_an_observation_has_every_block_finite_and_at_its_size(observer: Observer) -> None:
    photo = StubPhoto(pixels(evaluation_rows("samples")[0]))

    observation = observer.observe(photo, "p1")

    assert {name: block.size for name, block in observation.features.items()} == SIZES
    assert all(block.dtype == np.float32 for block in observation.features.values())
    assert all(np.isfinite(block).all() for block in observation.features.values())
    assert observation.features["imagenet"].sum() == pytest.approx(1, abs=1e-4)
    assert np.linalg.norm(observation.text_vector) == pytest.approx(1, abs=1e-5)
    assert observation.encoding_space == "dlib_resnet_128"
    assert observation.models == observer.models == tuple(sorted(observer.models))


@pytest.mark.data
def test_looking_twice_gives_the_same_bytes(observer: Observer) -> None:
    looked_at = pixels(evaluation_rows("samples")[0])

    first, again = observer.look(looked_at), observer.look(looked_at)

    assert first.labels == again.labels
    assert all(np.array_equal(first.features[name], again.features[name]) for name in first.features)


@pytest.mark.data
def test_a_family_at_a_table_is_counted(observer: Observer) -> None:
    row = next(row for row in evaluation_rows("samples") if "a family is sitting" in row["description"])
    observation = observer.observe(StubPhoto(pixels(row)), "p1")

    assert dict(counted(observation))["person"] == 4
    assert generic_description(observation).startswith("four people")
    assert generic_tags(observation)[0][0] == "person"


@pytest.mark.data
def test_the_surest_object_is_mostly_one_that_people_tagged(observer: Observer) -> None:
    rows = evaluation_rows("samples")[:16]
    found = [(row, observer.observe(StubPhoto(pixels(row)), "p").objects) for row in rows]

    right = [objects[0].name in row["tags"] for row, objects in found if objects]

    assert len(right) >= 14
    assert np.mean(right) > 0.8


@pytest.mark.data
def test_seven_views_cost_more_and_stay_near_the_one(observer: Observer) -> None:
    looked_at = pixels(evaluation_rows("samples")[0])
    one, seven = observer.look(looked_at), Observer.load(MODELS, views=7, face_engine="off").look(looked_at)

    a, b = one.features["lite2"], seven.features["lite2"]
    assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) > 0.8
    assert not np.array_equal(a, b)
    assert seven.faces == ()


@pytest.mark.data
def test_words_find_their_photo_before_anything_was_learned(observer: Observer, encoder: TextEncoder) -> None:
    rows = evaluation_rows("samples")[:16]
    places = np.stack([observer.look(pixels(row)).text_vector for row in rows])
    asked = encoder.encode([row["description"] for row in rows])
    scores = (asked - asked.mean(axis=0)) @ places.T

    rank = (scores > np.diag(scores)[:, None]).sum(axis=1)

    assert (rank < 3).mean() > 0.5  # by chance it would be 0.19


def test_photos_of_any_shape_are_observed(observer: Observer) -> None:
    for shape in ((1, 1, 3), (3, 2000, 3), (2000, 5, 3)):
        sight = observer.look(np.zeros(shape, np.uint8))
        assert np.isfinite(sight.text_vector).all()


def test_settings_that_change_what_is_seen_change_the_identities() -> None:
    identities = {
        Observer.load(MODELS).models,
        Observer.load(MODELS, views=7).models,
        Observer.load(MODELS, face_engine="dlib").models,
        Observer.load(MODELS, face_engine="off").models,
    }

    assert len(identities) == 4


@pytest.mark.parametrize("settings", [{"views": 3}, {"face_engine": "magic"}])
def test_unknown_settings_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Observer.load(MODELS, **settings)


def test_sentences_of_like_meaning_are_near(encoder: TextEncoder) -> None:
    cat, kitten, moon = encoder.encode(["a cat on a sofa", "a kitten on a couch", "a rocket to the moon"])

    assert cat @ kitten > 0.6
    assert cat @ moon < 0.2


def test_a_vector_does_not_depend_on_its_company(encoder: TextEncoder) -> None:
    alone = encoder.encode(["two dogs"])[0]
    among = encoder.encode(["a much longer sentence about something else", "two dogs"])[1]

    np.testing.assert_array_equal(alone, among)
    assert encoder.encode([]).shape == (0, 384)


def test_words_vector_needs_words(encoder: TextEncoder) -> None:
    assert words_vector(encoder, None, ()) is None
    assert words_vector(encoder, "  ", ()) is None
    np.testing.assert_allclose(
        words_vector(encoder, "two dogs", ()), encoder.encode(["two dogs"])[0], atol=1e-6
    )
    mixed = words_vector(encoder, "two dogs", ("beach", "summer"))
    assert mixed is not None
    assert np.linalg.norm(mixed) == pytest.approx(1, abs=1e-5)
