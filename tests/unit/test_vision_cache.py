from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.domain.observation import Box, Label, SeenObject
from shared.vision.cache import CachedObserver
from shared.vision.faces import EncodedFace
from shared.vision.observer import Sight
from tests.unit.vision_fixtures import StubPhoto


class CountingObserver:
    """Sees the same in everything, and counts how often it looks."""

    encoding_space = "dlib_resnet_128"

    def __init__(self, models: tuple[str, ...] = ("net@1",)) -> None:
        self.models = models
        self.looks = 0

    def look(self, pixels: Any) -> Sight:
        assert pixels.size
        self.looks += 1
        box = Box(0.1, 0.2, 0.3, 0.4)
        return Sight(
            labels=(Label("dog", 0.9),),
            objects=(SeenObject("dog", 0.8, box),),
            faces=(EncodedFace(box, 0.7, np.arange(128, dtype=np.float32), 0.6),),
            features={"lite2": np.array([0.1, 0.2], np.float32)},
            text_vector=np.ones(384, np.float32),
            caption="a dog",
        )


def photo() -> StubPhoto:
    return StubPhoto(np.zeros((10, 20, 3), np.uint8))


def cached(observer: CountingObserver, directory: Path) -> CachedObserver:
    return CachedObserver(observer, directory)  # type: ignore[arg-type]


def test_the_same_bytes_are_looked_at_once_and_read_back_exactly(tmp_path: Path) -> None:
    observer = CountingObserver()

    first = cached(observer, tmp_path).observe(photo(), "p1")
    again = cached(observer, tmp_path).observe(photo(), "p1")

    assert observer.looks == 1
    assert again.labels == first.labels
    assert again.objects == first.objects
    assert again.caption == "a dog"
    assert again.faces[0].face_id == first.faces[0].face_id
    np.testing.assert_array_equal(again.faces[0].encoding, first.faces[0].encoding)
    np.testing.assert_array_equal(again.features["lite2"], first.features["lite2"])
    np.testing.assert_array_equal(again.text_vector, first.text_vector)


def test_a_copy_under_another_id_shares_the_sight_but_not_the_face_ids(tmp_path: Path) -> None:
    observer = CountingObserver()

    one = cached(observer, tmp_path).observe(photo(), "p1")
    other = cached(observer, tmp_path).observe(photo(), "p2")

    assert observer.looks == 1
    assert one.faces[0].face_id != other.faces[0].face_id


def test_other_models_look_again(tmp_path: Path) -> None:
    cached(CountingObserver(("net@1",)), tmp_path).observe(photo(), "p1")
    other = CountingObserver(("net@2",))

    cached(other, tmp_path).observe(photo(), "p1")

    assert other.looks == 1


@pytest.mark.parametrize("damage", [b"", b"not an archive", b"PK\x03\x04 cut short"])
def test_a_damaged_file_is_mended_by_looking_again(tmp_path: Path, damage: bytes) -> None:
    observer = CountingObserver()
    cached(observer, tmp_path).observe(photo(), "p1")
    (file,) = tmp_path.rglob("*.npz")
    file.write_bytes(damage)

    mended = cached(observer, tmp_path).observe(photo(), "p1")

    assert observer.looks == 2
    assert mended.labels == (Label("dog", 0.9),)


def test_the_place_of_the_cache_is_a_setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EYE_CACHE", str(tmp_path / "here"))

    CachedObserver(CountingObserver()).observe(photo(), "p1")  # type: ignore[arg-type]

    assert list((tmp_path / "here").rglob("*.npz"))
