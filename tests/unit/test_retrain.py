"""A training starts when there is reason to, and says why or why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from shared.domain.record import Status
from shared.services.retrain import Situation, decide, due_at
from shared.services.retrainer import Retrainer
from shared.services.schedule import next_firing
from shared.storage.bundles import BundleRepository
from shared.storage.locks import TrainingLock
from shared.storage.records import RecordRepository
from shared.storage.store import DirectoryStore
from tests.unit.api_records import record

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
QUIET = Situation(
    trained_at=NOW - timedelta(days=3),
    photos=1_000,
    new_photos=0,
    new_corrections=0,
    new_categories=False,
    last_change=NOW - timedelta(hours=1),
    running=False,
)


def test_decide_with_nothing_new_waits() -> None:
    assert not decide(QUIET, NOW).start


def test_decide_after_many_new_photos_starts() -> None:
    decision = decide(replace(QUIET, new_photos=500), NOW)

    assert decision.start
    assert decision.reasons == ("500 new photos since the last training",)


def test_decide_while_photos_still_arrive_waits() -> None:
    arriving = replace(QUIET, new_photos=800, last_change=NOW - timedelta(minutes=1))

    assert not decide(arriving, NOW).start


def test_decide_after_one_correction_starts() -> None:
    assert decide(replace(QUIET, new_corrections=1), NOW).start


def test_decide_while_training_never_starts_another() -> None:
    assert not decide(replace(QUIET, new_photos=5_000, running=True), NOW).start


def test_decide_with_a_few_photos_says_how_many_are_missing() -> None:
    decision = decide(replace(QUIET, new_photos=20), NOW)

    assert not decision.start
    assert "30 more" in decision.reasons[0]


def test_decide_renews_an_old_bundle_only_if_anything_is_new() -> None:
    old = replace(QUIET, trained_at=NOW - timedelta(days=40))

    assert not decide(old, NOW).start
    assert decide(replace(old, new_photos=1), NOW).start


def test_decide_starts_the_first_training_of_a_library() -> None:
    first = replace(QUIET, trained_at=None, new_photos=12)

    assert decide(first, NOW).start


def test_decide_tries_what_failed_again_after_a_day() -> None:
    failed = replace(QUIET, new_corrections=1, failed_at=NOW - timedelta(minutes=20))

    assert not decide(failed, NOW).start
    assert "tried again on 02 June at 11:40 UTC" in decide(failed, NOW).reasons[0]
    assert decide(failed, NOW + timedelta(days=1)).start
    assert due_at(failed, NOW) == NOW + timedelta(hours=23, minutes=40)


def test_decide_tries_what_failed_again_as_soon_as_something_is_new() -> None:
    mended = replace(
        QUIET,
        new_corrections=2,
        failed_at=NOW - timedelta(minutes=50),
        last_change=NOW - timedelta(minutes=15),
    )

    assert decide(mended, NOW).start


def test_due_at_waits_until_it_is_quiet() -> None:
    arriving = replace(QUIET, new_photos=800, last_change=NOW - timedelta(minutes=1))

    assert due_at(arriving, NOW) == NOW + timedelta(minutes=9)
    assert due_at(replace(QUIET, new_photos=500), NOW) == NOW


def test_due_at_with_a_few_photos_is_when_the_bundle_is_old() -> None:
    assert due_at(replace(QUIET, new_photos=3), NOW) == NOW + timedelta(days=27)


def test_due_at_is_never_where_nothing_is_new_or_a_training_runs() -> None:
    assert due_at(QUIET, NOW) is None
    assert due_at(replace(QUIET, new_photos=900, running=True), NOW) is None


@pytest.mark.parametrize(
    ("schedules", "expected"),
    [
        (["cron(0/15 * * * ? *)"], datetime(2026, 6, 1, 12, 0, tzinfo=UTC)),
        (["cron(0 2 ? * SUN *)"], datetime(2026, 6, 7, 2, 0, tzinfo=UTC)),
        (["cron(0 2 ? * SUN *)", "cron(0/15 * * * ? *)"], datetime(2026, 6, 1, 12, 0, tzinfo=UTC)),
        (["cron(30 13 1 JUN ? 2026)"], datetime(2026, 6, 1, 13, 30, tzinfo=UTC)),
        (["rate(15 minutes)"], None),
        (["cron(nonsense)", "cron(61 * * * ? *)"], None),
        (["cron(0 2 ? * SUN 2020)"], None),
        ([], None),
    ],
)
def test_next_firing_is_the_first_a_schedule_names(schedules: list[str], expected: datetime | None) -> None:
    assert next_firing(schedules, NOW) == expected


def test_next_firing_is_told_in_utc_wherever_the_clock_is() -> None:
    tokyo = NOW.astimezone(timezone(timedelta(hours=9))) + timedelta(minutes=1)

    assert next_firing(["cron(0/15 * * * ? *)"], tokyo) == datetime(2026, 6, 1, 12, 15, tzinfo=UTC)


def test_photos_that_no_training_takes_in_are_no_reason_for_one(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    records = RecordRepository(store)
    lock = TrainingLock(store, lambda _execution: True)
    retrainer = Retrainer(store, records, BundleRepository(store), lock, lambda _name, _value: "started")
    unreadable = replace(
        record("a" * 32), observation=None, enhancement=None, status=Status.QUARANTINED, reason="broken"
    )
    deleted = replace(record("b" * 32), observation=None, enhancement=None, status=Status.DELETED)
    for gone in (unreadable, deleted):
        records.update(gone.photo_id, lambda _, gone=gone: gone)
    assert retrainer.situation({}).photos == 0
    assert retrainer.ask({})["reasons"] == ["There are no photos yet"]

    records.update("c" * 32, lambda _: record("c" * 32))
    found = retrainer.situation({})
    assert (found.photos, found.new_photos) == (1, 1)
