"""How many Lambda processes there are: warm ones reused, bursts queued, idle ones stopped."""

from __future__ import annotations

import threading
import time
from collections import defaultdict

from infra.local.server.environment import Environment, Function, Host, Result

_REAP_EVERY_SECONDS = 5.0


class _Pool:
    """The environments of one function; at most `limit` work at once, further callers wait their turn."""

    def __init__(self, function: Function, host: Host, limit: int) -> None:
        self._function, self._host = function, host
        self._turn = threading.BoundedSemaphore(limit)
        self._lock = threading.Lock()
        self._idle: list[Environment] = []
        self._busy: set[Environment] = set()

    def invoke(self, payload: bytes, request_id: str) -> Result:
        with self._turn:
            environment = self._take()
            try:
                return environment.invoke(payload, request_id)
            finally:
                self._give_back(environment)

    def _take(self) -> Environment:
        with self._lock:
            while self._idle:
                environment = self._idle.pop()
                if environment.alive:
                    self._busy.add(environment)
                    return environment
                environment.close()
        environment = Environment(self._function, self._host)
        with self._lock:
            self._busy.add(environment)
        return environment

    def _give_back(self, environment: Environment) -> None:
        with self._lock:
            self._busy.discard(environment)
            if environment.alive:
                self._idle.append(environment)
                return
        environment.close()

    def idle(self) -> list[Environment]:
        with self._lock:
            return list(self._idle)

    def retire(self, environment: Environment) -> None:
        """Stop an environment if it is still idle."""
        with self._lock:
            if environment not in self._idle:
                return
            self._idle.remove(environment)
        environment.close()

    def close(self) -> None:
        with self._lock:
            environments = [*self._idle, *self._busy]
            self._idle.clear()
        for environment in environments:
            environment.close()


class Fleet:
    """Every function's environments on one machine.

    Parameters
    ----------
    host
        Where they run.
    limit
        How many invocations of one function run at once. Further ones wait (on AWS they would find room), so
        that a burst of uploads does not start thirty model processes on two cores.
    warm
        How many idle environments are kept in all; the longest idle go first.
    idle_seconds
        How long an idle environment is kept.
    """

    def __init__(self, host: Host, *, limit: int, warm: int = 8, idle_seconds: float = 300.0) -> None:
        self._host, self._limit, self._warm, self._idle_seconds = host, limit, warm, idle_seconds
        self._lock = threading.Lock()
        self._pools: dict[str, dict[Function, _Pool]] = defaultdict(dict)
        self._closed = threading.Event()
        threading.Thread(target=self._reap, daemon=True, name="fleet-reaper").start()

    def invoke(self, function: Function, payload: bytes, request_id: str) -> Result:
        """Run one invocation in a warm environment of this very function, or in a new one."""
        return self._pool(function).invoke(payload, request_id)

    def _pool(self, function: Function) -> _Pool:
        with self._lock:
            pools = self._pools[function.arn]
            if function not in pools:
                pools[function] = _Pool(function, self._host, self._limit)
            return pools[function]

    def _reap(self) -> None:
        while not self._closed.wait(_REAP_EVERY_SECONDS):
            self._retire_idle()

    def _retire_idle(self) -> None:
        with self._lock:
            pools = [pool for versions in self._pools.values() for pool in versions.values()]
        idle = sorted(
            ((environment, pool) for pool in pools for environment in pool.idle()),
            key=lambda pair: pair[0].idle_since,
            reverse=True,
        )
        oldest = time.monotonic() - self._idle_seconds
        for rank, (environment, pool) in enumerate(idle):
            if rank >= self._warm or environment.idle_since < oldest:
                pool.retire(environment)

    def close(self) -> None:
        """Stop every process."""
        self._closed.set()
        with self._lock:
            for versions in self._pools.values():
                for pool in versions.values():
                    pool.close()
