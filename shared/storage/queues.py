"""The dead-letter queue: events of photos that could not be analyzed."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from shared.domain.errors import InvalidInput
from shared.storage import aws
from shared.storage.keys import object_events

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.type_defs import MessageTypeDef

AT_ONCE = 10
HIDDEN_SECONDS = 60


class Letters:
    """Messages that nobody else receives: looking at them does no harm.

    Parameters
    ----------
    queue_url : str
        Empty where there is no queue.
    """

    def __init__(self, queue_url: str, client: "SQSClient | None" = None) -> None:
        self._queue_url = queue_url
        self._client = client or aws.sqs()

    def drop(self, wanted: Callable[[str], bool]) -> int:
        """Delete the messages about objects whose key is wanted; the others stay.

        Returns
        -------
        int
            How many were deleted.
        """
        kept, dropped = [], 0
        for message in self._messages():
            if any(wanted(key) for key in _keys(message)):
                self._client.delete_message(QueueUrl=self._queue_url, ReceiptHandle=message["ReceiptHandle"])
                dropped += 1
            else:
                kept.append(message["ReceiptHandle"])
        for handle in kept:
            self._client.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=handle, VisibilityTimeout=0
            )
        return dropped

    def _messages(self) -> Iterator["MessageTypeDef"]:
        while self._queue_url:
            answer = self._client.receive_message(
                QueueUrl=self._queue_url,
                MaxNumberOfMessages=AT_ONCE,
                VisibilityTimeout=HIDDEN_SECONDS,
                WaitTimeSeconds=1,
            )
            if not answer.get("Messages"):
                return
            yield from answer["Messages"]


def _keys(message: "MessageTypeDef") -> list[str]:
    try:
        return [event.key for event in object_events({"body": message.get("Body", "")})]
    except InvalidInput:
        return []
