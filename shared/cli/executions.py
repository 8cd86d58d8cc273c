"""Follow an execution of a state machine until it has ended."""

import time
from collections.abc import Iterator

from shared.storage.standing import Standing, look


def follow(execution: str, every: float) -> Iterator[Standing]:
    """Standings of an execution until it has ended, the last one included.

    Parameters
    ----------
    execution : str
        Its ARN.
    every : float
        Seconds between looks.
    """
    while True:
        standing = look(execution)
        yield standing
        if not standing.running:
            return
        time.sleep(every)
