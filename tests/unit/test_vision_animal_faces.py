"""Animals' faces: which of the faces found in a photo count as people's."""

import numpy as np
import pytest

from shared.domain.observation import Box, SeenObject
from shared.vision.animal_faces import of_people
from shared.vision.faces import EncodedFace

FACE = Box(0.4, 0.4, 0.5, 0.5)
AROUND, BESIDE, HALF_IN = Box(0.3, 0.3, 0.7, 0.9), Box(0.6, 0.3, 0.9, 0.9), Box(0.44, 0.3, 0.9, 0.9)


def _face(score: float) -> EncodedFace:
    return EncodedFace(FACE, score, np.zeros(128, np.float32), 0.9)


def _dog(box: Box) -> SeenObject:
    return SeenObject("dog", 0.9, box)


def _person(box: Box) -> SeenObject:
    return SeenObject("person", 0.5, box)


@pytest.mark.parametrize("box", [AROUND, HALF_IN])
def test_an_animal_is_nobody(box: Box) -> None:
    assert of_people([_face(0.7)], [_dog(box)]) == ()


@pytest.mark.parametrize(
    "objects",
    [
        [],
        [_person(AROUND)],
        [_dog(BESIDE)],
        [_dog(AROUND), _person(AROUND)],
        [_dog(AROUND), _person(HALF_IN)],
        [SeenObject("couch", 0.9, AROUND)],
    ],
)
def test_whoever_is_not_inside_an_animal_counts(objects: list[SeenObject]) -> None:
    face = _face(0.55)

    assert of_people([face], objects) == (face,)


def test_a_face_that_is_sure_counts_before_a_horse() -> None:
    face = _face(0.9)

    assert of_people([face], [SeenObject("horse", 0.9, AROUND)]) == (face,)


def test_other_faces_of_the_photo_stay_in_their_order() -> None:
    others = [EncodedFace(Box(at, 0, at + 0.1, 0.1), 0.6, np.zeros(128, np.float32), 0.5) for at in (0, 0.8)]

    assert of_people([others[0], _face(0.6), others[1]], [_dog(AROUND)]) == tuple(others)
