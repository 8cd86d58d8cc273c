"""The same shards in any order, and in any process, give the same bytes; other shards the same answers."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import reduce
from itertools import islice, pairwise
from operator import add
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from shared.domain import arrays
from shared.domain.dataset import Options, Plan, Shard
from shared.domain.pickles import loads as unpickle
from shared.enhance import enhance
from shared.learning import categories, descriptions, faces, search_index
from shared.learning.patterns import Patterns
from shared.learning.planning import count, landmark_ids, number_bursts, plan
from shared.storage import rows
from shared.storage.records import Stored
from shared.vision.faces import ENCODING_SPACE
from shared.vision.generic import generic_tags
from tests.synthetic_library import NARROW, SyntheticLibrary

ROOT = Path(__file__).parents[2]
PHOTOS = 160
NEAR = 1e-5
PHASES: Mapping[str, tuple[Any, Any, Any]] = {
    "categories": (categories.CategorySums, categories.observe, categories.solve),
    "descriptions": (descriptions.DescriptionSums, descriptions.observe, descriptions.solve),
    "faces": (faces.FaceSums, faces.observe, faces.solve),
    "search_index": (search_index.SearchSums, search_index.observe, search_index.solve),
}
Files = dict[str, bytes]


def library() -> Shard:
    stored = (Stored(record, "etag") for record in SyntheticLibrary(PHOTOS, widths=NARROW))
    return rows.to_shard(rows.RowMaker(generic_tags, ENCODING_SPACE).table(stored))


def parts(shard: Shard, cuts: Sequence[str]) -> list[Shard]:
    """The shard cut before the ids that begin with `cuts`."""
    bounds = [0, *(int(np.searchsorted(shard.ids, cut)) for cut in cuts), len(shard)]
    return [shard.take(np.arange(first, last)) for first, last in pairwise(bounds)]


def fix_plan(shards: Sequence[Shard]) -> Plan:
    counts = reduce(add, map(count, shards))
    burst, folds = number_bursts(counts)
    wanted = frozenset(landmark_ids(counts, folds))
    found = [shard.take(np.flatnonzero([i in wanted for i in shard.ids])) for shard in shards]
    return plan(counts, burst, folds, Shard.concatenate(found), Options())


def solve(phase: str, shards: Sequence[Shard], order: Sequence[int], fixed: Plan | None = None) -> Files:
    """Sum the shards in an order, add the sums by shard id as stored, and solve."""
    sums_type, observe, solved = PHASES[phase]
    fixed = fixed or fix_plan(shards)
    with threadpool_limits(limits=1, user_api="blas"):
        kept = {number: arrays.dumps(observe(shards[number], fixed).arrays()) for number in order}
        sums = reduce(add, (sums_type.from_arrays(arrays.loads(kept[number])) for number in sorted(kept)))
        files: Files = solved(sums, fixed).files()
    return files


def digests(files: Files) -> dict[str, str]:
    return {name: hashlib.sha256(body).hexdigest() for name, body in sorted(files.items())}


@pytest.fixture(scope="module")
def shard() -> Shard:
    return library()


@pytest.mark.parametrize("phase", PHASES)
def test_shards_summed_in_any_order_give_the_same_bytes(phase: str, shard: Shard) -> None:
    shards = parts(shard, "48c")

    forward = solve(phase, shards, [0, 1, 2, 3])
    shuffled = solve(phase, shards, [2, 0, 3, 1])

    assert digests(shuffled) == digests(forward)


def test_another_process_that_hashes_strings_otherwise_gives_the_same_bytes(shard: Shard) -> None:
    shards = parts(shard, "48c")
    here = {phase: digests(solve(phase, shards, range(4))) for phase in PHASES}

    there = subprocess.run(
        [sys.executable, "-m", "tests.unit.test_determinism"],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert json.loads(there.stdout) == here


@pytest.mark.parametrize("phase", PHASES)
def test_another_sharding_gives_the_same_files_within_rounding(phase: str, shard: Shard) -> None:
    one = solve(phase, [shard], [0])
    several = solve(phase, parts(shard, "19b"), range(4))

    assert sorted(one) == sorted(several)
    apart = [
        f"{name}{where}" for name in one for where in differences(*map(readable, [one[name], several[name]]))
    ]
    assert apart == []


def test_another_sharding_gives_the_same_tags_sentences_and_scores(shard: Shard) -> None:
    bundles = []
    for shards in ([shard], parts(shard, "19b")):
        files = [
            solve(phase, shards, range(len(shards))) for phase in ("categories", "search_index", "faces")
        ]
        bundles.append(Patterns.load("v", {name: body for solved in files for name, body in solved.items()}))

    for record in islice(SyntheticLibrary(PHOTOS, widths=NARROW), 40):
        assert record.observation is not None
        one, several = (enhance(record.observation, record.owner, bundle) for bundle in bundles)
        assert one.description.text == several.description.text
        assert one.people == several.people
        ranked = [[*given.tags, *given.suggestions] for given in (one, several)]
        assert [tag.tag for tag in ranked[0]] == [tag.tag for tag in ranked[1]]
        assert [tag.score for tag in ranked[0]] == pytest.approx([tag.score for tag in ranked[1]], abs=NEAR)


def readable(body: bytes) -> Any:
    """What a file of a bundle says: JSON, arrays or plain builtins."""
    if body.startswith(b"PK"):
        return arrays.loads(body)
    return unpickle(body) if body.startswith(b"\x80") else json.loads(body)


def differences(first: Any, second: Any, where: str = "") -> Iterator[str]:
    """Where two files say different things; numbers may be off by rounding."""
    if type(first) is not type(second):
        yield f"{where}: {type(first).__name__} and {type(second).__name__}"
    elif isinstance(first, dict):
        if list(first) != list(second):
            yield f"{where}: other keys"
        for name in first.keys() & second.keys():
            yield from differences(first[name], second[name], f"{where}/{name}")
    elif isinstance(first, list | tuple):
        if len(first) != len(second):
            yield f"{where}: {len(first)} and {len(second)} entries"
        for number, pair in enumerate(zip(first, second, strict=False)):
            yield from differences(*pair, f"{where}/{number}")
    elif isinstance(first, np.ndarray):
        if not near(first, second):
            yield f"{where}: {first.dtype} {first.shape}"
    elif isinstance(first, float):
        if abs(first - second) > NEAR:
            yield f"{where}: {first} and {second}"
    elif first != second:
        yield f"{where}: {first!r:.60} and {second!r:.60}"


def near(first: NDArray[Any], second: NDArray[Any]) -> bool:
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    if not np.issubdtype(first.dtype, np.floating):
        return bool(np.array_equal(first, second))
    rounding = max(NEAR, float(np.finfo(first.dtype).eps))
    return bool(np.allclose(first, second, rtol=rounding, atol=NEAR, equal_nan=True))


def main() -> None:
    shards = parts(library(), "48c")
    print(json.dumps({phase: digests(solve(phase, shards, range(4))) for phase in PHASES}))


if __name__ == "__main__":
    main()
