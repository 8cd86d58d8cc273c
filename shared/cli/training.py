"""`eye train` and `eye reprocess`: start a state machine and follow it to its end."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from shared.cli import figures, phases
from shared.cli.console import live, out
from shared.cli.executions import follow as follow_execution
from shared.cli.options import chosen
from shared.cli.target import Target
from shared.domain.errors import EyeError, InvalidInput
from shared.services.training_input import TrainingInput
from shared.storage import executions
from shared.storage.bundles import BundleRepository
from shared.storage.standing import Standing
from shared.storage.ulids import new_ulid

LOOK_LOCAL, LOOK_AWS = 0.5, 3.0
ENDED_WELL = frozenset({"completed", "nothing_new"})


def train(
    ctx: typer.Context,
    limit: Annotated[int | None, typer.Option(help="A trial on the newest N photos.")] = None,
    tags_any: Annotated[
        list[str] | None, typer.Option(help="A trial on photos with this tag; repeat it for more.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Train even if nothing is new.")] = False,
    promote: Annotated[
        bool, typer.Option("--promote", help="Let a trial go live, if it passes the gate.")
    ] = False,
    tag_precision: Annotated[
        float | None, typer.Option(help="Precision asked for before a learned tag is applied.")
    ] = None,
    face_threshold: Annotated[
        float | None, typer.Option(help="Probability asked for before a face is given to a person.")
    ] = None,
    options: Annotated[
        Path | None,
        typer.Option("--input", help="A JSON file with the rest: categories, synonyms, depth."),
    ] = None,
) -> None:
    """Learn from the library; exit code 0 where a bundle was published or nothing is new."""
    target = chosen(ctx)
    said: dict[str, Any] = {
        "limit": limit,
        "tags_any": tags_any,
        "force": force or None,
        "promote": promote or None,
        "tag_precision": tag_precision,
        "face_threshold": face_threshold,
        "reason": "asked for with `eye train`",
    }
    given = {name: value for name, value in said.items() if value is not None}
    status = learn(target, _from_file(options) | given)
    if status == "completed":
        out.print(
            "New photos get what was learned; `eye reprocess` gives it to those that are there.", style="dim"
        )
    raise typer.Exit(0 if status in ENDED_WELL else 1)


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read as JSON: {error}") from error
    if not isinstance(found, dict):
        raise InvalidInput(f'{path} holds no JSON object: write {{"synonyms": {{…}}}}, say')
    return found


def learn(target: Target, given: Mapping[str, Any]) -> str:
    """Train, live, and say what came of it; returns the training's status."""
    TrainingInput.parse(given)
    execution = start(target.training_machine, given)
    standing = follow(target, execution, phases.TRAINING)
    _check(standing, execution)
    status = str(standing.output.get("status", "completed"))
    out.print(f"Training {status}.", style="green" if status in ENDED_WELL else "bold red")
    version = standing.output.get("bundle")
    if version:
        figures.show(BundleRepository(target.library).load(str(version)))
    return status


def reprocess(ctx: typer.Context) -> None:
    """Enhance all records anew with the latest bundle; no model runs."""
    target = chosen(ctx)
    execution = start(target.reprocess_machine, {})
    standing = follow(target, execution, phases.REPROCESS)
    _check(standing, execution)
    out.print(f"{standing.output.get('records', 0)} records brought up to the latest bundle.")


def start(machine: str, given: Mapping[str, Any]) -> str:
    """Start a state machine; returns the execution's ARN. Its name is the run's id."""
    return executions.start(machine, f"eye-{new_ulid()}", given)


def follow(target: Target, execution: str, shown: phases.Phases) -> Standing:
    """Show an execution live until it has ended."""
    last: Standing | None = None
    with live() as screen:
        for last in follow_execution(execution, LOOK_LOCAL if target.local else LOOK_AWS):
            screen.update(phases.table(last, shown))
    if last is None:
        raise EyeError(f"The execution {execution} said nothing: look at it with `eye logs`")
    return last


def _message(cause: str) -> str:
    """What a cause says: Lambda's are JSON with the message of the error beside its stack."""
    try:
        return str(json.loads(cause)["errorMessage"])
    except (ValueError, KeyError, TypeError):
        return cause


def _check(standing: Standing, execution: str) -> None:
    if standing.status != "SUCCEEDED":
        why = (
            ": ".join(part for part in (standing.error, _message(standing.cause)) if part) or standing.status
        )
        run = execution.rpartition(":")[2]
        raise EyeError(f"It ended without a result ({why}); what was live is live: read `eye logs {run}`")
