from dataclasses import replace

import numpy as np
import pytest

from shared.domain.observation import Box, Exif, Face, Label, Observation, SeenObject
from shared.vision.generic import generic_description, generic_tags, plural
from shared.vision.readable import labels

EMPTY = Observation(
    content_sha256="0" * 64,
    width=100,
    height=100,
    format="JPEG",
    labels=(),
    objects=(),
    faces=(),
    features={},
    text_vector=np.zeros(384, np.float32),
    dhash="0" * 16,
    exif=Exif(),
    models=(),
    encoding_space="",
)


def seen(name: str, score: float = 0.9, left: float = 0.0, size: float = 0.2) -> SeenObject:
    return SeenObject(name, score, Box(left, 0.1, left + size, 0.1 + size))


def face(left: float) -> Face:
    return Face("f", Box(left, 0, left + 0.1, 0.1), 0.8, np.zeros(128, np.float32), 0.5)


def test_people_come_first_and_are_counted() -> None:
    photo = replace(
        EMPTY, objects=(seen("dog", 0.95, 0.7), seen("person", left=0.0), seen("person", left=0.3))
    )

    assert generic_description(photo) == "two people and a dog"


def test_faces_count_where_bodies_are_hidden() -> None:
    photo = replace(EMPTY, faces=(face(0.1), face(0.3), face(0.5)), objects=(seen("person"),))

    assert generic_description(photo) == "three people"


def test_two_guesses_at_one_thing_are_one_thing() -> None:
    photo = replace(EMPTY, objects=(seen("horse", 0.9), seen("cow", 0.6)))

    assert generic_description(photo) == "a horse"
    assert generic_tags(photo) == (("horse", 0.9),)


def test_a_label_is_added_only_where_it_says_something_new() -> None:
    plane = replace(EMPTY, objects=(seen("airplane"),))

    assert generic_description(replace(plane, labels=(Label("airliner", 0.8),))) == "an airplane"
    assert generic_description(replace(plane, labels=(Label("beach", 0.8),))) == "an airplane and a beach"
    assert generic_description(replace(plane, labels=(Label("beach", 0.2),))) == "an airplane"


@pytest.mark.parametrize(
    ("score", "said"), [(0.9, "an espresso"), (0.2, "possibly an espresso"), (0.1, "a photo")]
)
def test_a_label_alone_is_said_as_surely_as_it_is_seen(score: float, said: str) -> None:
    assert generic_description(replace(EMPTY, labels=(Label("espresso", score),))) == said


def test_nothing_seen_is_a_photo() -> None:
    assert generic_description(EMPTY) == "a photo"
    assert generic_tags(EMPTY) == ()


@pytest.mark.parametrize(
    ("name", "many"),
    [("person", "people"), ("bus", "buses"), ("bench", "benches"), ("knife", "knives"), ("dog", "dogs")],
)
def test_plurals(name: str, many: str) -> None:
    assert plural(name) == many


@pytest.mark.parametrize(
    ("name", "said"),
    [("unicycle", "a unicycle"), ("umbrella", "an umbrella"), ("swimming trunks", "swimming trunks")],
)
def test_articles(name: str, said: str) -> None:
    assert generic_description(replace(EMPTY, labels=(Label(name, 0.9),))) == said


def test_a_kind_sums_its_classes_and_stands_before_them() -> None:
    names = tuple((f"class {index}",) for index in range(1000))
    probabilities = np.zeros(1000, np.float32)
    probabilities[[151, 200, 268]] = 0.3

    found = labels(probabilities, names, count=3, floor=0.05)

    assert found[0].name == "dog"
    assert found[0].score == pytest.approx(0.9)
    assert [label.name for label in found[1:]] == ["class 151", "class 200"]


def test_labels_are_said_in_everyday_words() -> None:
    names = tuple(("seashore", "coast") if index == 978 else ("x",) for index in range(1000))
    probabilities = np.zeros(1000, np.float32)
    probabilities[978] = 0.7

    assert labels(probabilities, names, count=3, floor=0.05) == (Label("beach", 0.7),)
