"""The library read through the native client, as functions do, against a bucket of the embedded cloud."""

from itertools import product

import pytest

from infra.local.endpoints import REGION
from shared.domain.errors import InvalidInput, ObjectMissing, StoreUnavailable
from shared.storage.native_reader import NativeReader
from shared.storage.s3_store import S3Store
from tests.integration.probe_cloud import ProbeCloud

pytestmark = pytest.mark.cloud

BUCKET = "native-library"
PREFIXES = ("", "records/", "records/0", "records/a", "records/ab", "records/ab.json")


@pytest.fixture
def store(probes: ProbeCloud, monkeypatch: pytest.MonkeyPatch) -> S3Store:
    settings = {"ENDPOINT_URL": probes.endpoint, "REGION": REGION, "ACCESS_KEY_ID": "test"}
    for name, value in {**settings, "SECRET_ACCESS_KEY": "test"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    client = probes.client("s3")
    client.create_bucket(Bucket=BUCKET)
    for entry in S3Store(BUCKET, client).list():
        client.delete_object(Bucket=BUCKET, Key=entry.key)
    return S3Store(BUCKET, client, NativeReader(BUCKET))


def test_what_botocore_wrote_is_read_with_its_etag(store: S3Store) -> None:
    etag = store.put("records/ab.json", b"{}")

    found = store.get("records/ab.json")

    assert (found.body, found.etag) == (b"{}", etag)


def test_a_missing_object_is_named(store: S3Store) -> None:
    with pytest.raises(ObjectMissing, match=r"records/ab\.json"):
        store.get("records/ab.json")


def test_parts_of_an_object_are_read_as_of_a_file(store: S3Store) -> None:
    store.put("dataset/all/a.parquet", bytes(range(100)))

    with store.open("dataset/all/a.parquet") as file:
        assert file.read(2) == b"\x00\x01"
        file.seek(-3, 2)
        assert (file.read(), file.read(1), file.tell()) == (b"abc", b"", 100)
    with pytest.raises(ObjectMissing, match=r"b\.parquet"):
        store.open("dataset/all/b.parquet")


def test_a_missing_bucket_is_named(store: S3Store) -> None:
    with pytest.raises(InvalidInput, match="There is no bucket elsewhere"):
        NativeReader("elsewhere").get("records/ab.json")


def test_a_listing_is_what_botocore_lists(store: S3Store) -> None:
    for name in ("dataset/index.json", *(f"records/{i:02x}.json" for i in range(0, 256, 9)), "recordsets/a"):
        store.put(name, name.encode())
    plain = S3Store(BUCKET, store._client)

    for prefix, after in product(PREFIXES, ("", "records/a9.json", "records/ab.json")):
        assert list(store.list(prefix, after)) == list(plain.list(prefix, after))


def test_no_answer_is_worth_another_try(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.storage.native_reader.RETRIES", {"max_retries": 0})
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(StoreUnavailable):
        NativeReader(BUCKET).get("records/ab.json")
