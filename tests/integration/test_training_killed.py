"""A training whose processes are killed in the embedded cloud ends with the bundle of a calm one."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from infra.local.endpoints import Endpoints
from shared.storage import aws, executions
from shared.storage.bundles import BundleRepository
from shared.storage.locks import TrainingLock
from shared.storage.records import RecordRepository
from shared.storage.store import ObjectStore, S3Store
from tests.faults.cloud_storm import stormy_cloud, weather
from tests.faults.memory_store import Clock, MemoryStore
from tests.faults.training import Trainings, learned
from tests.integration.waiting import eventually
from tests.synthetic_library import NARROW, SyntheticLibrary
from tests.unit.deployed import start_anew
from tests.unit.vision_fixtures import needs_models

pytestmark = [pytest.mark.cloud, pytest.mark.models, needs_models]

PHOTOS = 30
IN_THE_MIDDLE = 6
ONCE = [[function, IN_THE_MIDDLE] for function in ("export", "categories", "faces", "report")]
TWICE = [["report", IN_THE_MIDDLE], ["report", 2 * IN_THE_MIDDLE]]


def fill(library: ObjectStore) -> None:
    for record in SyntheticLibrary(PHOTOS, widths=NARROW, worded=1.0):
        RecordRepository(library).update(record.photo_id, lambda _, made=record: made)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """A library of analyzed photos that nobody trained on yet."""
    with stormy_cloud(tmp_path_factory.mktemp("home")) as endpoints:
        fill(S3Store(endpoints.library_bucket))
        yield endpoints


@pytest.fixture(scope="module")
def calm(cloud: Endpoints) -> dict[str, Any]:
    """What one process that nothing happens to learns of the same photos."""
    library = MemoryStore(Clock())
    fill(library)
    with pytest.MonkeyPatch.context() as patch:
        trainings = Trainings(library, patch)
        trainings.process()
        assert trainings.run("calm") == "completed"
    start_anew()
    return learned(library)


def train(cloud: Endpoints) -> str:
    """Run a training to its end; returns how it ended."""
    arn = executions.start(cloud.state_machine_arn, f"t-{uuid.uuid4().hex[:20]}", {"force": True})
    assert eventually(lambda: executions.ended(arn), seconds=300), "the training never ended"
    return aws.stepfunctions().describe_execution(executionArn=arn)["status"]


def test_steps_killed_once_in_the_middle_are_taken_again(cloud: Endpoints, calm: dict[str, Any]) -> None:
    weather(cloud, {"strikes": ONCE})

    assert train(cloud) == "SUCCEEDED"

    assert weather(cloud)["struck"] == len(ONCE)
    assert learned(S3Store(cloud.library_bucket)) == calm


def test_a_step_killed_twice_fails_the_training_and_the_next_one_ends_as_in_calm(
    cloud: Endpoints, calm: dict[str, Any]
) -> None:
    library = S3Store(cloud.library_bucket)
    before = BundleRepository(library).alias()
    weather(cloud, {"strikes": TWICE})

    assert train(cloud) == "FAILED"
    assert weather(cloud, {})["struck"] == len(TWICE)
    assert BundleRepository(library).alias() == before
    assert TrainingLock(library, executions.ended).holder() is None

    assert train(cloud) == "SUCCEEDED"
    assert BundleRepository(library).alias() != before
    assert learned(library) == calm
