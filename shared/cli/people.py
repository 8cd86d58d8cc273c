"""`eye people`: who is in the library."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import typer
from rich.table import Table

from shared.cli.console import out, print_json
from shared.cli.options import chosen
from shared.cli.target import Target
from shared.domain.errors import EyeError
from shared.learning.faces.patterns import FacePatterns
from shared.services import contact_sheets
from shared.services.browsing import Cards, Library
from shared.services.face_crops import FaceCrops
from shared.services.people import Known, People
from shared.storage.bundles import BundleRepository
from shared.storage.corrections import PeopleLog
from shared.storage.records import RecordRepository

FACES_OF_EACH = 8
SHEET = typer.Option(
    "--sheet", dir_okay=False, help="Draw a contact sheet of faces: a .jpg, .png, .webp or .html file."
)


@dataclass(frozen=True, slots=True)
class Album:
    """The people of a library with the photos they are on."""

    target: Target
    patterns: FacePatterns
    people: People

    @classmethod
    def of(cls, target: Target) -> Self:
        """The people of the live bundle, under everything said since; as `learned` raises."""
        patterns = learned(target)
        return cls(target, patterns, People(patterns, PeopleLog(target.library).events()))

    def cards(self) -> Cards:
        """The photos."""
        return Library(self.target.library, RecordRepository(self.target.library)).cards()

    def row(self, known: Known, crops: FaceCrops, most: int) -> contact_sheets.Row:
        """A person's row on a contact sheet."""
        return contact_sheets.Row(
            title=f"{known.name or 'Unnamed'}{' (hidden)' if known.hidden else ''}",
            note=f"{known.person_id[:8]}, {len(known.faces)} faces, {len(known.confirmed)} confirmed",
            cuts=crops.of(known.faces, most),
        )


def people(
    ctx: typer.Context,
    hidden: Annotated[bool, typer.Option("--hidden", help="Show people kept out of sight, too.")] = False,
    sheet: Annotated[Path | None, SHEET] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print people with their faces as JSON.")] = False,
) -> None:
    """List the people of the library: named ones first, then those with most faces."""
    if sheet:
        contact_sheets.check(sheet)
    album = Album.of(chosen(ctx))
    shown = album.people.ranked(hidden=hidden)
    if as_json:
        print_json([plain(known) for known in shown])
    else:
        _list(shown, len(album.patterns.unassigned))
    if sheet:
        crops = FaceCrops(album.target.library, album.cards())
        contact_sheets.write([album.row(known, crops, FACES_OF_EACH) for known in shown], sheet)


def learned(target: Target) -> FacePatterns:
    """The people of the live bundle.

    Raises
    ------
    EyeError
        Before the first training.
    """
    bundle = BundleRepository(target.library).latest()
    if bundle is None:
        raise EyeError("Nobody was grouped yet: run `eye train`")
    return FacePatterns.load(bundle.files)


def plain(known: Known) -> dict[str, object]:
    """A person as plain builtins."""
    return {
        "person_id": known.person_id,
        "name": known.name,
        "hidden": known.hidden,
        "faces": list(known.faces),
        "confirmed": sorted(known.confirmed),
    }


def _list(shown: list[Known], unassigned: int) -> None:
    table = Table(show_edge=False, pad_edge=False)
    for name in ("person", "name", "faces", "confirmed"):
        table.add_column(name, justify="right" if name in {"faces", "confirmed"} else "left")
    for known in shown:
        name = f"{known.name or '-'}{' (hidden)' if known.hidden else ''}"
        table.add_row(known.person_id[:8], name, str(len(known.faces)), str(len(known.confirmed)))
    out.print(table)
    people = "1 person" if len(shown) == 1 else f"{len(shown)} people"
    out.print(f"{people}; {unassigned} faces belong to nobody yet", style="dim")
    unnamed = next((known.person_id[:8] for known in shown if known.name is None), None)
    if unnamed:
        out.print(
            f"`eye people --sheet people.jpg` shows their faces, `eye person {unnamed} name NAME` names one",
            style="dim",
            soft_wrap=True,
        )
