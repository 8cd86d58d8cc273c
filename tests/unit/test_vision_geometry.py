"""Geometry of boxes and faces: anchors, suppression, alignment."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.observation import Box
from shared.vision import objects
from shared.vision.alignment import CHIP_SIZE, TEMPLATE, WEIGHTS, chip, similarity
from shared.vision.faces import face_id, face_quality, frontality
from shared.vision.features import box_bins
from shared.vision.images import crop, views


def moved(points: np.ndarray, angle: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    return points @ np.array([[cos, sin], [-sin, cos]]) + shift


@given(
    angle=st.floats(-3, 3),
    scale=st.floats(0.1, 10),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500)),
)
def test_similarity_undoes_any_turn_scale_and_shift(
    angle: float, scale: float, shift: tuple[float, float]
) -> None:
    points = moved(TEMPLATE, angle, scale, shift)

    matrix = similarity(points, TEMPLATE, WEIGHTS)

    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-6)


def test_similarity_never_mirrors() -> None:
    mirrored = TEMPLATE * [-1, 1]

    assert np.linalg.det(similarity(mirrored, TEMPLATE)[:, :2]) > 0


@pytest.mark.parametrize(("scale", "angle"), [(1.0, 0.0), (2.0, 0.4), (5.0, -0.3), (0.5, 0.2)])
def test_a_chip_shows_each_landmark_where_the_template_has_it(scale: float, angle: float) -> None:
    # given white spots at the landmarks of a face of this size and turn, on black
    landmarks = moved(TEMPLATE - 75, angle, scale, (420, 430))
    rows, columns = np.mgrid[0:900, 0:900]
    spots = [np.hypot(columns - x, rows - y) < max(3 * scale, 2) for x, y in landmarks]
    pixels = np.repeat((np.any(spots, axis=0) * 255).astype(np.uint8)[:, :, None], 3, axis=2)

    cut = chip(pixels, landmarks)

    assert cut.shape == (CHIP_SIZE, CHIP_SIZE, 3)
    for x, y in TEMPLATE:
        near = cut[int(y) - 8 : int(y) + 9, int(x) - 8 : int(x) + 9, 0].astype(float)
        ys, xs = np.mgrid[int(y) - 8 : int(y) + 9, int(x) - 8 : int(x) + 9]
        assert np.average(xs, weights=near) == pytest.approx(x, abs=0.75)
        assert np.average(ys, weights=near) == pytest.approx(y, abs=0.75)


def test_anchors_are_those_of_the_network() -> None:
    anchors = objects.anchors()

    assert anchors.shape == (1917, 4)
    np.testing.assert_allclose(anchors[0], [0.5 / 19, 0.5 / 19, 0.1, 0.1])
    np.testing.assert_allclose(anchors[-1], [0.5, 0.5, np.sqrt(0.95), np.sqrt(0.95)])


def test_an_offset_of_zero_is_the_anchor_clipped_to_the_photo() -> None:
    boxes = objects.decode(np.zeros((1917, 4), np.float32))

    assert boxes.min() >= 0
    assert boxes.max() <= 1
    np.testing.assert_allclose(boxes[-1], [0.5 - np.sqrt(0.95) / 2] * 2 + [0.5 + np.sqrt(0.95) / 2] * 2)


def test_of_overlapping_boxes_of_a_class_the_best_stays_and_far_ones_stay_too() -> None:
    boxes = np.array([[0.1, 0.1, 0.4, 0.4], [0.11, 0.1, 0.41, 0.4], [0.6, 0.6, 0.9, 0.9]])
    scores = np.zeros((3, 80), np.float32)
    scores[:, 0] = [0.8, 0.9, 0.7]
    scores[0, 1] = 0.6

    found = objects.suppress(boxes, scores, floor=0.5)

    assert [(seen.name, seen.score) for seen in found] == [("person", 0.9), ("person", 0.7), ("bicycle", 0.6)]


def test_a_turned_face_is_less_frontal_and_a_blurred_one_of_less_quality() -> None:
    turned = TEMPLATE.copy()
    turned[2, 0] += 25
    sharp = np.random.default_rng(0).integers(0, 255, (150, 150, 3)).astype(np.uint8)
    blurred = np.full_like(sharp, 128)

    assert frontality(turned) < 0.5 < frontality(TEMPLATE)
    assert face_quality(blurred, 200, 1.0) < face_quality(sharp, 200, 1.0) <= 1
    assert face_quality(sharp, 20, 1.0) < face_quality(sharp, 200, 1.0)


def test_a_face_id_depends_on_photo_content_and_place() -> None:
    box = Box(0.1, 0.2, 0.3, 0.4)

    ids = {
        face_id("photo", "aa", box),
        face_id("other", "aa", box),
        face_id("photo", "bb", box),
        face_id("photo", "aa", Box(0.2, 0.2, 0.3, 0.4)),
    }

    assert len(ids) == 4
    assert face_id("photo", "aa", Box(0.10001, 0.2, 0.3, 0.4)) in ids


def test_seven_views_are_the_whole_its_mirror_image_and_five_crops() -> None:
    pixels = np.arange(100 * 50 * 3, dtype=np.uint32).reshape(100, 50, 3).astype(np.uint8)

    looks = views(pixels, 7)

    assert len(looks) == 7
    assert {look.shape for look in looks[2:]} == {(72, 36, 3)}
    np.testing.assert_array_equal(looks[1], pixels[:, ::-1])
    np.testing.assert_array_equal(looks[-1], pixels[28:, 14:])


def test_a_crop_too_small_to_look_at_is_none() -> None:
    pixels = np.zeros((100, 100, 3), np.uint8)

    assert crop(pixels, Box(0.5, 0.5, 0.52, 0.9)) is None
    assert crop(pixels, Box(-0.2, 0.0, 0.5, 1.5)).shape == (100, 50, 3)  # type: ignore[union-attr]


def test_box_bins_count_people_and_sizes() -> None:
    person = objects.SeenObject("person", 0.9, Box(0, 0, 0.5, 0.8))
    unsure = objects.SeenObject("person", 0.4, Box(0, 0, 1, 1))
    dog = objects.SeenObject("dog", 0.9, Box(0, 0, 0.1, 0.1))

    bins = box_bins((person, person, unsure, dog))

    assert bins.shape == (14,)
    assert bins[:6].tolist() == [0, 0, 1, 0, 0, 0]
    assert bins[6:10].tolist() == [0, 0, 0, 1]
    assert bins[10:].tolist() == [1, 0, 0, 0]
