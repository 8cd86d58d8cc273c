"""How phase 3 scales: `python -m tests.bench.faces [COUNT...]`, 100,000 faces of two shapes by default.

Measured 2026-11-22 on one thread, B-cubed F / pairwise F:

| faces     | flat                           | lib                            |
|-----------|--------------------------------|--------------------------------|
| 100,000   | .923 / .906, 25 CPU s, 0.6 GB  | .936 / .936, 22 CPU s, 0.7 GB  |
| 1,000,000 | .833 / .733, 341 CPU s, 3.2 GB | .918 / .942, 314 CPU s, 3.2 GB |

A million, flat, had .714 / .616 while the cut rose on with how alike strangers get, past where faces of one
person are that alike, and an HNSW graph found ever fewer of the neighbours. Of 300,000 (seed 7) .855 became
.877 by the cut and .890 by the neighbours. A likeness learned from the library's own groups (two-covariance
LDA) lifts 10,000 flat from .966 to .986, for residuals here are drawn alike for all; on real faces it was
no better than the cosine, so it is not used.
"""

import os
import resource
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from shared.learning.faces import FaceSums, group
from shared.services.evaluation.clusters import Agreement
from shared.services.evaluation.people import PRECISION, load
from tests.bench.synthetic_faces import make

SHAPES = ("flat", "lib")
COUNTS = (100_000,)


@dataclass(frozen=True, slots=True)
class Row:
    """One library: how well and how fast."""

    faces: int
    shape: str
    bcubed_f: float
    pairwise_f: float
    seconds: float
    cpu_seconds: float
    megabytes: float
    file_megabytes: float


def data_folder() -> Path:
    """Where evaluation data stands: `EYE_DATA`, or beside the checkout."""
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    return Path(os.environ.get("EYE_DATA", beside))


def measure(count: int, shape: str, data: Path) -> Row:
    """Group one library in a process of its own, so that peak memory is its own."""
    real = load(data)
    made = make(real.encodings, real.identities, count, shape)
    ids = np.array([f"{row:016x}" for row in range(count)])
    sums = FaceSums(
        ids=ids,
        photos=ids,
        encodings=made.encodings,
        quality=np.ones(count, dtype=np.float32),
        area=np.full(count, 0.1, dtype=np.float32),
        names=np.full(count, "", dtype=np.str_),
        taken_at=np.full(count, np.nan),
    )
    start, cpu = time.perf_counter(), time.process_time()
    people = group(sums, PRECISION)
    files = people.files()
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu
    label = np.arange(count) + len(people.people)
    for number, person in enumerate(people.people):
        label[[int(face, 16) for face in person.faces]] = number
    agreement = Agreement.of(made.person.astype(np.str_), label)
    return Row(
        count,
        shape,
        agreement.bcubed()[2],
        agreement.pairwise(),
        seconds,
        cpu_seconds,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        sum(map(len, files.values())) / 1e6,
    )


def run(counts: tuple[int, ...] = COUNTS) -> Iterator[Row]:
    """Each library in a fresh process."""
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    for count in counts:
        for shape in SHAPES:
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                yield pool.submit(measure, count, shape, data_folder()).result()


def main() -> None:
    """Print one line a library."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if not data_folder().is_dir():
        print(f"skipped: no evaluation data at {data_folder()} (set EYE_DATA)")
        return
    print("faces     shape  B-cubed F  pairwise F  seconds  CPU s    MB     file MB")
    for row in run(tuple(int(argument) for argument in sys.argv[1:]) or COUNTS):
        print(
            f"{row.faces:<9} {row.shape:<6} {row.bcubed_f:<10.3f} {row.pairwise_f:<11.3f} "
            f"{row.seconds:<8.1f} {row.cpu_seconds:<8.1f} {row.megabytes:<6.0f} {row.file_megabytes:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
