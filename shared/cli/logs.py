"""`eye logs`: what a training said, step by step, or what a function logged."""

import time
from typing import Annotated

import typer
from rich.text import Text

from shared.cli import function_logs
from shared.cli.console import out
from shared.cli.options import chosen
from shared.cli.target import Target
from shared.domain.errors import EyeError
from shared.storage import executions
from shared.storage.runs import Run
from shared.storage.standing import look

EVERY = 1.0


def logs(
    ctx: typer.Context,
    run: Annotated[str | None, typer.Argument(help="A run's id; the newest training by default.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it ends.")] = False,
    function: Annotated[
        str | None, typer.Option(help="What a function logged instead: analyze, say.")
    ] = None,
) -> None:
    """Print the log of a training, or of a function."""
    target = chosen(ctx)
    if function:
        for line in function_logs.lines(target, function, follow=follow):
            out.print(line, markup=False, soft_wrap=True)
    else:
        _run(target, run, follow=follow)


def _run(target: Target, run_id: str | None, *, follow: bool) -> None:
    execution = _execution(target, run_id)
    run = Run(target.library, execution.rpartition(":")[2])
    told: set[tuple[str, str]] = set()
    while True:
        standing = look(execution)
        for at, line in run.log_lines():
            if (at, line) not in told:
                told.add((at, line))
                out.print(Text(at, style="dim"), line, markup=False, soft_wrap=True)
        if not (follow and standing.running):
            break
        time.sleep(EVERY)
    ended = " ".join(part for part in (standing.status, standing.error, standing.cause) if part)
    out.print(f"{run.run_id}: {ended}", style="dim", markup=False, soft_wrap=True)


def _execution(target: Target, run_id: str | None) -> str:
    if run_id:
        return f"{target.training_machine.replace(':stateMachine:', ':execution:')}:{run_id}"
    newest = executions.recent(target.training_machine, 1)
    if not newest:
        raise EyeError("No training was started yet: run `eye train`")
    return newest[0].arn
