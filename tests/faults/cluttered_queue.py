"""A queue that delivers at least once, in any order, and gives up on a message after five receipts."""

import json
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

MOST_RECEIPTS = 5
BATCH = 5


@dataclass(frozen=True)
class Message:
    """What is delivered, and how often it was."""

    message_id: str
    body: str
    receipts: int = 0

    def received(self) -> dict[str, Any]:
        """As a function gets it in a batch."""
        return {
            "messageId": self.message_id,
            "body": self.body,
            "attributes": {"ApproximateReceiveCount": str(self.receipts)},
            "eventSource": "aws:sqs",
        }


class ClutteredQueue:
    """Messages in disorder.

    Parameters
    ----------
    chance
        The dice; a calm queue takes messages in order.
    disorder
        Chance that a message is sent twice, and a third of that of a batch from anywhere in the queue.
    happened
        Counts what the queue did.
    """

    def __init__(self, chance: random.Random, disorder: float, happened: Counter[str]) -> None:
        self._chance, self._disorder, self._happened = chance, disorder, happened
        self._sent = 0
        self.waiting: list[Message] = []
        self.dead: list[Message] = []
        self.redriven: set[str] = set()

    def send(self, body: Any) -> None:
        """Take a message; sometimes twice."""
        self._sent += 1
        text = body if isinstance(body, str) else json.dumps(body)
        message = Message(f"m{self._sent}", text)
        self.waiting.append(message)
        if self._chance.random() < self._disorder:
            self._happened["twice"] += 1
            self.waiting.append(replace(message, message_id=f"m{self._sent}-again"))

    def deliver(self, take: Callable[[list[dict[str, Any]]], set[str]]) -> None:
        """Give a batch to a function, which answers with the ids of the messages it failed on."""
        batch = [replace(message, receipts=message.receipts + 1) for message in self._batch()]
        failed = take([message.received() for message in batch])
        for message in batch:
            if message.message_id not in failed:
                continue
            (self.dead if message.receipts >= MOST_RECEIPTS else self.waiting).append(message)

    def redrive(self) -> None:
        """What an operator does once the weather has cleared: everything dead comes once more."""
        self._happened["redriven"] += len(self.dead)
        self.redriven |= {message.body for message in self.dead}
        self.waiting += [replace(message, receipts=0) for message in self.dead]
        self.dead = []

    def _batch(self) -> list[Message]:
        many = min(BATCH, len(self.waiting))
        if self._chance.random() >= self._disorder * 3:
            taken = self.waiting[:many]
            self.waiting = self.waiting[many:]
            return taken
        self._happened["disordered"] += 1
        chosen = sorted(self._chance.sample(range(len(self.waiting)), many), reverse=True)
        return [self.waiting.pop(at) for at in chosen]
