"""Batches of SQS messages, told from everything else a function may be invoked with."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from shared.domain.errors import InvalidInput


class _Attributes(BaseModel):
    receipts: int = Field(default=1, alias="ApproximateReceiveCount")


class _Message(BaseModel):
    source: Literal["aws:sqs"] = Field(alias="eventSource")
    message_id: str = Field(alias="messageId", min_length=1)
    body: str
    attributes: _Attributes


class _Batch(BaseModel):
    records: list[_Message] = Field(alias="Records", min_length=1)


def is_batch(event: object) -> bool:
    """Whether an event is a batch of SQS messages.

    Raises
    ------
    InvalidInput
        Where it begins as one and is not; the message names the field.
    """
    records = event.get("Records") if isinstance(event, Mapping) else None
    first = records[0] if isinstance(records, list) and records else None
    if not isinstance(first, Mapping) or first.get("eventSource") != "aws:sqs":
        return False
    try:
        _Batch.model_validate(event)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"The event is no batch of SQS messages: {field}: {first['msg']}") from error
    return True
