"""The demo's cast and its figures."""

import json
import math

import pytest

from shared.cli.demo.casting import SAMPLES, cast, missing_words
from shared.cli.demo.measuring import Named, of_descriptions, of_search, of_tags, places, plainly
from shared.domain.errors import InvalidInput
from shared.photos import decode


def test_the_samples_hold_back_sixteen_whose_copies_carry_no_words(tmp_path):
    found = cast(None)
    assert len(found.new) == 16
    assert not {photo.path for photo in found.new} & {upload.path for upload in found.library}
    assert len(found.library) + len(found.new) == len((SAMPLES / "manifest.jsonl").read_text().splitlines())
    copy = found.new[0].without_words(tmp_path)
    words = decode(copy.path.read_bytes()).words
    assert (words.description, words.tags, words.regions) == (None, (), ())
    assert decode(found.library[0].path.read_bytes()).words.description


def test_a_folder_holds_back_a_tenth_of_the_photos_with_words(tmp_path):
    rows = [json.loads(line) for line in (SAMPLES / "manifest.jsonl").read_text().splitlines()][:25]
    for row in rows:
        (tmp_path / row["file"]).symlink_to(SAMPLES / row["file"])
    found = cast(tmp_path)
    assert len(found.new) == 2
    assert found.worded == 23
    assert all(photo.captions for photo in found.new)
    assert cast(tmp_path) == found
    assert not list(missing_words(found))


def test_a_folder_without_words_holds_nothing_back_and_says_so(tmp_path):
    bare = cast(None).new[0].without_words(tmp_path)
    found = cast(bare.path.parent)
    assert (len(found.library), found.new) == (1, ())
    assert "IPTC" in " ".join(missing_words(found))


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(InvalidInput, match="no photos"):
        cast(tmp_path)


def test_search_figures_follow_the_ranks():
    photos = [("a", ("x", "y")), ("b", ("z",)), ("c", ())]
    before = {"x": ["b", "a"], "y": ["c"], "z": []}
    after = {"x": ["a"], "y": ["a"], "z": ["a", "c", "b"]}
    first, five = of_search(places(photos, before.__getitem__), places(photos, after.__getitem__))
    assert (first.before.value, first.after.value) == (0.0, 0.5)
    assert (five.before.value, five.after.value) == (0.25, 1.0)
    assert five.difference.value == pytest.approx(0.75)


def test_tag_figures_ignore_case_and_photos_without_tags():
    before = [Named(["dog", "car"], ["dog", "car"]), Named(["sky"], ["sky"])]
    after = [Named(["dog"], ["dog", "cat"]), Named([], [])]
    f1, right, recall, offered = of_tags([["Dog", "cat"], []], before, after)
    assert (f1.before.value, f1.after.value) == (0.5, 1.0)
    assert (right.before.value, right.after.value) == (0.5, 1.0)
    assert (recall.before.value, recall.after.value) == (0.5, 0.5)
    assert (offered.before.value, offered.after.value) == (0.5, 1.0)


def test_tag_precision_of_nothing_said_is_no_number():
    nothing = Named([], [])
    _, right, *_ = of_tags([["dog"], ["cat"]], [nothing, nothing], [Named(["dog"], []), Named(["cat"], [])])
    assert math.isnan(right.before.value)
    assert not right.certain


def test_descriptions_are_held_against_all_that_people_wrote_of_a_photo():
    right, precision = of_descriptions(
        [["A dog runs", "a puppy on grass"], []], ["a cat"] * 2, ["A dog on grass"] * 2
    )
    assert (right.before.value, right.after.value) == (0.0, 2.0)
    assert (precision.before.value, precision.after.value) == (0.0, 1.0)


def test_fewer_applied_tags_are_explained():
    everything = [Named(["dog", "cat"], ["dog", "cat"])] * 8
    sure = [Named([], ["dog", "cat"])] * 8
    rows = of_tags([["dog", "cat"]] * 8, everything, sure)
    assert any("got worse" in line and "suggestions" in line for line in plainly(rows, 60, 8))


def test_an_open_difference_is_said_plainly():
    asked = [("a", ("x",)), ("b", ("x",))]
    rows = of_search(places(asked, lambda _: ["a"]), places(asked, lambda _: ["b"]))
    assert "found first" in plainly(rows, 60, 2)[0]
