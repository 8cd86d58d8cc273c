import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from shared.domain.errors import InvalidInput, LostRace, ObjectMissing, StoreRefused, StoreUnavailable
from shared.storage.store import DirectoryStore, ObjectStore, S3Store

THREADS = 16
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=80)


def race(contender: Callable[[int], bool]) -> int:
    """How many of 16 contenders that start together win."""
    start = threading.Barrier(THREADS)

    def run(number: int) -> bool:
        start.wait()
        return contender(number)

    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(run, range(THREADS)))


def test_what_is_put_is_got_with_its_etag(store: ObjectStore) -> None:
    etag = store.put("a/b.json", b"one", "application/json")
    assert store.get("a/b.json").body == b"one"
    assert store.get("a/b.json").etag == etag
    assert '"' not in etag


def test_a_missing_object_is_named(store: ObjectStore) -> None:
    with pytest.raises(ObjectMissing, match="nowhere"):
        store.get("nowhere")
    with pytest.raises(ObjectMissing):
        store.get_if_changed("nowhere", "abc")
    assert store.head("nowhere") is None


def test_an_object_is_a_file_that_can_be_sought_in(store: ObjectStore) -> None:
    store.put("a", b"0123456789")

    with store.open("a") as file:
        file.seek(-4, 2)
        assert (file.read(2), file.tell()) == (b"67", 8)
    with pytest.raises(ObjectMissing, match="nowhere"):
        store.open("nowhere")


def test_head_tells_size_and_time_without_reading(store: ObjectStore) -> None:
    etag = store.put("a", b"12345")
    seen = store.head("a")
    assert seen is not None
    assert (seen.key, seen.size, seen.etag) == ("a", 5, etag)
    assert seen.modified.tzinfo is not None


def test_an_unchanged_object_is_not_read_again(store: ObjectStore) -> None:
    etag = store.put("a", b"one")
    assert store.get_if_changed("a", etag) is None
    store.put("a", b"two")
    changed = store.get_if_changed("a", etag)
    assert changed is not None
    assert changed.body == b"two"


def test_put_if_absent_never_overwrites(store: ObjectStore) -> None:
    assert store.put_if_absent("a", b"one")
    assert not store.put_if_absent("a", b"two")
    assert store.get("a").body == b"one"


def test_a_swap_needs_the_version_it_was_made_from(store: ObjectStore) -> None:
    first = store.put("a", b"one")
    second = store.swap_if_match("a", b"two", first)
    assert store.get("a").etag == second
    with pytest.raises(LostRace):
        store.swap_if_match("a", b"three", first)
    with pytest.raises(LostRace):
        store.swap_if_match("missing", b"three", first)
    assert store.get("a").body == b"two"


def test_a_conditional_delete_needs_the_version_it_was_made_from(store: ObjectStore) -> None:
    first = store.put("a", b"one")
    second = store.put("a", b"two")
    with pytest.raises(LostRace):
        store.delete_if_match("a", first)
    store.delete_if_match("a", second)
    assert store.head("a") is None
    with pytest.raises(LostRace):
        store.delete_if_match("a", second)


def test_deleting_twice_is_as_good_as_once(store: ObjectStore) -> None:
    store.put("a/b/c", b"one")
    store.delete("a/b/c")
    store.delete("a/b/c")
    assert list(store.list()) == []
    store.put("a", b"a key may take the place of a folder that is gone")


def test_a_listing_is_sorted_as_utf8_and_starts_after(store: ObjectStore) -> None:
    for key in ("p/b", "p/a b", "p/é", "p/\U0001f600", "p/Z", "p/sub/x", "q/a", "p/\uff5e"):
        store.put(key, b"x")
    listed = [entry.key for entry in store.list("p/")]
    assert listed == sorted(listed, key=str.encode)
    assert len(listed) == 7
    assert [e.key for e in store.list("p/", start_after="p/b")] == listed[listed.index("p/b") + 1 :]
    assert [e.key for e in store.list("p/s")] == ["p/sub/x"]
    assert [e.etag for e in store.list("q/")] == [store.get("q/a").etag]


