"""The parts of phase 3: neighbours, agglomeration, exemplars, votes, and the measures they are judged by."""

from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import fcluster, linkage

from shared.domain import pickles
from shared.domain.errors import InvalidInput
from shared.domain.observation import Box, Face
from shared.domain.people import NamePerson
from shared.domain.record import Source
from shared.learning.faces import agglomeration, exemplars
from shared.learning.faces.agglomeration import Tree, agglomerate
from shared.learning.faces.clustering import DEFAULTS, cluster
from shared.learning.faces.constraints import Constraints
from shared.learning.faces.neighbours import _approximate, _exact, nearest, unit
from shared.services.evaluation.clusters import Agreement
from tests.unit.faces_library import Library, Log, holder

LEVELS = [0.9, 0.8, 0.7]
NONE = np.zeros((0, 2), np.int64)


def _points(seed: int, n: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(n // 5 + 1, 8))
    return unit(
        (centres[rng.integers(0, len(centres), n)] + 0.5 * rng.normal(size=(n, 8))).astype(np.float32)
    )


def _every_pair(n: int) -> np.ndarray:
    return np.stack(np.triu_indices(n, 1), axis=1).astype(np.int64)


def _grow(points: np.ndarray, *, distinct: np.ndarray | None = None, apart: np.ndarray = NONE) -> Tree:
    n = len(points)
    free = np.full(n, -1, np.int64) if distinct is None else distinct
    ones = np.ones(n, np.int64)
    return agglomerate(points.copy(), ones, _every_pair(n), LEVELS, distinct=free, apart=apart)


@pytest.mark.parametrize("seed", range(6))
def test_agglomeration_on_a_full_graph_is_average_linkage(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    points = _points(seed, 60)
    average = linkage(points.astype(np.float64), "average", "cosine")
    expected = fcluster(average, 1 - LEVELS[-1], "distance").astype(np.str_)

    hurried = _grow(points)
    monkeypatch.setattr(agglomeration, "GROWTH", 0.0)
    mutual = _grow(points)

    assert Agreement.of(expected, mutual.cut(mutual.similarity >= LEVELS[-1])).bcubed()[2] == 1
    assert Agreement.of(expected, hurried.cut(hurried.similarity >= LEVELS[-1])).bcubed()[2] > 0.95


def test_agglomeration_merges_the_most_alike_first() -> None:
    tree = _grow(_points(1, 80))

    level = np.searchsorted(-np.array(LEVELS), -tree.similarity)
    assert (np.diff(level) >= 0).all()


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 99),
    apart=st.lists(st.tuples(st.integers(0, 29), st.integers(0, 29)), max_size=25),
    marks=st.lists(st.integers(-1, 3), min_size=30, max_size=30),
)
def test_no_merge_crosses_a_cannot_link(seed: int, apart: list[tuple[int, int]], marks: list[int]) -> None:
    pairs = np.array([pair for pair in apart if pair[0] != pair[1]], dtype=np.int64).reshape(-1, 2)

    tree = _grow(_points(seed, 30), distinct=np.array(marks), apart=pairs)

    label = tree.cut(np.ones(len(tree.pairs), dtype=bool))
    assert (label[pairs[:, 0]] != label[pairs[:, 1]]).all()
    for group in range(label.max() + 1):
        assert len({mark for mark, at in zip(marks, label, strict=True) if at == group and mark >= 0}) <= 1


def test_a_crowd_joins_its_centre_in_few_rounds() -> None:
    rng = np.random.default_rng(0)
    points = unit((np.eye(1, 64)[0] + 0.05 * rng.normal(size=(3_000, 64))).astype(np.float32))
    near = nearest(points, 8)
    rows = np.repeat(np.arange(3_000), 8)
    edges = np.unique(np.sort(np.stack([rows, near.index.ravel()], axis=1), axis=1), axis=0).astype(np.int64)

    tree = agglomerate(
        points, np.ones(3_000, np.int64), edges, [0.5], distinct=np.full(3_000, -1), apart=NONE
    )

    assert tree.cut(tree.similarity >= 0.5).max() == 0


@pytest.mark.parametrize("dimensions", [7, 8])
def test_approximate_neighbours_are_nearly_the_exact_ones_and_repeat(dimensions: int) -> None:
    points = unit(_points(3, 2_000)[:, :dimensions])

    exact, approximate = _exact(points, 10), _approximate(points, 10)

    shared = [len(set(a) & set(b)) / 10 for a, b in zip(exact.index, approximate.index, strict=True)]
    assert np.mean(shared) > 0.85
    assert np.array_equal(approximate.index, _approximate(points, 10).index)
    assert not (exact.index == np.arange(2_000)[:, None]).any()
    assert not (approximate.index == np.arange(2_000)[:, None]).any()


def test_copies_of_one_face_are_each_others_neighbours() -> None:
    points = _points(4, 1_000)
    points[:200] = points[0]

    found = _approximate(points, 10)

    assert found.cosine[:200] == pytest.approx(1, abs=1e-4)
    assert not (found.index == np.arange(1_000)[:, None]).any()


def _cut_of(strangers: float) -> float:
    """The cut that 200 people with three faces each get, of whom any two are as alike as `strangers`."""
    rng = np.random.default_rng(0)
    own = np.repeat(unit(rng.normal(size=(200, 128)).astype(np.float32)), 3, axis=0)
    noise = 0.05 * unit(rng.normal(size=(600, 128)).astype(np.float32))
    units = unit(np.sqrt(strangers) * np.eye(1, 128, dtype=np.float32) + np.sqrt(1 - strangers) * own + noise)
    found = Constraints(np.arange(600), (), 600, NONE)
    clustering = cluster(units, nearest(units, DEFAULTS.neighbours), found)
    return float(clustering.tree.similarity[0] - clustering.margin[0])


def test_the_cut_rises_with_how_alike_strangers_are_but_not_for_ever() -> None:
    assert _cut_of(0.9) + 0.001 < _cut_of(0.91) < DEFAULTS.highest
    assert _cut_of(0.93) == pytest.approx(DEFAULTS.highest, abs=1e-6)


@pytest.mark.parametrize("n", [0, 1, 2, 5])
def test_neighbours_of_very_few(n: int) -> None:
    found = nearest(_points(0, max(n, 1))[:n], 16)

    assert found.index.shape == found.cosine.shape == (n, max(0, min(16, n - 1)))


def test_exemplars_are_few_typical_and_spread() -> None:
    rng = np.random.default_rng(0)
    looks = unit(rng.normal(size=(4, 16)).astype(np.float32)) + 2 * np.eye(1, 16)
    faces = unit((looks[np.arange(200) % 4] + 0.05 * rng.normal(size=(200, 16))).astype(np.float32))
    stray = -faces[:1]
    units = np.concatenate([faces, stray])

    chosen = exemplars.choose(units, np.zeros(201, dtype=bool))

    assert len(chosen) == exemplars.EXEMPLARS
    assert 200 not in chosen
    assert {int(row) % 4 for row in chosen[:4]} == {0, 1, 2, 3}


def test_exemplars_of_all_people_keep_to_a_budget() -> None:
    sizes = np.array([50] * 10 + [2] * 100)

    limit = exemplars.allowance(sizes, 250)

    assert np.minimum(sizes, limit).sum() <= 250 < np.minimum(sizes, limit + 1).sum()


def test_a_new_photo_shows_each_person_once_and_strangers_not_at_all() -> None:
    library = Library()
    for person in range(4):
        library.add(person, 6)
    learned = library.train()
    first, second = learned.people[0], learned.people[1]
    real = {p.id: library.truth[p.faces[0]] for p in learned.people}
    new = library.add(real[first.id], 2, noise=0.1) + library.add(real[second.id], 1, noise=0.1)
    new += library.add(300)

    box = Box(0, 0, 0.1, 0.1)
    shown = learned.appearances(
        [Face(face, box, 1.0, library.encoding(face).astype(np.float32), 0.9) for face in new]
    )

    assert sorted(appearance.person_id for appearance in shown) == sorted([first.id, second.id])
    assert all(appearance.score > 0.75 and appearance.source is Source.LEARNED for appearance in shown)


def test_faces_of_the_training_keep_their_person_on_upload() -> None:
    library = Library()
    named = library.add(0, 3, name="Ada")
    library.add(1, 3)
    learned = library.train()

    box = Box(0, 0, 0.1, 0.1)
    (shown,) = learned.appearances([Face(named[0], box, 1.0, np.zeros(128, np.float32), 0.9)])

    assert (shown.name, shown.score, shown.source) == ("Ada", 1.0, Source.OWNER)
    assert shown.person_id == holder(learned, named[0])


def test_nobody_is_in_a_photo_from_before_their_birth() -> None:
    library = Library()
    library.add(0, 6)
    library.add(1, 6)
    first = library.train()
    log = Log()
    log.say(NamePerson(first.people[0].id, "Young", date(2000, 1, 1)))
    learned = library.train(log.events, first)
    new = library.add(library.truth[first.people[0].faces[0]], 1, noise=0.1)[0]

    face = Face(new, Box(0, 0, 0.1, 0.1), 1.0, library.encoding(new).astype(np.float32), 0.9)

    assert learned.appearances([face], datetime(2010, 5, 5))[0].name == "Young"
    assert learned.appearances([face], datetime(1990, 5, 5)) == ()


def test_bcubed_and_pairwise_of_a_worked_example() -> None:
    identity = np.array(["a", "a", "a", "b", "b"])
    group = np.array([0, 0, 1, 1, 1])

    agreement = Agreement.of(identity, group)

    precision, recall, _ = agreement.bcubed()
    assert precision == pytest.approx((1 + 1 + 1 / 3 + 2 / 3 + 2 / 3) / 5)
    assert recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3 + 1 + 1) / 5)
    assert agreement.pairwise() == pytest.approx(0.5)


def test_a_bootstrap_sample_of_every_identity_is_the_whole() -> None:
    rng = np.random.default_rng(0)
    agreement = Agreement.of(rng.integers(0, 9, 50).astype(np.str_), rng.integers(0, 7, 50))

    everyone = np.arange(agreement.identities)

    assert agreement.bcubed(everyone) == pytest.approx(agreement.bcubed())
    assert agreement.pairwise(everyone) == pytest.approx(agreement.pairwise())
    assert agreement.bcubed(np.repeat(everyone, 2))[1] == pytest.approx(agreement.bcubed()[1])


@settings(max_examples=30)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text() | st.binary() | st.floats(allow_nan=False),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_plain_data_survives_pickling(value: object) -> None:
    assert pickles.loads(pickles.dumps(value)) == value


@pytest.mark.parametrize(
    "body", [b"", b"junk", b"cos\nsystem\n(S'true'\ntR.", b"\x80\x04\x8c\x02os\x8c\x06system\x93."]
)
def test_a_pickle_that_names_code_or_is_none_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidInput):
        pickles.loads(body)


def test_only_plain_data_is_pickled() -> None:
    with pytest.raises(InvalidInput, match="ndarray"):
        pickles.dumps({"vectors": np.zeros(3)})
