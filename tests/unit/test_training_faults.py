"""A training that is killed, stopped or rained upon resumes or restarts without harm."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from shared.domain.corrections import AddTag
from shared.domain.errors import TrainingBusy
from shared.domain.people import IgnoreFace
from shared.domain.record import Status
from shared.services.gate import Verdict
from shared.services.retrain import Situation
from shared.services.retrainer import Retrainer
from shared.storage import keys
from shared.storage.bundles import BundleRepository
from shared.storage.corrections import CorrectionRepository, PeopleLog
from shared.storage.locks import TrainingLock
from shared.storage.records import RecordRepository
from shared.storage.runs import Run
from tests.faults.faulty_store import Killed, Weather
from tests.faults.memory_store import Clock, MemoryStore
from tests.faults.training import SEQUENCE, Trainings, learned, one_thread
from tests.synthetic_library import NARROW, SyntheticLibrary
from tests.unit.deployed import start_anew

PHOTOS = 30
DRIZZLE = Weather(refuse=0.01, lose=0.005)


@pytest.fixture(scope="module")
def worded() -> MemoryStore:
    """A library that nobody trained on yet."""
    library = MemoryStore(Clock())
    for record in SyntheticLibrary(PHOTOS, widths=NARROW, worded=1.0):
        RecordRepository(library).update(record.photo_id, lambda _, made=record: made)
    return library


@pytest.fixture
def trainings(worded: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trainings]:
    for name, value in {
        "AWS_DEFAULT_REGION": "us-east-1",
        "UPLOADS_BUCKET": "avinash-eye-uploads",
        "LIBRARY_BUCKET": "avinash-eye-library",
        "MODELS_DIR": "models",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))
    with one_thread():
        yield Trainings(copy.deepcopy(worded), monkeypatch)
    monkeypatch.undo()
    start_anew()


@pytest.fixture(scope="module")
def calm(worded: MemoryStore) -> tuple[dict[str, Any], int]:
    """What a training learns that nothing disturbs, and how many requests it takes."""
    with pytest.MonkeyPatch.context() as patch, one_thread():
        for name in ("UPLOADS_BUCKET", "LIBRARY_BUCKET"):
            patch.setenv(name, "avinash-eye-library")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        trainings = Trainings(copy.deepcopy(worded), patch)
        process = trainings.process()
        assert trainings.run("calm") == "completed"
        bundle = learned(trainings.library)
    start_anew()
    return bundle, process.requests


def killed_at(trainings: Trainings, run_id: str, request: int) -> int:
    """Run until a request is never answered; returns the step it was in."""
    began: list[int] = []
    trainings.process(last=request)
    with pytest.raises(Killed):
        trainings.run(run_id, killed=began.append)
    return began[-1]


Calm = tuple[dict[str, Any], int]


@pytest.mark.parametrize("share", [0.5, 0.97])
def test_a_training_killed_anywhere_restarts_to_the_same_bundle(
    trainings: Trainings, calm: Calm, share: float
) -> None:
    bundle, requests = calm
    killed_at(trainings, "killed", int(share * requests))
    trainings.running = set()

    trainings.process()
    status = trainings.run("again")

    assert status == "completed"
    assert learned(trainings.library) == bundle
    assert TrainingLock(trainings.library, lambda _: False).holder() is None


@pytest.mark.parametrize("share", [0.75])
def test_a_step_killed_anywhere_resumes_to_the_same_bundle(
    trainings: Trainings, calm: Calm, share: float
) -> None:
    bundle, requests = calm
    step = killed_at(trainings, "run", int(share * requests))

    trainings.process()
    status = trainings.run("run", after=step)

    assert status == "completed"
    assert learned(trainings.library) == bundle


def test_a_training_in_bad_weather_learns_the_same(trainings: Trainings, calm: Calm) -> None:
    process = trainings.process(DRIZZLE, seed=3)

    assert trainings.run("rained-upon") == "completed"
    assert process.happened["refused"] + process.happened["lost"] > 0
    assert learned(trainings.library) == calm[0]


def test_a_stopped_training_never_takes_the_place_of_the_one_started_after_it(
    trainings: Trainings,
) -> None:
    last = len(SEQUENCE) - 1

    def stop_before_the_report(number: int) -> None:
        if number == last:
            raise Killed

    trainings.process()
    with pytest.raises(Killed):
        trainings.run("stopped", killed=stop_before_the_report)
    trainings.running = set()
    assert trainings.run("started") == "completed"
    before = BundleRepository(trainings.library).alias()

    trainings.running = set()
    with pytest.raises(TrainingBusy, match="stopped"):
        trainings.run("stopped", after=last)

    assert BundleRepository(trainings.library).alias() == before


def test_a_photo_deleted_during_a_training_is_not_in_the_next_bundle(trainings: Trainings) -> None:
    records = RecordRepository(trainings.library)
    gone, _ = next(iter(records.list()))

    def delete(number: int) -> None:
        if SEQUENCE[number] == ("faces", "observe"):
            records.update(gone, lambda record: record and replace(record, **DELETED))

    trainings.process()
    assert trainings.run("during", killed=delete) == "completed"
    trainings.process()
    trainings.run("after")

    bundle = BundleRepository(trainings.library).latest()
    assert bundle is not None
    assert bundle.manifest.about["photos"] == PHOTOS - 1
    answers = json.loads(bundle.files["improved_descriptions.json"])
    assert gone not in {answer["id"] for answer in answers}


DELETED = {"status": Status.DELETED, "observation": None, "enhancement": None}


def situation(trainings: Trainings) -> Situation:
    library = trainings.library
    retrainer = Retrainer(
        library,
        RecordRepository(library),
        BundleRepository(library),
        TrainingLock(library, lambda _: True),
        lambda name, _: name,
    )
    return retrainer.situation({})


def said_since(trainings: Trainings) -> int:
    return situation(trainings).new_corrections


def test_what_is_said_during_a_training_is_a_reason_for_the_next_one(trainings: Trainings) -> None:
    people = PeopleLog(trainings.library)

    def say(number: int) -> None:
        if SEQUENCE[number] == ("faces", "observe"):
            people.add(IgnoreFace("0" * 32))

    trainings.process()
    assert trainings.run("during", killed=say) == "completed"
    assert said_since(trainings) == 1

    trainings.process()
    assert trainings.run("after") == "completed"
    assert said_since(trainings) == 0


def test_what_taught_nothing_new_is_no_reason_for_ever(trainings: Trainings) -> None:
    trainings.process()
    assert trainings.run("first") == "completed"
    CorrectionRepository(trainings.library).add("f" * 32, AddTag("of a photo that is gone"))
    assert said_since(trainings) == 1

    trainings.process()
    assert trainings.run("second", force=False) == "nothing_new"

    assert said_since(trainings) == 0
    assert Run(trainings.library, "second").json("training_report.json")["status"] == "nothing_new"


def test_what_was_refused_is_no_reason_for_ever(
    trainings: Trainings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.services.report.judge", lambda *_, **__: Verdict(False, ("worse",)))
    trainings.process()
    assert trainings.run("refused") == "refused"

    found = situation(trainings)
    assert (found.new_photos, found.new_corrections, found.failed_at) == (0, 0, None)

    CorrectionRepository(trainings.library).add("f" * 32, AddTag("new"))
    assert said_since(trainings) == 1


def test_what_was_rolled_back_is_not_learned_again(trainings: Trainings) -> None:
    for run_id in ("first", "second"):
        CorrectionRepository(trainings.library).add("f" * 32, AddTag(run_id))
        trainings.process()
        assert trainings.run(run_id) == "completed"

    BundleRepository(trainings.library).rollback()

    assert said_since(trainings) == 0


def test_what_was_stopped_is_known_to_have_failed(trainings: Trainings, calm: Calm) -> None:
    killed_at(trainings, "killed", calm[1] // 2)

    assert situation(trainings).failed_at is not None


def test_the_schedule_goes_on_when_the_files_of_the_last_training_have_expired(trainings: Trainings) -> None:
    trainings.process()
    assert trainings.run("long-ago") == "completed"
    for entry in list(trainings.library.list(keys.RUNS)):
        trainings.library.delete(entry.key)

    found = situation(trainings)

    assert (found.photos, found.new_photos, found.new_corrections) == (PHOTOS, 0, 0)
