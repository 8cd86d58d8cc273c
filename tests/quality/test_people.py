"""People on the reported half of the evaluation faces: floors that no change may fall below."""

import pytest

from shared.learning.faces import group
from shared.services.evaluation.base import bootstrap
from shared.services.evaluation.clusters import Agreement
from shared.services.evaluation.face_baselines import BASELINES
from shared.services.evaluation.people import PRECISION, LabelledFaces, chosen_on, curve, load, open_set
from tests.bench.faces import data_folder

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def reported() -> LabelledFaces:
    if not (data_folder() / "faces").is_dir():
        pytest.skip(f"no evaluation data at {data_folder()} (set EYE_DATA)")
    faces = load(data_folder())
    return faces.take(~chosen_on(faces.identities))


@pytest.fixture(scope="module")
def learned(reported: LabelledFaces) -> Agreement:
    return Agreement.of(reported.identities, reported.groups(group(reported.sums(), PRECISION)))


def test_people_are_grouped_right(learned: Agreement) -> None:
    assert learned.bcubed()[2] >= 0.955
    assert learned.pairwise() >= 0.930


@pytest.mark.parametrize("name", ["chinese_whispers_0.5", "average_linkage"])
def test_people_are_grouped_better_than_by(name: str, learned: Agreement, reported: LabelledFaces) -> None:
    for method in BASELINES[name]:
        baseline = Agreement.of(reported.identities, method(reported.encodings))
        lead = bootstrap(
            learned.identities,
            lambda drawn, other=baseline: learned.bcubed(drawn)[2] - other.bcubed(drawn)[2],
            resamples=300,
        )
        assert lead.low is not None
        assert lead.low > 0


def test_new_faces_of_named_people_are_given_precisely(reported: LabelledFaces) -> None:
    figures = open_set(reported, named=True)

    assert figures["named_precision"].value >= 0.98
    assert figures["named_recall"].value >= 0.85


def test_few_answers_set_much_right(learned: Agreement, reported: LabelledFaces) -> None:
    figures = curve(reported)

    assert learned.bcubed()[2] < figures["bcubed_f_3pct_asked"].value < figures["bcubed_f_5pct_asked"].value
    assert figures["bcubed_f_5pct_asked"].value >= 0.975
