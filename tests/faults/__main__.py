"""Play a library of many uploads in calm and under a seeded storm, and compare what is left."""

import argparse
import logging
import random
import sys
import time
from types import SimpleNamespace

import tenacity.nap

from tests.faults.storm import GARBAGE, Storm


def main() -> int:
    """Exit 0 where both ended alike."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=random.randrange(2**32))
    parser.add_argument("--uploads", type=int, default=2000)
    asked = parser.parse_args()
    logging.getLogger("avinash-eye").setLevel(logging.CRITICAL)
    tenacity.nap.time = SimpleNamespace(sleep=lambda _: None)  # type: ignore[assignment]
    print(f"storm SEED={asked.seed} UPLOADS={asked.uploads}", flush=True)
    start = time.monotonic()
    calm = Storm.calm(asked.uploads, asked.seed).play()
    storm = Storm(asked.uploads, asked.seed).play()
    for name, many in sorted(storm.happened.items()):
        print(f"  {name:<12} {many}")
    problems = differences(calm, storm)
    for problem in problems:
        print(f"  {problem}")
    seconds, many = time.monotonic() - start, len(calm.state()["records"])
    print(f"the storm {'differs from' if problems else 'ends as'} the calm: {many} records, {seconds:.0f} s")
    print(f"again with: make storm SEED={asked.seed} UPLOADS={asked.uploads}")
    return int(bool(problems))


def differences(calm: Storm, storm: Storm) -> list[str]:
    """What is not as in calm, a line each."""
    before, after = calm.state(), storm.state()
    found = [
        f"{part}: {name} differs"
        for part in before
        for name in sorted(before[part].keys() | after[part].keys())
        if before[part].get(name) != after[part].get(name)
    ]
    found += [f"no reader hears of {photo}" for photo in sorted(storm.untold() - storm.redriven_photos())]
    found += [f"dead: {message.body}" for message in storm.queue.dead if message.body != GARBAGE]
    return found


if __name__ == "__main__":
    sys.exit(main())
