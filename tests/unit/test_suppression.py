"""What is suppressed stays out of what is seen, said and shown, and names nobody itself."""

import io
import string

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.domain.observation import Box, FileWords, Region
from shared.domain.suppression import Suppression, hidden_names, without_names
from shared.photos.thumbnails import blanked
from shared.storage.store import DirectoryStore
from shared.storage.suppressions import SuppressionRepository

ANN = hidden_names(["Ann Quux"], "salt", parts=False)
FACE = Box(0.2, 0.2, 0.4, 0.5)
WORDS = st.text(string.ascii_lowercase, min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ann Quux by the sea", "someone by the sea"),
        ("the house of ANN QUUX, seen from here", "the house of someone, seen from here"),
        ("Ann Quux's dog and Ann Quux", "someone's dog and someone"),
        ("Ann is not named in full, nor is Quux Ann", "Ann is not named in full, nor is Quux Ann"),
        ("", ""),
    ],
)
def test_a_name_gives_way_to_someone(text: str, left: str) -> None:
    assert without_names(text, ANN) == left


def test_a_single_word_counts_in_a_sentence_only_with_a_capital() -> None:
    rose = Suppression(names=hidden_names(["Rose"], "salt", parts=False))

    assert rose.sentence("Rose holds a rose") == "someone holds a rose"
    assert rose.tags(("rose", "rose garden", "Rose birthday", "garden")) == ("rose garden", "garden")


@given(before=st.lists(WORDS, max_size=6), after=st.lists(WORDS, max_size=6))
def test_words_around_a_name_stay_as_they_are(before: list[str], after: list[str]) -> None:
    text = " ".join([*before, "Zeb Quuxish", *after])

    left = without_names(text, hidden_names(["zeb quuxish"], "salt", parts=False))

    assert left == " ".join([*before, "someone", *after])


def test_a_file_s_words_lose_the_name_and_the_named_region() -> None:
    hidden = Suppression((FACE,), hidden_names(["Ann Quux"], "salt", parts=True))
    words = FileWords(
        "Ann and Bob", ("Quux", "beach"), (Region("Ann Quux", FACE), Region("Bob", Box(0.7, 0.2, 0.9, 0.5)))
    )

    left = hidden.said(words)

    assert left.description == "someone and Bob"
    assert left.tags == ("beach",)
    assert [region.name for region in left.regions] == ["Bob"]


def test_a_face_is_the_same_place_where_boxes_overlap_and_no_other() -> None:
    hidden = Suppression((FACE,))

    assert hidden.hides(Box(0.22, 0.18, 0.41, 0.52))
    assert hidden.hides(Box(0.1, 0.1, 0.5, 0.6))
    assert not hidden.hides(Box(0.6, 0.2, 0.8, 0.5))


def test_suppressions_grow_and_hold_no_name(directory: DirectoryStore) -> None:
    kept = SuppressionRepository(directory)

    kept.add("photo", Suppression((FACE,)))
    kept.add("photo", Suppression((FACE,), hidden_names(["Ann Quux"], "photo", parts=True)))
    kept.add("content", Suppression((Box(0, 0, 0.1, 0.1),)))

    together = kept.of("photo", "content", "unknown")
    assert len(together.boxes) == 2
    assert together.sentence("Ann Quux") == "someone"
    assert b"ann" not in directory.get("suppressions/photo.json").body.lower()


def test_a_hidden_face_is_a_plain_patch_in_the_thumbnail() -> None:
    board = (np.indices((96, 96)).sum(axis=0) // 4 % 2 * 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(board).convert("RGB").save(out, "WEBP")

    pixels = np.asarray(Image.open(io.BytesIO(blanked(out.getvalue(), [FACE]))).convert("L"), np.float32)

    assert pixels[24:44, 22:36].std() < 5
    assert pixels[70:, 70:].std() > 50
