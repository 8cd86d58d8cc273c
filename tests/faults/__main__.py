"""Play a library of many uploads in calm and under a seeded storm, and compare what is left.

First in one process with a store in memory, which takes seconds; then in the embedded cloud, with its events,
queues, functions and models.
"""

import argparse
import logging
import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.faults.cloud_storm import CloudStorm, stormy_cloud
from tests.faults.cloud_storm import calm as calm_with_models
from tests.faults.left import differences
from tests.faults.storm import GARBAGE, Storm


def main() -> int:
    """Exit 0 where all ended alike."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--uploads", type=int, default=2000)
    parser.add_argument("--in-process", action="store_true", help="leave the embedded cloud out")
    asked = parser.parse_args()
    logging.getLogger("avinash-eye").setLevel(logging.CRITICAL)
    print(f"storm SEED={asked.seed} UPLOADS={asked.uploads}", flush=True)
    problems = in_process(asked.uploads, asked.seed)
    if not asked.in_process:
        problems += in_cloud(asked.uploads, asked.seed)
    print(f"the storm {'differs from' if problems else 'ends as'} the calm")
    print(f"again with: make storm SEED={asked.seed} UPLOADS={asked.uploads}")
    return int(bool(problems))


def in_process(uploads: int, seed: int) -> list[str]:
    """What is not as in calm, in one process."""
    start = time.monotonic()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tenacity.nap.time", SimpleNamespace(sleep=lambda _: None))
        wanted = Storm.calm(uploads, seed).play().state()
        storm = Storm(uploads, seed).play()
    problems = differences(wanted, storm.state())
    problems += [f"no reader hears of {photo}" for photo in sorted(storm.untold() - storm.redriven_photos())]
    problems += [f"dead: {message.body}" for message in storm.queue.dead if message.body != GARBAGE]
    tell("in one process", storm.happened, problems, time.monotonic() - start)
    return problems


def in_cloud(uploads: int, seed: int) -> list[str]:
    """What is not as in calm, in the embedded cloud."""
    with tempfile.TemporaryDirectory() as folder, stormy_cloud(Path(folder)) as cloud:
        start = time.monotonic()
        storm = CloudStorm(cloud, uploads, seed).play()
        seconds = time.monotonic() - start
        wanted = calm_with_models(uploads, seed, cloud.uploads_bucket, Path(folder) / "sights")
        problems = differences(wanted, storm.state())
        problems += [f"no reader hears of {photo}" for photo in sorted(storm.untold())]
        problems += [f"dead: {body}" for body in storm.dead() if body != GARBAGE]
    tell("in the embedded cloud", storm.happened, problems, seconds)
    return problems


def tell(where: str, happened: Counter[str], problems: list[str], seconds: float) -> None:
    """Print what the weather did, and what it left otherwise than calm."""
    print(f"{where}, {seconds:.0f} s")
    for name, many in sorted(happened.items()):
        print(f"  {name:<12} {many}")
    for problem in problems:
        print(f"  {problem}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
