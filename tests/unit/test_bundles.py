import hashlib
from datetime import UTC, datetime

import pytest

from shared.domain.errors import BundleInvalid, InvalidInput, LostRace, StoreUnavailable
from shared.storage import keys
from shared.storage.bundles import BundleRepository, LatestBundle, State, version_name
from shared.storage.store import DirectoryStore, Object, ObjectStore

FILES = {"category_patterns.json": b"{}", "face_clusters.pkl": b"\x80\x04", "report.html": b"<p>"}


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def bundles(store: ObjectStore) -> BundleRepository:
    return BundleRepository(store)


@pytest.fixture
def warm(directory: DirectoryStore) -> tuple[BundleRepository, LatestBundle, Clock]:
    bundles, clock = BundleRepository(directory), Clock()
    return bundles, LatestBundle(bundles, clock=clock), clock


def go_live(bundles: BundleRepository, version: str, **files: bytes) -> None:
    bundles.publish(version, f"run-{version}", {**FILES, **files})
    alias = bundles.alias()
    bundles.promote(version, alias.etag if alias else None)


def test_a_version_sorts_by_time_and_names_its_run() -> None:
    at = datetime(2025, 3, 1, 2, 3, 4, tzinfo=UTC)
    assert version_name("page-0123456789", at) == "20250301T020304Z-23456789"


def test_a_published_bundle_is_read_as_it_was(bundles: BundleRepository) -> None:
    bundles.publish("v1", "run", FILES, {"measured": {"after": 0.5}})
    bundle = bundles.load("v1")
    assert dict(bundle.files) == FILES
    assert bundle.manifest.about == {"measured": {"after": 0.5}}
    assert bundle.manifest.files["report.html"].sha256 == hashlib.sha256(b"<p>").hexdigest()
    with pytest.raises(KeyError):
        bundle.files["nothing"]


def test_a_retried_publication_keeps_the_first(bundles: BundleRepository) -> None:
    first = bundles.publish("v1", "run", FILES)
    assert bundles.publish("v1", "run", {**FILES, "report.html": b"<p>later"}) == first
    bundles.load("v1").verify()
    with pytest.raises(BundleInvalid, match="Run run published as v1"):
        bundles.publish("v1", "other", FILES)


def test_half_a_bundle_is_no_bundle(bundles: BundleRepository) -> None:
    bundles.store.put(keys.bundle("v1", "category_patterns.json"), b"{}")
    with pytest.raises(BundleInvalid, match="never published whole"):
        bundles.load("v1")
    with pytest.raises(BundleInvalid):
        bundles.promote("v1", None)
    assert bundles.alias() is None
    assert [listed.state for listed in bundles.list()] == [State.INCOMPLETE]


@pytest.mark.parametrize("body", [b"{ }", b"", None])
def test_a_file_that_is_not_the_published_one_is_named(bundles: BundleRepository, body: bytes | None) -> None:
    bundles.publish("v1", "run", FILES)
    key = keys.bundle("v1", "category_patterns.json")
    if body is None:
        bundles.store.delete(key)
    else:
        bundles.store.put(key, body)
    bundle = bundles.load("v1")
    assert bundle.files["report.html"] == b"<p>"
    bundle.verify(["report.html"])
    with pytest.raises(BundleInvalid, match=r"category_patterns\.json"):
        bundle.verify()
    with pytest.raises(BundleInvalid, match=r"category_patterns\.json"):
        bundles.promote("v1", None)


def test_a_manifest_that_is_not_the_promoted_one_is_refused(bundles: BundleRepository) -> None:
    go_live(bundles, "v1")
    manifest = bundles.load("v1").manifest
    bundles.store.put(keys.manifest("v1"), manifest.model_copy(update={"about": {"x": 1}}).to_json())
    with pytest.raises(BundleInvalid, match=r"manifest\.json"):
        bundles.latest()


def test_promotion_needs_the_alias_it_was_compared_with(bundles: BundleRepository) -> None:
    for version in ("v1", "v2", "v3"):
        bundles.publish(version, f"run-{version}", FILES)
    first = bundles.promote("v1", None)
    with pytest.raises(LostRace):
        bundles.promote("v2", None)
    second = bundles.promote("v2", first.etag)
    with pytest.raises(LostRace):
        bundles.promote("v3", first.etag)
    assert bundles.promote("v2", first.etag) == second
    assert (second.version, second.previous, second.run_id) == ("v2", "v1", "run-v2")
    assert bundles.alias() == second
    live = bundles.latest()
    assert live is not None
    assert live.version == "v2"


