"""The options of every command: which library is meant."""

from dataclasses import dataclass
from typing import Annotated

import typer

from shared.cli.target import Target, find


@dataclass(frozen=True, slots=True)
class Choice:
    """What the options before the command say."""

    profile: str | None
    stack: str | None


def choose(
    ctx: typer.Context,
    profile: Annotated[
        str | None, typer.Option(envvar="EYE_PROFILE", help="AWS profile, for a library on AWS.")
    ] = None,
    stack: Annotated[
        str | None, typer.Option(envvar="EYE_STACK", help="Name of the stack, for a library on AWS.")
    ] = None,
) -> None:
    """A photo library that learns from its owner's own photos.

    Commands work on the embedded cloud that `eye up` started, or on AWS with --profile and --stack.
    """
    ctx.obj = Choice(profile, stack)


def chosen(ctx: typer.Context) -> Target:
    """The library the command is to work on; `EyeError` where there is none."""
    choice: Choice = ctx.obj
    return find(choice.profile, choice.stack)
