"""The embedded cloud with bad weather in it: `infra.local.server`, breaking what it is told to.

Off until a test posts to ``/_weather`` what `Weather` holds. Only what functions ask of S3 is rained upon: a
request is refused (503 SlowDown), or done without its answer arriving (500) or arriving whole (the connection
breaks), or the process that sent it is killed (SIGKILL), before or after the request was done.
"""

import json
import os
import random
import re
import signal
import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from infra.local.server import __main__ as server
from infra.local.server import environment, guard
from infra.local.server.environment import Host

REFUSED = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
LOST = b"<Error><Code>InternalError</Code><Message>The answer was lost.</Message></Error>"
UNFINISHED = "/quarantine/unfinished/"
SPARED_FROM = 2


class Fate(StrEnum):
    """What becomes of a request; the last two end the process that sent it."""

    DONE = "done"
    REFUSED = "refused"
    LOST = "lost"
    TORN = "torn"
    KILLED_BEFORE = "killed before"
    KILLED_AFTER = "killed after"


@dataclass
class Weather:
    """What may happen, and what did.

    Attributes
    ----------
    refuse, lose, kill
        Chances a request; of what is read, half of what is lost is torn instead.
    kills
        How many processes the weather may end at most.
    strikes
        ``[function, n]``: the process that sends the n-th request of this function is killed after it.
    deadly
        ETags of photos that end every process that reads them, once it has noted that it looks at them.
    """

    refuse: float = 0.0
    lose: float = 0.0
    kill: float = 0.0
    kills: int = 0
    strikes: Sequence[Sequence[Any]] = ()
    deadly: Sequence[str] = ()
    seed: int = 0
    happened: Counter[str] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)

    def fate(self, process: "Mortal", scope: guard.Scope) -> Fate:
        """What becomes of a process's next request."""
        self.asked[process.role] += 1
        if process.doomed:
            self.happened["ended"] += 1
            noted = scope["method"] == "PUT" and UNFINISHED in scope["path"]
            return Fate.KILLED_AFTER if noted else Fate.KILLED_BEFORE
        if [process.role, self.asked[process.role]] in [list(strike) for strike in self.strikes]:
            self.happened["struck"] += 1
            return Fate.KILLED_AFTER
        if self.kills > 0 and not process.spared and self._happens(self.kill):
            self.kills -= 1
            self.happened["killed"] += 1
            return Fate.KILLED_AFTER if self._happens(0.5) else Fate.KILLED_BEFORE
        for fate, chance in ((Fate.REFUSED, self.refuse), (Fate.LOST, self.lose)):
            if self._happens(chance):
                torn = fate is Fate.LOST and scope["method"] == "GET" and self._happens(0.5)
                happens = Fate.TORN if torn else fate
                self.happened[happens.value] += 1
                return happens
        return Fate.DONE

    def _happens(self, chance: float) -> bool:
        return chance > 0 and self._chance.random() < chance


