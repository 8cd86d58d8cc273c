"""`eye add` and `eye watch`: photos on their way into the library."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Group
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.text import Text

from shared.cli import uploads, watching
from shared.cli.console import live, out
from shared.cli.options import chosen
from shared.cli.target import Target
from shared.cli.uploads import Result, Sent, Upload
from shared.domain.errors import EyeError, InvalidInput
from shared.domain.record import Record, Status

LATEST_SHOWN = 5
NAMES_SHOWN = 5


def add(
    ctx: typer.Context,
    photos: Annotated[list[Path], typer.Argument(help="Photos, or folders of photos.")],
    under: Annotated[str, typer.Option(help="A folder of the library to put them in.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Take the files of folders whatever their names.")
    ] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Upload all: photos are seen anew where the models have changed.")
    ] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until they are analyzed.")] = False,
) -> None:
    """Upload photos; what is there unchanged is skipped."""
    target = chosen(ctx)
    found = uploads.find(photos, under, everything=everything)
    if found.skipped:
        names = ", ".join(path.name for path in found.skipped[:NAMES_SHOWN])
        out.print(f"Left out, no photos by their names: {len(found.skipped)} ({names})", soft_wrap=True)
    if not found.uploads:
        raise InvalidInput("There is no photo to add: name photos or folders of photos, or use --all")
    started = datetime.now(UTC)
    results = send(target, found.uploads, again=again)
    count = Counter(result.sent for result in results)
    said = ", ".join(f"{count[sent]} {sent}" for sent in Sent if count[sent])
    out.print(f"Uploaded to {target.uploads_bucket}: {said}", soft_wrap=True)
    if wait:
        analyze(target, results, started)
    elif count[Sent.UNCHANGED] < len(results):
        out.print("They are being analyzed: `eye watch` shows it.", style="dim")


def watch(ctx: typer.Context) -> None:
    """Show what is being analyzed, until everything is."""
    follow(watching.of_library(chosen(ctx)))


def send(target: Target, found: Sequence[Upload], *, again: bool = False) -> list[Result]:
    """Upload with a progress bar; `again` sends what is there unchanged, too."""
    with _bar() as bar:
        sent = uploads.send(target.uploads, found, again=again)
        return list(bar.track(sent, total=len(found), description="Uploading"))


def analyze(target: Target, results: Sequence[Result], started: datetime) -> Mapping[str, Record]:
    """Wait until what was uploaded is analyzed, live; records by photo id.

    Photos sent again have new records only where the models have changed, and so are not waited for.
    """
    fresh = {one.upload.key: one.etag for one in results if one.sent in (Sent.NEW, Sent.REPLACED)}
    others = any(one.sent is Sent.AGAIN for one in results)
    return follow(watching.of_uploads(target, fresh, started, others=others))


def follow(watched: watching.Watch) -> Mapping[str, Record]:
    """Show a watch live until all has settled; records by photo id.

    Raises
    ------
    EyeError
        Where photos are left without a record though nothing moves any more.
    """
    bar = _bar()
    task = bar.add_task("Analyzing", total=None)
    latest: deque[str] = deque(maxlen=LATEST_SHOWN)
    with live(bar) as shown:
        for look in watched.looks():
            latest.extend(_line(record) for record in look.new)
            bar.update(task, completed=look.done, total=look.done + look.left)
            queue = (
                f"queue: {look.queue.waiting} waiting, {look.queue.working} in work; {look.dead.total} failed"
            )
            lines = [Text(line, style="dim", overflow="ellipsis", no_wrap=True) for line in (queue, *latest)]
            shown.update(Group(bar, *lines))
        shown.update(bar)
    _say_how_it_ended(watched)
    return watched.done


def _say_how_it_ended(watched: watching.Watch) -> None:
    unreadable = [record for record in watched.done.values() if record.status is Status.QUARANTINED]
    out.print(f"{len(watched.done) - len(unreadable)} analyzed, {len(unreadable)} in quarantine")
    for record in unreadable:
        out.print(f"  {record.origin.key}: {record.reason}", markup=False, soft_wrap=True)
    if watched.awaited:
        raise EyeError(
            f"{len(watched.awaited)} photos have no record though nothing moves any more: "
            "`eye doctor` looks for the cause"
        )


def _line(record: Record) -> str:
    said = record.enhancement.description.text if record.enhancement else record.reason or ""
    return f"{record.origin.key}: {said}"


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=out,
    )
