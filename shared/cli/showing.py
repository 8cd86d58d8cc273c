"""`eye show`: one photo before and after learning, with why."""

from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from shared.cli import encoding
from shared.cli.console import out, print_json
from shared.cli.naming import named
from shared.cli.options import chosen
from shared.domain.observation import Observation
from shared.domain.record import Appearance, Enhancement, OwnerWords, Source, Tag
from shared.vision.generic import generic_description, generic_tags

STYLES = {Source.OWNER: "bold", Source.LEARNED: "green", Source.MODEL: "yellow"}
TAGS_SHOWN = 12
NOTHING = Text("-", style="dim")


def show(
    ctx: typer.Context,
    photo: Annotated[str, typer.Argument(help="A file, a key, or the beginning of a photo id.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the record without its vectors.")] = False,
) -> None:
    """Show a photo before and after learning, and why."""
    record = named(chosen(ctx), photo)
    if as_json:
        print_json(encoding.record(record))
        return
    out.print(Text(record.origin.key, style="bold"), Text(record.photo_id, style="dim"), soft_wrap=True)
    if record.observation is None or record.enhancement is None:
        out.print(f"{record.status}: {record.reason or 'it is not in the bucket any more'}", soft_wrap=True)
        return
    out.print(facts(record.observation), style="dim", soft_wrap=True)
    out.print(before_and_after(record.observation, record.owner, record.enhancement))


def facts(observation: Observation) -> str:
    """Size, time, place and camera in one line."""
    exif = observation.exif
    known = (
        f"{observation.width} x {observation.height} {observation.format}",
        exif.taken_at.strftime("%Y-%m-%d %H:%M") if exif.taken_at else None,
        exif.place.text if exif.place else None,
        exif.camera,
        f"{len(observation.faces)} faces" if observation.faces else None,
    )
    return ", ".join(fact for fact in known if fact)


def before_and_after(observation: Observation, owner: OwnerWords, after: Enhancement) -> Table:
    """What the owner wrote, what the models alone said, and what the library's patterns made of it."""
    shown = Table(show_header=False, show_edge=False, pad_edge=False, padding=(0, 1))
    shown.add_column(style="dim", no_wrap=True)
    shown.add_column(overflow="fold")
    if owner.any:
        shown.add_row("owner wrote", owner.description or NOTHING)
        shown.add_row("", ", ".join(owner.tags))
    shown.add_row("models alone", generic_description(observation))
    shown.add_row(
        "", ", ".join(f"{name} {score:.2f}" for name, score in generic_tags(observation)[:TAGS_SHOWN])
    )
    shown.add_row(
        after.bundle or "no learning yet", Text(after.description.text, STYLES[after.description.source])
    )
    if after.description.why:
        shown.add_row("  why", Text("; ".join(after.description.why), style="dim"))
    shown.add_row("tags", tags(after.tags))
    if after.suggestions:
        shown.add_row("suggested", tags(after.suggestions))
    if after.people:
        shown.add_row("people", people(after.people))
    return shown


def tags(found: Sequence[Tag]) -> RenderableType:
    """Tags with score, source and reason, best first."""
    if not found:
        return NOTHING
    listed = Table.grid(padding=(0, 1))
    for tag in found[:TAGS_SHOWN]:
        listed.add_row(
            Text(tag.tag, style=STYLES[tag.source]),
            f"{tag.score:.2f}",
            tag.source,
            Text(tag.why, style="dim"),
        )
    return listed


def people(found: Sequence[Appearance]) -> str:
    """Who is in the photo, with how sure that is."""
    return ", ".join(f"{face.name or face.person_id[:8]} {face.score:.2f}" for face in found)