def test_a_rollback_goes_to_the_one_before_or_the_one_named(bundles: BundleRepository) -> None:
    with pytest.raises(InvalidInput, match="No bundle is live"):
        bundles.rollback()
    go_live(bundles, "v1")
    with pytest.raises(InvalidInput, match="no bundle before v1"):
        bundles.rollback()
    go_live(bundles, "v2")
    go_live(bundles, "v3")
    assert bundles.rollback().version == "v2"
    assert bundles.rollback("v1").version == "v1"
    with pytest.raises(BundleInvalid):
        bundles.rollback("v0")
    states = {listed.version: listed.state for listed in bundles.list()}
    assert states == {"v3": State.PUBLISHED, "v2": State.PUBLISHED, "v1": State.LIVE}


def test_a_warm_function_asks_at_most_once_a_minute(
    warm: tuple[BundleRepository, LatestBundle, Clock],
) -> None:
    bundles, latest, clock = warm
    assert latest.current() is None
    go_live(bundles, "v1")
    assert latest.current() is None
    clock.now = 60
    first = latest.current()
    assert first is not None
    assert first.version == "v1"
    go_live(bundles, "v2")
    clock.now = 119
    assert latest.current() is first
    clock.now = 120
    second = latest.current()
    assert second is not None
    assert second.version == "v2"
    clock.now = 180
    assert latest.current() is second


def spoil(bundles: BundleRepository, version: str) -> None:
    bundles.store.put(keys.bundle(version, "report.html"), b"spoiled")


def test_a_bundle_that_does_not_verify_leaves_the_old_one_in_use_and_says_so(
    warm: tuple[BundleRepository, LatestBundle, Clock],
) -> None:
    bundles, latest, clock = warm
    go_live(bundles, "v1")
    first = latest.current()
    go_live(bundles, "v2")
    spoil(bundles, "v2")
    clock.now = 60
    assert latest.current() is first
    assert latest.problem is not None
    assert "report.html" in latest.problem
    go_live(bundles, "v3")
    clock.now = 120
    third = latest.current()
    assert third is not None
    assert (third.version, latest.problem) == ("v3", None)


def test_a_cold_function_falls_back_on_the_bundle_before(
    warm: tuple[BundleRepository, LatestBundle, Clock],
) -> None:
    bundles, latest, _ = warm
    go_live(bundles, "v1")
    go_live(bundles, "v2")
    spoil(bundles, "v2")
    bundle = latest.current()
    assert bundle is not None
    assert bundle.version == "v1"
    assert latest.problem is not None


def test_a_broken_alias_is_a_problem_not_a_crash(
    warm: tuple[BundleRepository, LatestBundle, Clock],
) -> None:
    bundles, latest, _ = warm
    bundles.store.put(keys.LATEST, b"{")
    assert latest.current() is None
    assert latest.problem is not None


def test_only_what_is_needed_is_read_first(directory: DirectoryStore) -> None:
    bundles = BundleRepository(directory)
    go_live(bundles, "v1")
    spoil(bundles, "v1")
    bundle = LatestBundle(bundles, needs=["category_patterns.json"]).current()
    assert bundle is not None
    with pytest.raises(BundleInvalid):
        bundle.files["report.html"]


def test_an_outage_keeps_the_bundle_in_use(
    warm: tuple[BundleRepository, LatestBundle, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    bundles, latest, clock = warm
    go_live(bundles, "v1")
    first = latest.current()

    def fail(key: str, etag: str) -> Object:
        raise StoreUnavailable("no answer: try again")

    monkeypatch.setattr(bundles.store, "get_if_changed", fail)
    clock.now = 60
    assert latest.current() is first
    with pytest.raises(StoreUnavailable):
        LatestBundle(bundles).current()


def test_a_taken_down_alias_is_taken_down(warm: tuple[BundleRepository, LatestBundle, Clock]) -> None:
    bundles, latest, clock = warm
    go_live(bundles, "v1")
    assert latest.current() is not None
    bundles.store.delete(keys.LATEST)
    clock.now = 60
    assert latest.current() is None
