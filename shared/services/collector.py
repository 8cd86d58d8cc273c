"""Python's collector of reference cycles, kept out of the way of training."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for reference cycles meanwhile; what nothing refers to is freed all the same.

    A step of a training makes millions of small objects that live until its end and hardly a cycle, and would
    have all of them looked through again and again.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