def test_a_listing_goes_on_over_pages(s3: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTO_S3_DEFAULT_MAX_KEYS", "4")
    written = [f"many/{number:02d}" for number in range(10)]
    for key in written:
        s3.put(key, b"")
    assert [entry.key for entry in s3.list("many/")] == written


def test_a_streamed_object_appears_whole_or_not_at_all(store: ObjectStore) -> None:
    with store.writer("big", "application/json") as stream:
        for _ in range(3):
            stream.write(b"x" * 6_000_000)
        assert store.head("big") is None
    seen = store.head("big")
    assert seen is not None
    assert seen.size == 18_000_000

    def fail() -> None:
        with store.writer("half") as stream:
            stream.write(b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert store.head("half") is None


def test_one_of_sixteen_creates(store: ObjectStore) -> None:
    assert race(lambda number: store.put_if_absent("lock", str(number).encode())) == 1


def test_one_of_sixteen_swaps(store: ObjectStore) -> None:
    etag = store.put("alias", b"start")

    def swap(number: int) -> bool:
        try:
            store.swap_if_match("alias", str(number).encode(), etag)
        except LostRace:
            return False
        return True

    assert race(swap) == 1


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(names)
@example("../../escaped")
@example("/etc/passwd")
@example(".store/lock")
@example("a//b/")
@example("..")
@example("a b+c%2F写真.jpg")
@example("x" * 900)
@example("東" * 300)
@example("~/.ssh")
def test_any_key_is_kept_as_it_is_and_inside(directory: DirectoryStore, key: str) -> None:
    directory.put(key, b"body")
    assert directory.get(key).body == b"body"
    assert [entry.key for entry in directory.list()] == [key]
    assert [entry.key for entry in directory.list(key)] == [key]
    around = directory.root.parent
    files = [path for path in around.rglob("*") if path.is_file() and path.read_bytes() == b"body"]
    assert len(files) == 1
    assert directory.root in files[0].resolve().parents
    directory.delete(key)
    assert list(directory.list()) == []


@pytest.mark.parametrize("key", ["a b.jpg", "a+b.jpg", "100%.jpg", "a%20b.jpg", "写真/東京.jpg", "a/../b"])
def test_awkward_keys_are_the_same_in_both(store: ObjectStore, key: str) -> None:
    store.put(key, b"body")
    assert store.get(key).body == b"body"
    assert [entry.key for entry in store.list()] == [key]


def test_a_directory_says_what_it_cannot_hold(directory: DirectoryStore) -> None:
    directory.put("a", b"object")
    with pytest.raises(InvalidInput, match="folder"):
        directory.put("a/b", b"below it")


def test_two_stores_on_one_directory_are_one(tmp_path: Path) -> None:
    DirectoryStore(tmp_path).put("a", b"one")
    assert DirectoryStore(tmp_path).get("a").body == b"one"


class Failing:
    """An S3 client whose next calls fail with the errors given, then succeed."""

    def __init__(self, client: object, *errors: Exception) -> None:
        self._client = client
        self._errors = list(errors)

    def __getattr__(self, name: str) -> object:
        method = getattr(self._client, name)

        def call(**arguments: object) -> object:
            if self._errors:
                raise self._errors.pop(0)
            return method(**arguments)

        return call


def refusal(status: int, code: str, retries: int = 0) -> ClientError:
    about = {"HTTPStatusCode": status, "RetryAttempts": retries}
    return ClientError({"Error": {"Code": code}, "ResponseMetadata": about}, "PutObject")  # type: ignore[typeddict-item]


def failing(s3: S3Store, *errors: Exception) -> S3Store:
    return S3Store(s3.bucket, Failing(s3._client, *errors))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        refusal(503, "SlowDown"),
        refusal(500, "InternalError"),
        refusal(400, "RequestTimeout"),
        refusal(403, "RequestTimeTooSkewed"),
        EndpointConnectionError(endpoint_url="http://127.0.0.1:1"),
        ConnectTimeoutError(endpoint_url="http://127.0.0.1:1"),
        ReadTimeoutError(endpoint_url="http://127.0.0.1:1"),
        ConnectionClosedError(endpoint_url="http://127.0.0.1:1"),
    ],
)
def test_an_outage_is_transient(s3: S3Store, error: Exception) -> None:
    with pytest.raises(StoreUnavailable, match=r"try again|clock"):
        failing(s3, error).get("a")


def test_what_a_policy_forbids_fails_by_name(s3: S3Store) -> None:
    with pytest.raises(StoreRefused, match="policy"):
        failing(s3, refusal(403, "AccessDenied")).put("a", b"one")


def test_a_full_disk_is_transient_and_leaves_no_half_object(
    s3: S3Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("there is no /dev/full on this machine")
    monkeypatch.setattr("tempfile.SpooledTemporaryFile", lambda **_: full.open("wb", buffering=0))
    with pytest.raises(StoreUnavailable, match="disk"), s3.writer("big") as out:
        out.write(b"x" * 100)
    assert s3.head("big") is None


def test_a_refusal_after_an_answer_that_broke_off_is_a_success(s3: S3Store) -> None:
    s3.put("a", b"mine")
    broken = ResponseStreamingError(error="cut")
    assert failing(s3, broken, refusal(412, "PreconditionFailed")).put_if_absent("a", b"mine")
    assert not failing(s3, broken, refusal(412, "PreconditionFailed")).put_if_absent("a", b"other")


def test_a_conflict_is_sent_again(s3: S3Store) -> None:
    conflict = refusal(409, "ConditionalRequestConflict")
    assert failing(s3, conflict, conflict).put_if_absent("a", b"one")
    assert s3.get("a").body == b"one"


def test_a_refusal_of_our_own_earlier_attempt_is_a_success(s3: S3Store) -> None:
    etag = s3.put("a", b"mine")
    answered_twice = refusal(412, "PreconditionFailed", retries=1)
    assert failing(s3, answered_twice).put_if_absent("a", b"mine")
    assert failing(s3, answered_twice).swap_if_match("a", b"mine", "older") == etag
    assert not failing(s3, answered_twice).put_if_absent("a", b"other")


def test_a_missing_bucket_says_what_to_do(s3: S3Store) -> None:
    with pytest.raises(InvalidInput, match="no bucket elsewhere"):
        S3Store("elsewhere").get("a")
