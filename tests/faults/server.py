"""The embedded cloud with bad weather in it: `infra.local.server`, breaking what it is told to.

Off until a test posts to ``/_weather``: {"seed", "refuse", "lose", "kill", "kills"}. A request that a
function sends to S3 is refused (503 SlowDown) or done without its answer arriving (500); a function's process
is killed somewhere in an invocation, at most `kills` times.
"""

import json
import os
import random
import signal
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from infra.local.server import __main__ as server
from infra.local.server import environment, guard

REFUSED = b"<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"
LOST = b"<Error><Code>InternalError</Code><Message>The answer was lost.</Message></Error>"
LONGEST_LIFE = 1.5


@dataclass
class Weather:
    """What may happen, and what did."""

    refuse: float = 0.0
    lose: float = 0.0
    kill: float = 0.0
    kills: int = 0
    seed: int = 0
    happened: dict[str, int] = field(default_factory=lambda: {"refused": 0, "lost": 0, "killed": 0})

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.turn = threading.Lock()

    def roll(self, chance: float) -> bool:
        with self.turn:
            return chance > 0 and self.chance.random() < chance


class Sky:
    """The weather now."""

    now = Weather()


def weathered(application: guard.Application) -> guard.Application:
    """Wrap an ASGI application in the weather."""

    async def serve(scope: guard.Scope, receive: guard.Receive, send: guard.Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
        elif scope["path"] == "/_weather":
            told = json.loads(await _body(receive) or b"null")
            happened = Sky.now.happened
            if told is not None:
                Sky.now = Weather(**told)
            await _answer(send, 200, json.dumps(happened).encode())
        elif _from_a_function_to_s3(scope) and Sky.now.roll(Sky.now.refuse):
            Sky.now.happened["refused"] += 1
            await _body(receive)
            await _answer(send, 503, REFUSED)
        elif _from_a_function_to_s3(scope) and Sky.now.roll(Sky.now.lose):
            Sky.now.happened["lost"] += 1
            await application(scope, receive, _swallow)
            await _answer(send, 500, LOST)
        else:
            await application(scope, receive, send)

    return serve


def _from_a_function_to_s3(scope: guard.Scope) -> bool:
    headers = dict(scope["headers"])
    return b"AWS_Lambda" in headers.get(b"user-agent", b"") and b"/s3/" in headers.get(b"authorization", b"")


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


class Mortal(environment.Environment):
    """An execution environment that may be killed in the midst of an invocation."""

    def invoke(self, payload: bytes, request_id: str) -> environment.Result:
        """Run one invocation, perhaps not to its end."""
        weather = Sky.now
        if weather.kills <= 0 or not weather.roll(weather.kill):
            return super().invoke(payload, request_id)
        weather.kills -= 1
        after = threading.Timer(weather.chance.uniform(0.02, LONGEST_LIFE), self._kill)
        after.start()
        try:
            return super().invoke(payload, request_id)
        finally:
            after.cancel()

    def _kill(self) -> None:
        Sky.now.happened["killed"] += 1
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


def main() -> None:
    """Serve."""
    from infra.local.server import fleet

    guarded = guard.guard
    guard.guard = lambda application: guarded(weathered(application))  # type: ignore[assignment]
    fleet.Environment = Mortal  # type: ignore[misc]
    server.main()


if __name__ == "__main__":
    main()
