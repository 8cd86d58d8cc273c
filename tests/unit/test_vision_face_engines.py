"""Why two face engines may share one encoding space: measured on real faces.

The network is the same, so on the same aligned chip it must say the same; and each engine with its own
detector and alignment must tell people apart as well as the other. What dlib's engine says of a face from end
to end stands in the evaluation data, so that both can be compared on enough people; that it still says so is
tested too.
"""

from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy.spatial.distance import pdist

from shared.vision.alignment import chip
from shared.vision.faces import DlibFaceEngine, EncodedFace, FaceEngine, OnnxFaceEngine
from shared.vision.observer import Observer
from tests.unit.vision_fixtures import DATA, MODELS, evaluation_rows, needs_models

pytestmark = [pytest.mark.models, pytest.mark.data, needs_models]

FACES_EACH = 4
THRESHOLDS = (0.5, 0.55, 0.6)


@pytest.fixture(scope="module")
def onnx_engine() -> OnnxFaceEngine:
    engine = Observer.load(MODELS).face_engine
    assert isinstance(engine, OnnxFaceEngine)
    return engine


@pytest.fixture(scope="module")
def people() -> list[list[dict[str, Any]]]:
    """Four photos each of everybody who has as many, the labels of none in doubt."""
    by_identity: dict[str, list[dict[str, Any]]] = {}
    for row in evaluation_rows("faces"):
        if row["source"] == "lfw" and not row["label_suspect"] and not row["box_is_fallback"]:
            by_identity.setdefault(row["identity"], []).append(row)
    enough = sorted(identity for identity, rows in by_identity.items() if len(rows) >= FACES_EACH)
    return [by_identity[identity][:FACES_EACH] for identity in enough]


def pixels(row: dict[str, Any]) -> np.ndarray:
    return np.asarray(Image.open(DATA / "faces" / row["file"]).convert("RGB"))


def face_of(row: dict[str, Any], engine: FaceEngine) -> EncodedFace | None:
    """The face whose person the row names: of those found, the one over the middle of its box."""
    left, top, right, bottom = row["box_ltrb"]
    x, y = (left + right) / 2 / row["width"], (top + bottom) / 2 / row["height"]
    over = [
        face
        for face in engine.faces(pixels(row))
        if face.box.left <= x <= face.box.right and face.box.top <= y <= face.box.bottom
    ]
    return min(over, key=lambda face: abs(face.box.left + face.box.right - 2 * x), default=None)


def balanced_accuracy(people: list[list[np.ndarray]], threshold: float) -> float:
    """Mean of the shares of right answers on all pairs of one person and on all pairs of two."""
    encodings = np.array([encoding for faces in people for encoding in faces])
    owner = np.repeat(np.arange(len(people)), [len(faces) for faces in people])
    first, second = np.triu_indices(len(owner), k=1)
    near = pdist(encodings) < threshold
    same = owner[first] == owner[second]
    return float((near[same].mean() + 1 - near[~same].mean()) / 2)


def test_on_the_same_chip_both_networks_say_the_same(
    onnx_engine: OnnxFaceEngine, people: list[list[dict[str, Any]]]
) -> None:
    dlib = pytest.importorskip("dlib")
    models = pytest.importorskip("face_recognition_models")
    network = dlib.face_recognition_model_v1(models.face_recognition_model_location())

    distances = []
    for row in (rows[0] for rows in people[:12]):
        looked_at = pixels(row)
        for detected in onnx_engine.detector.detect(looked_at):
            cut = chip(looked_at, detected.landmarks)
            theirs = np.array(network.compute_face_descriptor(np.ascontiguousarray(cut)))
            distances.append(np.linalg.norm(onnx_engine.encode(cut) - theirs))

    print(f"L2 on the same chip: mean {np.mean(distances):.5f}, most {np.max(distances):.5f}")
    assert len(distances) >= 12
    assert max(distances) < 0.06


def test_end_to_end_both_engines_tell_people_apart_equally_well(
    onnx_engine: OnnxFaceEngine, people: list[list[dict[str, Any]]]
) -> None:
    ours, theirs, missed = [], [], 0
    for rows in people:
        found = [(row, face_of(row, onnx_engine)) for row in rows]
        missed += sum(face is None for _, face in found)
        ours.append([face.encoding for _, face in found if face])
        theirs.append([np.array(row["encoding_dlib_resnet_128"]) for row, face in found if face])

    accuracies = {t: (balanced_accuracy(ours, t), balanced_accuracy(theirs, t)) for t in THRESHOLDS}
    print(f"{len(people)} people, {missed} faces missed; (onnx, dlib) by threshold: {accuracies}")

    assert missed == 0
    for at_onnx, at_dlib in accuracies.values():
        assert abs(at_onnx - at_dlib) <= 0.005
    assert accuracies[0.6][0] > 0.97


def test_the_dlib_engine_says_what_the_data_says_it_says(people: list[list[dict[str, Any]]]) -> None:
    for rows in people[::40]:
        face = face_of(rows[0], DlibFaceEngine())
        assert face is not None
        assert np.linalg.norm(face.encoding - rows[0]["encoding_dlib_resnet_128"]) < 0.06
        assert 0 < face.quality <= 1


def test_encodings_of_the_two_engines_can_be_compared(
    onnx_engine: OnnxFaceEngine, people: list[list[dict[str, Any]]]
) -> None:
    """A library may change its engine: the same photo's encodings are far nearer than two people's are."""
    faces = [(rows[0], face_of(rows[0], onnx_engine)) for rows in people[::8]]
    distances = [
        np.linalg.norm(face.encoding - row["encoding_dlib_resnet_128"]) for row, face in faces if face
    ]

    assert np.median(distances) < 0.2
    assert max(distances) < 0.45


@pytest.mark.parametrize("name", ["two_people", "couple"])
def test_two_people_in_one_photo_are_two_faces(onnx_engine: OnnxFaceEngine, name: str) -> None:
    (path,) = (DATA / "faces" / "groups").glob(f"*{name}.jpg")

    faces = onnx_engine.faces(np.asarray(Image.open(path).convert("RGB")))

    assert len(faces) == 2
    assert faces[0].box.left < faces[1].box.left
    assert np.linalg.norm(faces[0].encoding - faces[1].encoding) > 0.6
