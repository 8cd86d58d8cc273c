import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput
from shared.storage import keys
from shared.storage.keys import ObjectEvent, object_events

AWKWARD = ["a b.jpg", "a+b.jpg", "100%.jpg", "a%20b.jpg", "写真/東京.jpg", "x/../y.jpg", "é&=?#.jpg"]
TIME = "2025-03-01T10:20:30Z"
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


def bridge(key: str, kind: str = "Object Created", **seen: Any) -> dict[str, Any]:
    found = {"key": key, "size": 5, "etag": "abc", "sequencer": "00617F08299329D189", **seen}
    detail = {"version": "0", "bucket": {"name": "uploads"}, "object": found, "reason": "PutObject"}
    return {"version": "0", "source": "aws.s3", "detail-type": kind, "time": TIME, "detail": detail}


def notification(key: str, name: str = "ObjectCreated:Put", **seen: Any) -> dict[str, Any]:
    found = {
        "key": quote_plus(key, safe="/"),
        "size": 5,
        "eTag": "abc",
        "sequencer": "00617F08299329D189",
        **seen,
    }
    s3 = {"bucket": {"name": "uploads", "arn": "arn:aws:s3:::uploads"}, "object": found}
    return {"Records": [{"eventSource": "aws:s3", "eventName": name, "eventTime": TIME, "s3": s3}]}


def queued(*bodies: dict[str, Any]) -> dict[str, Any]:
    return {
        "Records": [
            {"messageId": str(n), "eventSource": "aws:sqs", "body": json.dumps(body)}
            for n, body in enumerate(bodies)
        ]
    }


@pytest.mark.parametrize("key", AWKWARD)
def test_every_dialect_gives_the_plain_key(key: str) -> None:
    expected = ObjectEvent(
        "uploads", key, "abc", 5, "00617F08299329D189", False, datetime(2025, 3, 1, 10, 20, 30, tzinfo=UTC)
    )
    for event in (bridge(key), notification(key), queued(bridge(key)), queued(notification(key))):
        assert object_events(event) == (expected,)


@given(names)
def test_any_key_survives_both_dialects(key: str) -> None:
    assert object_events(bridge(key))[0].key == key
    assert object_events(notification(key))[0].key == key


def test_one_message_of_a_batch_is_read_alone() -> None:
    batch = queued(bridge("a.jpg"), notification("b.jpg"))
    assert [e.key for e in object_events(batch)] == ["a.jpg", "b.jpg"]
    assert [e.key for e in object_events(batch["Records"][1])] == ["b.jpg"]


@pytest.mark.parametrize(
    "event",
    [
        bridge("a.jpg", "Object Deleted"),
        notification("a.jpg", "ObjectRemoved:Delete"),
        notification("a.jpg", "ObjectRemoved:DeleteMarkerCreated"),
        notification("a.jpg", "LifecycleExpiration:Delete"),
    ],
)
def test_deletions_are_told_apart(event: dict[str, Any]) -> None:
    assert [e.deleted for e in object_events(event)] == [True]


def test_a_deletion_carries_neither_etag_nor_size() -> None:
    event = bridge("a.jpg", "Object Deleted")
    for name in ("etag", "size"):
        del event["detail"]["object"][name]
    assert (object_events(event)[0].etag, object_events(event)[0].size) == ("", 0)


def test_the_test_event_of_s3_is_ignored() -> None:
    test = {"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "uploads"}
    assert object_events(test) == ()
    assert object_events(queued(test)) == ()


@pytest.mark.parametrize(
    ("event", "field"),
    [
        ({}, "eventName"),
        ({"Records": "x"}, "Records"),
        ({"Records": [7]}, "JSON object"),
        (queued() | {"Records": [{"body": "{"}]}, "body"),
        (bridge("a.jpg", "Object Tags Added"), "detail-type"),
        (bridge(""), "detail.object.key"),
        (bridge("a.jpg", size=-1), "detail.object.size"),
        (bridge("a.jpg", sequencer="xyz"), "detail.object.sequencer"),
        (notification("a.jpg", "ReducedRedundancyLostObject"), "eventName"),
    ],
)
def test_what_is_no_event_is_refused_by_field(event: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput, match=field):
        object_events(event)


def test_a_photo_id_is_the_hash_of_bucket_and_key_in_utf8() -> None:
    assert keys.photo_id("uploads", "写真/東京.jpg") == "33bb0cfddf47e393fbf64f710305d690"
    assert keys.photo_id("a", "b/c") == keys.photo_id("a/b", "c")


def test_changes_are_kept_by_the_hour_of_utc() -> None:
    at = datetime(2025, 3, 1, 1, 30, tzinfo=timezone(timedelta(hours=9)))
    assert keys.change(at, "01J", "f" * 32) == f"changes/2025-02-28T16/01J-{'f' * 32}"


def test_the_one_shard_of_a_small_library_has_a_name() -> None:
    assert keys.dataset_shard("", "d") == "dataset/all/d.parquet"
    assert keys.dataset_shard("4f", "d") == "dataset/4f/d.parquet"
