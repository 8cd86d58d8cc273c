"""`eye erase`: take a person, or what came of deleted photos, out of the library for good."""

import json
from typing import Annotated, Any

import typer

from shared.cli.console import out
from shared.cli.options import chosen
from shared.cli.target import Target
from shared.cli.training import learn
from shared.domain.errors import EyeError
from shared.services.erasing import Status
from shared.storage import aws
from shared.storage.bundles import BundleRepository

KEPT_INPUT = ("categories", "synonyms", "depth", "face_threshold", "tag_precision")


def erase(
    ctx: typer.Context,
    person: Annotated[str | None, typer.Argument(help="A name, or an id as `eye people` lists it.")] = None,
    deleted: Annotated[
        bool, typer.Option("--deleted", help="What came of photos whose originals were deleted.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask whether it is meant.")] = False,
) -> None:
    """Erase for good: no version is kept, earlier bundles go, and none of it can be undone.

    Without a person, what an erasure left undone is finished. The originals stay as they are and are listed.
    """
    target = chosen(ctx)
    whom = f"{person} and every bundle so far" if person else "what came of deleted photos, for good"
    if (person or deleted) and not yes:
        typer.confirm(f"Erase {whom}?", abort=True)
    asked = {"action": "person", "person": person} if person else None
    done = ask(target, asked or {"action": "deleted" if deleted else "finish"})
    if done["photos"]:
        out.print(f"{done['faces']} faces on {done['photos']} photos taken out.")
    if done["status"] == Status.TRAINING_NEEDED:
        out.print("A training makes the bundle without them:")
        learn(target, {**_as_before(target), "reason": "asked for with `eye erase`"})
        done = {**done, **_ended(ask(target, {"action": "finish"}))}
    out.print(done["said"], soft_wrap=True, style="green" if done["status"] == Status.ERASED else "bold")
    if done["originals"]:
        out.print("These originals still show or name them; they are yours to change or delete:")
        for key in done["originals"]:
            out.print(f"  {key}", markup=False, soft_wrap=True)
    raise typer.Exit(0 if done["status"] == Status.ERASED else 1)


def ask(target: Target, event: dict[str, Any]) -> dict[str, Any]:
    """What the `erase` function answers.

    Raises
    ------
    EyeError
        Where it fails; what it did stands, and asking again goes on from there.
    """
    reply = aws.patient_lambda().invoke(
        FunctionName=target.erase_function, Payload=json.dumps(event).encode()
    )
    answer: dict[str, Any] = json.loads(reply["Payload"].read())
    if "FunctionError" in reply:
        raise EyeError(str(answer.get("errorMessage") or "The erasure was cut off: run `eye erase` again"))
    return answer


def _ended(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: answer[name] for name in ("status", "said")}


def _as_before(target: Target) -> dict[str, Any]:
    """The owner's own categories, synonyms and thresholds, as the live bundle was trained with."""
    live = BundleRepository(target.library).latest()
    before = live.manifest.about.get("input", {}) if live else {}
    return {name: before[name] for name in KEPT_INPUT if name in before}
