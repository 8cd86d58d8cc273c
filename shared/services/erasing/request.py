"""What the `erase` function is asked, checked at the edge."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.domain.errors import InvalidInput
from shared.services.erasing.service import Erasing, Progress


class _Person(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["person"]
    person: str = Field(min_length=1, max_length=200)


class _Other(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Literal["deleted", "finish"]


_request: TypeAdapter[_Person | _Other] = TypeAdapter(_Person | _Other)
_progress = TypeAdapter(Progress)


def take(event: Mapping[str, Any], erasing: Erasing) -> dict[str, Any]:
    """Do what an event asks.

    Raises
    ------
    InvalidInput
        Where it asks nothing known, or names nobody.
    """
    try:
        asked = _request.validate_python(event)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'][1:]))}: {e['msg']}" for e in error.errors())
        raise InvalidInput(f"The request to erase has the wrong shape: {wrong}") from error
    if isinstance(asked, _Person):
        progress = erasing.person(asked.person)
    else:
        progress = erasing.deleted() if asked.action == "deleted" else erasing.finish()
    answer: dict[str, Any] = _progress.dump_python(progress, mode="json")
    return answer
