"""Keep what the emulator knows on disk while it runs; by itself it writes only at a polite stop."""

from __future__ import annotations

import threading
import time

from ministack import app
from ministack.core.persistence import save_all

_EVERY_SECONDS = 2.0
_LARGEST_SHARE = 0.05
# What a restart cannot do without. Logs and metrics are larger, and written at a polite stop only.
_STATE = frozenset(
    {
        "cloudformation",
        "eventbridge",
        "iam",
        "kms",
        "lambda",
        "s3",
        "scheduler",
        "sns",
        "sqs",
        "ssm",
        "stepfunctions",
        "sts",
    }
)


def save() -> None:
    """Write one snapshot; each service's file is replaced whole or not at all."""
    services = app._build_persistence_save_dict()
    save_all({name: state for name, state in services.items() if name in _STATE})


def _save_forever() -> None:
    pause = _EVERY_SECONDS
    while True:
        time.sleep(pause)
        start = time.thread_time()
        save()
        pause = max(_EVERY_SECONDS, (time.thread_time() - start) / _LARGEST_SHARE)


def keep() -> None:
    """Write a snapshot every two seconds, or less often when that would take over a twentieth of a core.

    The first comes after the emulator has read what it knew before, which an empty one would overwrite.
    Objects in S3 need none: each is written through when it is put. A crash loses at most what other services
    changed since the last snapshot.
    """
    load = app._load_persisted_state

    def load_then_save() -> None:
        load()
        threading.Thread(target=_save_forever, daemon=True, name="snapshots").start()

    app._load_persisted_state = load_then_save
