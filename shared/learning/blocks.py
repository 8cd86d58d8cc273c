"""Work on blocks of rows by all cores, with the same bytes as by one.

A matrix product on many BLAS threads may add in another order than on one. Blocks that are each computed on
one thread do not: what comes out depends on the size of the blocks alone.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from threadpoolctl import threadpool_limits


def each(work: Callable[[int], None], starts: Sequence[int]) -> None:
    """Do the work of every block, given by its first row; one BLAS thread a block where there are several."""
    if len(starts) < 2:
        for start in starts:
            work(start)
        return
    cores = os.cpu_count() or 1
    with threadpool_limits(limits=1, user_api="blas"), ThreadPoolExecutor(min(cores, len(starts))) as pool:
        for _ in pool.map(work, starts):
            pass
