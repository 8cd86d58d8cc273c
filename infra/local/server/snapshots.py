"""Keep what the emulator knows on disk while it runs; by itself it writes only at a polite stop."""

from __future__ import annotations

import threading
import time

from ministack import app
from ministack.core.persistence import save_all

_EVERY_SECONDS = 2.0
_LARGEST_SHARE = 0.05


def _save_forever() -> None:
    pause = _EVERY_SECONDS
    while True:
        time.sleep(pause)
        start = time.perf_counter()
        save_all(app._build_persistence_save_dict())
        pause = max(_EVERY_SECONDS, (time.perf_counter() - start) / _LARGEST_SHARE)


def start() -> None:
    """Write a snapshot every two seconds, or less often when one takes more than a twentieth of the time.

    Objects in S3 need none: each is written through when it is put. A crash loses at most what other services
    changed since the last snapshot.
    """
    threading.Thread(target=_save_forever, daemon=True, name="snapshots").start()
