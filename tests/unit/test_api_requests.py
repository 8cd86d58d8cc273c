"""Requests of the Function URL, from the event to the answer, against a library on moto's S3."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared.domain.corrections import AddTag
from shared.domain.errors import ObjectMissing
from shared.domain.record import Status
from shared.services.api import wiring
from tests.unit.api_client import PHOTO, TOKEN, Api, forget
from tests.unit.api_records import record


def test_one_photo_has_the_shape_that_others_script_against(api: Api) -> None:
    status, photo, headers = api("GET", f"/photos/{PHOTO}")
    assert status == 200
    assert photo["photo_id"] == PHOTO
    assert photo["key"] == "abab.jpg"
    assert photo["status"] == "analyzed"
    assert photo["description"] == "a beach"
    assert photo["tags"] == [{"tag": "beach", "source": "model", "score": 0.8, "why": ""}]
    assert photo["faces"] == [
        {"face_id": "face-1", "box": [0.1, 0.2, 0.3, 0.4], "quality": 0.8, "person": None}
    ]
    assert photo["thumbnail_url"].startswith("https://library.s3.amazonaws.com/thumbs/")
    assert headers["ETag"]


def test_every_route_is_described(api: Api) -> None:
    status, described, _ = api("GET", "/openapi.json")
    assert status == 200
    assert {"/photos", "/photos/{photo_id}", "/search", "/corrections", "/people", "/trainings"} <= set(
        described["paths"]
    )
    assert described["security"] == [{"token": []}]


def test_an_answer_known_already_is_not_sent_again(api: Api) -> None:
    _, _, headers = api("GET", f"/photos/{PHOTO}")
    status, body, again = api("GET", f"/photos/{PHOTO}", **{"h__if_none_match": headers["ETag"]})
    assert (status, body) == (304, "null")
    assert again["ETag"] == headers["ETag"]
    api("POST", "/corrections", {"photo_ids": [PHOTO], "words": [{"kind": "add_tag", "tag": "sea"}]})
    status, _, _ = api("GET", f"/photos/{PHOTO}", **{"h__if_none_match": headers["ETag"]})
    assert status == 200


def test_what_another_process_wrote_is_found_at_once_where_that_is_asked(api: Api) -> None:
    query = 'tag:"family party"'
    api("GET", "/search", q=query)
    wiring.corrector().correct([PHOTO], [AddTag("family party")])  # its answer tells this process nothing

    _, found, _ = api("GET", "/search", q=query, h__cache_control="no-cache")
    assert [hit["photo_id"] for hit in found["hits"]] == [PHOTO]


@pytest.mark.parametrize("path", ["/photos", "/openapi.json", f"/photos/{PHOTO}", "/nothing", "/trainings"])
@pytest.mark.parametrize("token", [None, "another"])
def test_without_the_token_nothing_is_told(api: Api, path: str, token: str | None) -> None:
    status, problem, headers = api("GET", path, token=token)
    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Bearer")
    assert problem["status"] == 401


def test_a_cookie_is_no_token(api: Api) -> None:
    assert api("GET", "/photos", token=None, h__cookie=f"token={TOKEN}")[0] == 401


@pytest.mark.parametrize(
    ("path", "query", "status", "says"),
    [
        ("/photos", {"colour": "red"}, 400, "colour: there is no such filter"),
        ("/photos", {"cursor": "%%%"}, 400, "cursor"),
        ("/photos", {"limit": "0"}, 422, "limit"),
        ("/photos", {"before": "yesterday"}, 422, "before"),
        ("/photos", {"person": "Nobody"}, 404, "Nobody is called"),
        ("/photos/xyz", {}, 422, "photo_id"),
        (f"/photos/{'0' * 32}", {}, 404, "has no photo"),
        ("/search", {}, 422, "q"),
        ("/search", {"q": "x" * 501}, 422, "q"),
        ("/nothing", {}, 404, "openapi.json"),
        ("/bundles/none/report", {}, 404, "none"),
        ("/report", {}, 404, "start a training"),
        ("/people/none", {}, 404, "Nobody has the id"),
    ],
)
def test_what_is_asked_wrongly_is_answered_with_what_to_do(
    api: Api, path: str, query: dict[str, str], status: int, says: str
) -> None:
    answered, problem, headers = api("GET", path, **query)
    assert (answered, headers["Content-Type"]) == (status, "application/problem+json")
    assert says in problem["detail"]


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"photo_ids": ["0" * 32], "words": [{"kind": "add_tag", "tag": "sea"}]}, 404, "has no photo"),
        ({"photo_ids": [PHOTO], "words": [{"kind": "set_description", "text": "x" * 2**20}]}, 422, "5000"),
        ({"photo_ids": [PHOTO], "words": [{"kind": "add_tag", "tag": "x" * 101}]}, 422, "100"),
        ({"photo_ids": [PHOTO], "words": [{"kind": "add_tag", "tag": " "}]}, 422, "empty"),
        ({"photo_ids": [PHOTO], "words": [{"kind": "add_tag"}]}, 422, "tag"),
        ({"photo_ids": [PHOTO], "words": [{"kind": "delete_everything"}]}, 422, "kind"),
        ({"photo_ids": [PHOTO], "words": []}, 422, "says nothing"),
        ({"photo_ids": ["../etc"], "words": [{"kind": "add_tag", "tag": "sea"}]}, 422, "photo_ids"),
        ("{not json", 422, ""),
        ({}, 422, "photo_ids"),
    ],
)
def test_a_correction_that_cannot_be_kept_keeps_nothing(api: Api, body: Any, status: int, says: str) -> None:
    answered, problem, _ = api("POST", "/corrections", body)
    assert answered == status
    assert says in problem["detail"].replace(",", "")
    assert api("GET", f"/photos/{PHOTO}/corrections")[1]["corrections"] == []


def test_corrections_are_kept_shown_and_taken_back(api: Api) -> None:
    said = {
        "photo_ids": [PHOTO, "0" * 32],
        "words": [{"kind": "add_tag", "tag": "<script>alert(1)</script>"}],
    }
    status, done, _ = api("POST", "/corrections", said)
    assert status == 200
    kept, gone = done["photos"]
    assert kept["photo"]["owner"]["tags"] == ["<script>alert(1)</script>"]
    assert "has no photo" in gone["problem"]

    api(
        "POST",
        "/corrections/undo",
        {"corrections": [{"photo_id": PHOTO, "correction_id": kept["correction_ids"][0]}]},
    )
    assert api("GET", f"/photos/{PHOTO}")[1]["owner"]["tags"] == []
    history = api("GET", f"/photos/{PHOTO}/corrections")[1]["corrections"]
    assert [(one["word"]["kind"], one["undone"]) for one in history] == [("add_tag", True), ("undo", False)]


def test_a_face_that_is_named_has_its_name_at_once_and_loses_it_again(api: Api) -> None:
    status, kept, _ = api("POST", f"/photos/{PHOTO}/faces", {"face_id": "face-1", "name": " Ann  Lee "})
    assert status == 200
    person = api("GET", f"/photos/{PHOTO}")[1]["faces"][0]["person"]
    assert person["name"] == "Ann Lee"
    assert person["source"] == "owner"
    assert [one["photo_id"] for one in api("GET", "/photos", person="ann")[1]["photos"]] == [PHOTO]
    assert [one["name"] for one in api("GET", "/people")[1]["people"]] == ["Ann Lee"]
    assert api("GET", "/search", q="ann")[1]["total"] == 1

    api(
        "POST",
        "/people/events",
        {"words": [{"kind": "hide", "person_id": person["person_id"], "hidden": True}]},
    )
    assert api("GET", "/people")[1]["people"] == []
    assert api("GET", f"/photos/{PHOTO}")[1]["faces"][0]["person"] is None
    api("POST", "/people/events", {"words": [{"kind": "undo", "event_id": i} for i in kept["event_ids"]]})
    assert api("GET", "/people", hidden="true")[1]["people"] == []
    assert api("POST", f"/photos/{PHOTO}/faces", {"face_id": "no-face", "name": "Ann"})[0] == 400


def test_new_photos_get_keys_that_the_server_made(api: Api) -> None:
    status, room, _ = api("POST", "/uploads", {"files": [{"type": "image/jpeg"}, {"type": "image/heic"}]})
    assert status == 200
    for slot, suffix in zip(room["uploads"], ("jpg", "heic"), strict=True):
        assert slot["key"].isascii()
        assert slot["key"].startswith("inbox/")
        assert slot["key"].endswith(f".{suffix}")
        assert {"policy", "x-amz-signature", "Content-Type"} <= set(slot["fields"])
    assert api("POST", "/uploads", {"files": [{"type": "text/html"}]})[0] == 400
    assert api("POST", "/uploads", {"files": []})[0] == 400


def test_a_quarantined_photo_says_why_and_what_to_do(api: Api) -> None:
    broken = "cd" * 16
    unread = replace(record(broken), observation=None, enhancement=None, reason="It is damaged")
    wiring.records().update(broken, lambda _: replace(unread, status=Status.QUARANTINED))
    _, photo, _ = api("GET", f"/photos/{broken}")
    assert (photo["status"], photo["reason"]) == ("quarantined", "It is damaged")
    assert "upload it" in photo["advice"]
    assert [one["photo_id"] for one in api("GET", "/photos", status="quarantined")[1]["photos"]] == [broken]


def test_a_deleted_photo_is_gone(api: Api) -> None:
    wiring.records().update(PHOTO, lambda known: replace(known, status=Status.DELETED) if known else None)
    status, problem, _ = api("GET", f"/photos/{PHOTO}")
    assert status == 404
    assert "deleted" in problem["detail"]
    with pytest.raises(ObjectMissing):
        wiring.photos().record(PHOTO)


def test_a_correction_of_a_photo_that_is_gone_is_not_kept(api: Api) -> None:
    wiring.records().update(PHOTO, lambda known: known and replace(known, status=Status.DELETED))
    said = {"photo_ids": [PHOTO], "words": [{"kind": "add_tag", "tag": "sea"}]}
    status, problem, _ = api("POST", "/corrections", said)
    assert status == 404
    assert "deleted" in problem["detail"]
    assert list(wiring.corrector().corrections.of(PHOTO)) == []


def test_the_next_training_is_told_by_the_clock(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRAINING_SCHEDULES", "cron(0 2 ? * SUN *);cron(0/15 * * * ? *)")
    forget()
    status, due, _ = api("GET", "/retraining")
    assert status == 200, due
    assert due["due"] is True
    assert due["reasons"] == ["Nothing was learned yet"]
    written = max(entry.modified for entry in wiring.store().list("records/"))
    starts = datetime.fromisoformat(due["starts_at"])
    assert written < starts <= written + timedelta(minutes=26)
    assert starts.minute % 15 == 0
    assert datetime.fromisoformat(due["asked_at"]) <= starts


def test_the_page_runs_its_own_scripts_and_nobody_elses(api: Api) -> None:
    status, page, headers = api("GET", "/", token=None)
    assert status == 200
    assert "<script>" not in page
    assert "style=" not in page
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "Set-Cookie" not in headers
    status, problem, _ = api("GET", "/page/../app.py", token=None)
    assert (status, problem["status"]) == (404, 404)


def test_addresses_of_one_half_hour_are_the_same(api: Api) -> None:
    first = api("GET", "/thumbnails", ids=PHOTO)[1]["thumbnails"][PHOTO]
    assert api("GET", "/thumbnails", ids=f"{PHOTO},{'0' * 32}")[1]["thumbnails"] == {PHOTO: first}
