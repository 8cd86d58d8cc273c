"""The payload a state machine hands a function, and the choice of what to do with it."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.errors import EyeError, InvalidInput
from shared.services.collector import collector_paused
from shared.storage.runs import Run
from shared.storage.store import ObjectStore


class ShardItem(BaseModel):
    """One item of the maps: a shard by the prefix of its photo ids."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    prefix: str = Field(default="", pattern=r"^[0-9a-f]{0,32}$")


class Step(BaseModel):
    """What every step is told: pointers, never data.

    Attributes
    ----------
    action : str
        Which of the function's actions to take.
    run_id : str
        The execution's name; files of the run stand under it.
    execution : str
        The execution's ARN: the owner of the training lock.
    input : dict
        What the execution was started with.
    shard : ShardItem
    error : dict
        Error and cause, as a Catch gives them.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    action: str
    run_id: str = Field(min_length=1, max_length=80, pattern=r"^[A-Za-z0-9_-]+$")
    execution: str = ""
    input: dict[str, Any] = Field(default_factory=dict)
    shard: ShardItem = ShardItem()
    error: dict[str, Any] = Field(default_factory=dict)


Action = Callable[[Step], Mapping[str, Any]]


def take_step(event: Mapping[str, Any], actions: Mapping[str, Action], store: ObjectStore) -> dict[str, Any]:
    """Parse a step's payload and take its action.

    What fails is written to the run's log before it is raised again: a Map that fails names no item.

    Raises
    ------
    InvalidInput
        Where the payload has the wrong shape or names an unknown action.
    """
    try:
        step = Step.model_validate(event)
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise InvalidInput(f"The step's input has the wrong shape: {wrong}") from error
    if step.action not in actions:
        raise InvalidInput(f"action: {step.action!r} is not one of {', '.join(sorted(actions))}")
    try:
        with collector_paused():
            return dict(actions[step.action](step))
    except EyeError as error:
        name = f"failed-{step.action}-{step.shard.prefix or 'all'}"
        Run(store, step.run_id).log(name, [f"failed in {step.action}: {type(error).__name__}: {error}"])
        raise
