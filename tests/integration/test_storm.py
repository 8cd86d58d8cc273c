"""Uploads under a storm in the embedded cloud: real functions and models end as one calm process does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.endpoints import Endpoints
from tests.faults.cloud_storm import CloudStorm, calm, stormy_cloud
from tests.faults.left import differences
from tests.faults.storm import GARBAGE
from tests.unit.vision_fixtures import needs_models

pytestmark = [pytest.mark.cloud, pytest.mark.models, needs_models]

UPLOADS, SEED = 200, 5


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    with stormy_cloud(tmp_path_factory.mktemp("home")) as endpoints:
        yield endpoints


def test_two_hundred_uploads_in_a_storm_end_as_in_calm(cloud: Endpoints, tmp_path: Path) -> None:
    storm = CloudStorm(cloud, UPLOADS, SEED).play()

    print(f"make storm SEED={SEED} UPLOADS={UPLOADS}: {dict(sorted(storm.happened.items()))}")
    assert all(storm.happened[kind] for kind in ("refused", "lost", "killed", "ended", "disordered"))
    wanted = calm(UPLOADS, SEED, cloud.uploads_bucket, tmp_path)
    assert len(wanted["records"]) > UPLOADS
    assert differences(wanted, storm.state()) == []
    assert storm.untold() == set()
    assert storm.dead() == [GARBAGE]