class Mortal(environment.Environment):
    """An execution environment whose requests are known by a name in their user agent.

    Attributes
    ----------
    role
        Which function it is.
    doomed
        Whether it has read a photo that ends it.
    spared
        Whether the photo at hand has ended all processes but one that it may end: no rule can tell a photo
        that ends three processes from one that three processes were unlucky with.
    """

    living: dict[str, "Mortal"] = {}  # noqa: RUF012  (of all of them)
    doomed = False
    spared = False

    @property
    def role(self) -> str:
        return self.function.handler.split(".")[1]

    def _variables(self, host: Host, stream: str) -> dict[str, str]:
        self.name = uuid.uuid4().hex
        self.living[self.name] = self
        return {**super()._variables(host, stream), "AWS_SDK_UA_APP_ID": self.name}

    def close(self) -> None:
        """End for good."""
        self.living.pop(self.name, None)
        super().close()

    def kill(self) -> None:
        """End the process where it stands, and all that it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


class Sky:
    """The weather now."""

    now = Weather()
    turn = threading.Lock()


def weathered(application: guard.Application) -> guard.Application:
    """Wrap an ASGI application in the weather."""

    async def serve(scope: guard.Scope, receive: guard.Receive, send: guard.Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/_weather":
            told = json.loads(await _body(receive) or b"null")
            happened = Sky.now.happened
            if told is not None:
                Sky.now = Weather(**told)
            await _answer(send, 200, json.dumps(happened).encode())
            return
        process = _sender(scope)
        if process is None:
            await application(scope, receive, send)
            return
        with Sky.turn:
            fate = Sky.now.fate(process, scope)
        await _ask(application, scope, receive, send, process, fate)

    return serve


async def _ask(
    application: guard.Application,
    scope: guard.Scope,
    receive: guard.Receive,
    send: guard.Send,
    process: Mortal,
    fate: Fate,
) -> None:
    """Do with a request what its fate is."""
    match fate:
        case Fate.DONE:
            await application(scope, _noting(scope, receive, process), _reading(scope, send, process))
        case Fate.REFUSED:
            await _body(receive)
            await _answer(send, 503, REFUSED)
        case Fate.LOST:
            await application(scope, _noting(scope, receive, process), _swallow)
            await _answer(send, 500, LOST)
        case Fate.TORN:
            await application(scope, receive, _torn(send))
            raise ConnectionAbortedError
        case Fate.KILLED_BEFORE:
            process.kill()
            await _body(receive)
            await _answer(send, 500, LOST)
        case Fate.KILLED_AFTER:
            await application(scope, receive, _swallow)
            process.kill()
            await _answer(send, 500, LOST)


def _sender(scope: guard.Scope) -> Mortal | None:
    """The process that sends a request to S3; None for any other request."""
    if scope["type"] != "http":
        return None
    headers = dict(scope["headers"])
    name = re.search(rb"app/([0-9a-f]{32})", headers.get(b"user-agent", b""))
    to_s3 = b"/s3/" in headers.get(b"authorization", b"")
    return Mortal.living.get(name[1].decode()) if name and to_s3 else None


def _noting(scope: guard.Scope, receive: guard.Receive, process: Mortal) -> guard.Receive:
    """Pass a request on, and see in it how often looks at the photo at hand began and never ended."""
    if UNFINISHED not in scope["path"] or scope["method"] == "GET":
        return receive
    process.spared = False

    async def noting() -> Any:
        event = await receive()
        begun = re.search(rb'"begun":\s*(\d+)', event.get("body", b""))
        process.spared = process.spared or bool(begun and int(begun[1]) >= SPARED_FROM)
        return event

    return noting


def _reading(scope: guard.Scope, send: guard.Send, process: Mortal) -> guard.Send:
    """Pass an answer on, and see in it whether it is a photo that ends who reads it."""

    async def reading(event: Any) -> None:
        if event["type"] == "http.response.start" and scope["method"] == "GET":
            headers = {name.lower(): value for name, value in event["headers"]}
            etag = headers.get(b"etag", b"").decode().strip('"')
            process.doomed = process.doomed or etag in Sky.now.deadly
        await send(event)

    return reading


def _torn(send: guard.Send) -> guard.Send:
    """Pass half of an answer on."""

    async def half(event: Any) -> None:
        body = event.get("body", b"")
        await send(event if not body else {**event, "body": body[: len(body) // 2], "more_body": True})

    return half


async def _swallow(_event: Any) -> None:
    """Nobody hears the answer."""


async def _body(receive: guard.Receive) -> bytes:
    parts = b""
    while True:
        event = await receive()
        parts += event.get("body", b"")
        if not event.get("more_body"):
            return parts


async def _answer(send: guard.Send, status: int, body: bytes) -> None:
    headers = [(b"content-type", b"application/xml"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve."""
    from infra.local.server import fleet

    guarded = guard.guard
    guard.guard = lambda application: guarded(weathered(application))  # type: ignore[assignment]
    fleet.Environment = Mortal  # type: ignore[misc]
    server.main()


if __name__ == "__main__":
    main()
