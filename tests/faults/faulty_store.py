"""A process on borrowed time, and the store as it sees it: refusals, lost answers, and an end at any step."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import BinaryIO, TypeVar

from shared.domain.errors import StoreUnavailable
from shared.storage.objects import BINARY, Entry, Object, ObjectStore

T = TypeVar("T")


class Killed(BaseException):
    """The process is gone: nothing it would still do is done."""


@dataclass(frozen=True)
class Weather:
    """Chances, a request.

    Attributes
    ----------
    refuse
        The store answers 503 until the client gives up; nothing was done.
    lose
        The request is done and its answer never comes.
    kill
        The process ends, before or after the request was done.
    meanwhile
        Somebody else goes first.
    """

    refuse: float = 0.0
    lose: float = 0.0
    kill: float = 0.0
    meanwhile: float = 0.0


CALM = Weather()
STORM = Weather(refuse=0.02, lose=0.01, kill=0.015, meanwhile=0.05)


def nothing() -> None:
    """Nobody goes first."""


class Process:
    """One Lambda process: alive until the weather, or a photo, ends it.

    Parameters
    ----------
    weather, chance
        What may happen, and the seeded dice.
    meanwhile
        What somebody else does while this process waits for the store.
    spared
        Whether the weather may not end this process now.
    happened
        Counts what the weather did.
    last
        How many more requests this process lives for, where a test wants an exact step.
    """

    def __init__(
        self,
        weather: Weather,
        chance: random.Random,
        meanwhile: Callable[[], None] = nothing,
        last: int | None = None,
        spared: Callable[[], bool] = lambda: False,
        happened: Counter[str] | None = None,
    ) -> None:
        self.weather, self.chance, self.meanwhile = weather, chance, meanwhile
        self.spared = spared
        self.last = last
        self.alive = True
        self.about = ""
        self.happened = Counter() if happened is None else happened
        self.requests = 0
        self._turn = RLock()

    def end(self) -> None:
        """End the process where it stands."""
        self.alive = False
        raise Killed

    def ask(self, request: Callable[[], T]) -> T:
        """Send a request through the weather."""
        with self._turn:
            return self._ask(request)

    def _ask(self, request: Callable[[], T]) -> T:
        if not self.alive:
            raise Killed
        self.requests += 1
        if self.last is not None and self.requests > self.last:
            self.end()
        if self._happens(self.weather.meanwhile):
            self.happened["meanwhile"] += 1
            self.meanwhile()
        if self._happens(self.weather.kill / 2) and not self.spared():
            self._strike()
        if self._happens(self.weather.refuse):
            self.happened["refused"] += 1
            raise StoreUnavailable("The bucket asks to slow down (SlowDown): try again")
        done = request()
        if self._happens(self.weather.kill / 2) and not self.spared():
            self._strike()
        if self._happens(self.weather.lose):
            self.happened["lost"] += 1
            raise StoreUnavailable("The bucket did not answer: try again")
        return done

    def _strike(self) -> None:
        self.happened["killed"] += 1
        self.end()

    def _happens(self, chance: float) -> bool:
        return chance > 0 and self.chance.random() < chance


class FaultyStore:
    """A store as one process sees it."""

    def __init__(self, store: ObjectStore, process: Process) -> None:
        self._store, self._process = store, process

    def get(self, key: str) -> Object:
        return self._process.ask(lambda: self._store.get(key))

    def open(self, key: str) -> BinaryIO:
        return self._process.ask(lambda: self._store.open(key))

    def get_if_changed(self, key: str, etag: str) -> Object | None:
        return self._process.ask(lambda: self._store.get_if_changed(key, etag))

    def head(self, key: str) -> Entry | None:
        return self._process.ask(lambda: self._store.head(key))

    def put(self, key: str, body: bytes, content_type: str = BINARY) -> str:
        return self._process.ask(lambda: self._store.put(key, body, content_type))

    def put_if_absent(self, key: str, body: bytes, content_type: str = BINARY) -> bool:
        return self._process.ask(lambda: self._store.put_if_absent(key, body, content_type))

    def swap_if_match(self, key: str, body: bytes, etag: str, content_type: str = BINARY) -> str:
        return self._process.ask(lambda: self._store.swap_if_match(key, body, etag, content_type))

    def writer(self, key: str, content_type: str = BINARY) -> AbstractContextManager[BinaryIO]:
        return self._writer(key, content_type)

    @contextmanager
    def _writer(self, key: str, content_type: str) -> Iterator[BinaryIO]:
        self._process.ask(nothing)
        with self._store.writer(key, content_type) as out:
            yield out
            self._process.ask(nothing)

    def delete(self, key: str) -> None:
        self._process.ask(lambda: self._store.delete(key))

    def delete_if_match(self, key: str, etag: str) -> None:
        self._process.ask(lambda: self._store.delete_if_match(key, etag))

    def list(self, prefix: str = "", start_after: str = "") -> Iterator[Entry]:
        return iter(self._process.ask(lambda: list(self._store.list(prefix, start_after))))
