"""What a demo shows: each new photo before and after, people, and figures with their intervals."""

from collections.abc import Sequence
from math import isinf
from pathlib import PurePosixPath

from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from shared.cli.console import out
from shared.cli.demo.casting import NewPhoto
from shared.cli.demo.measuring import Places, Row
from shared.cli.demo.people import Group
from shared.cli.figures import figure
from shared.domain.record import Enhancement, Record, Source, Tag

TAGS_SHOWN = 6


def title(text: str) -> None:
    """Begin a part of the story."""
    out.print()
    out.print(Rule(Text(text, style="bold"), align="left", style="dim"))


def new_photos(
    cast: Sequence[NewPhoto], records: Sequence[Record], alone: Sequence[Enhancement | None]
) -> None:
    """Each photo: what the models alone said, what the library taught, and what its owner really wrote."""
    out.print("✓ marks what its owner wrote, too", style="dim")
    for photo, record, before in zip(cast, records, alone, strict=True):
        out.print()
        out.print(Text(PurePosixPath(photo.key).name, style="bold"))
        if record.enhancement is None or before is None:
            out.print(f"  {record.reason}", markup=False)
            continue
        out.print(_photo(photo, before, record.enhancement))


def _photo(photo: NewPhoto, before: Enhancement, after: Enhancement) -> Table:
    shown = Table.grid(padding=(0, 1))
    shown.add_column(style="dim", no_wrap=True, min_width=15)
    shown.add_column(overflow="fold")
    shown.add_row("  models alone", before.description.text)
    shown.add_row("", _tags(before.tags, photo.tags))
    if after.description.source is Source.LEARNED:
        shown.add_row("  library taught", Text(after.description.text, style="green"))
        shown.add_row("", Text("; ".join(after.description.why), style="dim"))
    else:
        shown.add_row("  library taught", Text("no better sentence", style="dim"))
    shown.add_row("  tags", _tags(after.tags, photo.tags))
    if after.suggestions:
        shown.add_row("  suggested", _tags(after.suggestions, photo.tags))
    shown.add_row(
        "  owner wrote", Text("; ".join(filter(None, (*photo.captions[:1], ", ".join(photo.tags)))))
    )
    return shown


def _tags(tags: Sequence[Tag], wanted: Sequence[str]) -> Text:
    """Tags with their scores, the owner's own words among them marked."""
    if not tags:
        return Text("none are applied", style="dim")
    said = {tag.casefold() for tag in wanted}
    shown = Text()
    for tag in tags[:TAGS_SHOWN]:
        right = tag.tag.casefold() in said
        style = "green" if tag.source is Source.LEARNED else "yellow"
        shown.append(
            f"{tag.tag} {tag.score:.2f}{' ✓' if right else ''}  ", f"bold {style}" if right else style
        )
    return shown


def people(groups: Sequence[Group]) -> None:
    """People who are in two photos or more."""
    if not groups:
        out.print("Nobody is in two photos or more.")
    for group in groups:
        photos = ", ".join(PurePosixPath(key).name for key in group.photos)
        named = ", ".join(PurePosixPath(key).name for key in group.named_in)
        name = Text(group.name or f"person {group.person_id[:8]}", style="bold")
        out.print(name, Text(photos))
        if named:
            out.print(f"  named by the owner in {named}", style="dim")


def searched(cast: Sequence[NewPhoto], before: Places, after: Places, photos: int) -> None:
    """Where each photo stands when it is searched by its owner's own sentence."""
    table = Table(show_edge=False, pad_edge=False)
    table.add_column(f"place among {photos} photos, searched by the owner's own words")
    table.add_column("models alone", justify="right")
    table.add_column("library taught", justify="right")
    for photo, then, now in zip(cast, before, after, strict=True):
        if then:
            style = "green" if now[0] < then[0] else "red" if now[0] > then[0] else ""
            table.add_row(photo.captions[0], _place(then[0]), Text(_place(now[0]), style))
    if table.row_count:
        out.print(table)
        out.print()


def _place(place: float) -> str:
    return "not found" if isinf(place) else f"{place:.0f}"


def measured(rows: Sequence[Row], plainly: Sequence[str]) -> None:
    """The figures over all new photos, before and after, with 95 % intervals."""
    table = Table(show_edge=False, pad_edge=False)
    for name in ("figure", "models alone", "library taught", "difference"):
        table.add_column(name, justify="left" if name == "figure" else "right")
    for row in rows:
        style = "" if row.certain else "dim"
        table.add_row(row.name, figure(row.before), figure(row.after), figure(row.difference), style=style)
    out.print(table)
    for line in plainly:
        out.print(line, markup=False)
