"""Fuzz `shared.photos.decode` for a bounded time, guided by coverage: `make fuzz SECONDS=60`.

atheris (libFuzzer) sees which lines of Pillow's Python plug-ins, defusedxml and `shared.photos` each input
reaches and keeps inputs that reach new ones. It has wheels for every Python this project runs on under Linux;
hypothesis has no coverage guidance any more, and the unit tests mutate with it anyway.

An input that raises anything but `UnreadablePhoto`, takes over ten seconds, or needs over 2,048 MB ends the
run; it is kept in the corpus folder under its name.
"""

import argparse
import os
import resource
import sys
import tempfile
import time
import warnings
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["PIL", "defusedxml", "shared.photos", "xml"]):
    from shared.domain.errors import UnreadablePhoto
    from shared.photos import decode
    from tests.hostile.seeds import seeds

MOST_PIXELS = 4_000_000
MOST_SECONDS = 10
MOST_MEGABYTES = 2_048
SHORTEST_REASON = 20


class Watch:
    """What the inputs cost so far; ends the process when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds
        self.seconds, self.size, self.many, self.read = 0.0, 0, 0, 0

    def look(self, data: bytes) -> None:
        """Decode one input."""
        started = time.perf_counter()
        try:
            decode(data, max_pixels=MOST_PIXELS)
            self.read += 1
        except UnreadablePhoto as refused:
            if len(str(refused)) < SHORTEST_REASON:
                raise
        took = time.perf_counter() - started
        self.many += 1
        if took > self.seconds:
            self.seconds, self.size = took, len(data)
        if time.monotonic() > self._end:
            self._report()
            sys.stdout.flush()
            os._exit(0)  # libFuzzer would leave without a word

    def _report(self) -> None:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{self.many} inputs, {self.read} read, the others refused by name;", end=" ")
        print(f"slowest {self.seconds:.2f} s ({self.size} bytes); peak {peak:.0f} MB")


def main() -> None:
    """Run until the time is over; a finding ends the process with libFuzzer's own exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="0 for another one each time")
    parser.add_argument("--corpus", type=Path, help="keeps what reached new lines; a temporary folder else")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    folder = asked.corpus or Path(tempfile.mkdtemp(prefix="fuzz-"))
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in seeds().items():
        (folder / name).write_bytes(data)
    for data in seeds().values():
        decode(data)  # what is loaded once is not the next input's fault
    watch = Watch(asked.seconds)
    atheris.Setup(
        [
            sys.argv[0],
            str(folder),
            f"-max_total_time={asked.seconds + MOST_SECONDS}",
            f"-timeout={MOST_SECONDS}",
            f"-rss_limit_mb={MOST_MEGABYTES}",
            f"-artifact_prefix={folder}/",
            "-max_len=65536",
            "-verbosity=0",
            *([f"-seed={asked.seed}"] if asked.seed else []),
        ],
        watch.look,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
