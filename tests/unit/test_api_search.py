"""Searching and listing over HTTP: what is found and why, bursts, likeness, nonsense, ways to go on."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from shared.domain.observation import Exif
from shared.services.api import wiring
from shared.services.indexing import SearchIndex
from shared.storage.catalogue import Catalogue
from tests.unit.api_client import PHOTO, Api
from tests.unit.api_records import record

SHUTTER = datetime(2024, 5, 1, 12)


def put(photo_id: str, dhash: str, seconds: float | None = None, shows: int | None = None) -> None:
    """A photo with a difference hash, taken so many seconds after another, showing one of some things."""
    taken = None if seconds is None else SHUTTER + timedelta(seconds=seconds)
    plain = record(photo_id, exif=Exif(taken_at=taken))
    assert plain.observation is not None
    vector = np.zeros(384, dtype=np.float32)
    if shows is not None:
        vector[shows] = 1.0
    made = replace(plain, observation=replace(plain.observation, dhash=dhash, text_vector=vector))
    wiring.records().update(photo_id, lambda _: made)


def test_a_search_has_the_shape_that_others_script_against(api: Api) -> None:
    status, found, _ = api("GET", "/search", q="beach")
    assert status == 200
    assert [(hit["photo_id"], hit["key"]) for hit in found["hits"]] == [(PHOTO, "abab.jpg")]
    assert found["hits"][0]["score"] > 0
    assert found["hits"][0]["why"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("the beaches", True),
        ("tag:beach", True),
        ("tag:bea", False),
        ('"a beach" has:faces', True),
        ("beach -tag:beach", False),
        ("beach before:2020", False),
        ("after:2026-01-02 before:2026-01-03", True),
        ("xyzzy", False),
        ("has:gps", False),
    ],
)
def test_a_search_takes_terms_quotes_and_minus(api: Api, q: str, found: bool) -> None:
    assert api("GET", "/search", q=q)[1]["total"] == int(found)


def test_a_search_that_finds_nothing_asks_whether_another_word_was_meant(api: Api) -> None:
    assert api("GET", "/search", q="baech")[1]["did_you_mean"] == "beach"
    assert api("GET", "/search", q="xyzzy plugh")[1]["did_you_mean"] is None


def test_near_duplicates_are_one_hit(api: Api) -> None:
    put("1" * 32, "f0f0f0f0f0f0f0f0")
    put("2" * 32, "f0f0f0f0f0f0f0f1")
    found = api("GET", "/search", q="beach")[1]
    assert found["total"] == 3
    assert [len(hit["also"]) for hit in found["hits"]] == [1, 0]


def test_photos_of_one_burst_are_one_hit_and_one_in_a_stacked_list(api: Api) -> None:
    put("1" * 32, "f0f0f0f0f0f0f0f0", seconds=0)
    put("2" * 32, "f0f0f0f0f0f0ffff", seconds=1.5)
    put("3" * 32, "f0f0f0f0fffff0f0", seconds=60)
    put("4" * 32, "0f0f0f0f0f0f0f0f", seconds=61)
    hits = api("GET", "/search", q="beach -person:nobody")[1]["hits"]
    assert sorted(len(hit["also"]) for hit in hits) == [0, 0, 0, 1]

    stacked = api("GET", "/photos", stacked="true")[1]
    assert stacked["total"] == 5
    assert [(one["photo_id"][0], [other[0] for other in one["also"]]) for one in stacked["photos"]] == [
        ("a", []),
        ("4", []),
        ("3", []),
        ("2", ["1"]),
    ]
    assert [one["also"] for one in api("GET", "/photos")[1]["photos"]] == [[]] * 5


def test_pages_of_a_stacked_list_part_no_burst(api: Api) -> None:
    for number in range(6):
        put(f"{number:032x}", ("f0" if number < 3 else "0f") * 8, seconds=number // 3 * 100)
    first = api("GET", "/photos", stacked="true", limit="2")[1]
    assert [len(one["also"]) for one in first["photos"]] == [0, 2]
    second = api("GET", "/photos", stacked="true", limit="2", cursor=first["cursor"])[1]
    shown = [one["photo_id"] for page in (first, second) for one in page["photos"]]
    also = [other for page in (first, second) for one in page["photos"] for other in one["also"]]
    assert second["cursor"] is None
    assert sorted(shown + also) == sorted([PHOTO, *(f"{number:032x}" for number in range(6))])


def test_similar_photos_show_the_like_or_look_the_same(api: Api) -> None:
    put("1" * 32, "f0f0f0f0f0f0f0f0", shows=1)
    put("2" * 32, "f0f0f0f0f0f0f0f1", shows=2)
    put("3" * 32, "0f0f0f0f0f0f0f0f", shows=1)
    status, found, _ = api("GET", f"/photos/{'1' * 32}/similar")
    assert status == 200
    assert [(hit["photo_id"][0], hit["why"]) for hit in found["hits"]] == [
        ("2", ["looks the same"]),
        ("3", ["shows the like"]),
    ]
    assert api("GET", f"/photos/{'9' * 32}/similar")[0] == 404


def test_nonsense_finds_nothing_and_a_meaning_finds_what_is_close(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("1" * 32, "f0f0f0f0f0f0f0f0", shows=1)
    near, far = np.zeros(384, dtype=np.float32), np.zeros(384, dtype=np.float32)
    near[[1, 7]] = 0.8, 0.6
    far[[1, 7]] = 0.1, 0.995
    index = SearchIndex(vectorise=lambda text: near if "shore" in text else far, heard=wiring.heard())
    monkeypatch.setattr(wiring, "search_index", lambda: index)
    assert [hit["photo_id"] for hit in api("GET", "/search", q="shore")[1]["hits"]] == ["1" * 32]
    found = api("GET", "/search", q="qwzx vbnm")[1]
    assert (found["hits"], found["total"]) == ([], 0)


def test_suggestions_go_on_with_what_the_library_says(api: Api) -> None:
    api("POST", f"/photos/{PHOTO}/faces", {"face_id": "face-1", "name": "Ann Lee"})
    found = api("GET", "/suggestions", q="sunny an")[1]["suggestions"]
    assert found == [{"text": 'sunny person:"Ann Lee"', "kind": "person", "photos": 1}]
    assert api("GET", "/suggestions", q="tag:be")[1]["suggestions"][0]["text"] == "tag:beach"
    assert api("GET", "/suggestions", q="person:be")[1]["suggestions"] == []


def test_a_photo_analyzed_after_the_catalogue_is_found_at_once(api: Api) -> None:
    Catalogue(wiring.store(), wiring.records()).refresh("")
    assert api("GET", "/search", q="beach")[1]["total"] == 1
    put("1" * 32, "f0f0f0f0f0f0f0f0")
    wiring.browser()._looked = float("-inf")
    assert api("GET", "/search", q="beach")[1]["total"] == 2
