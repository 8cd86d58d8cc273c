"""`eye people`: who is in the library."""

from typing import Annotated

import typer
from rich.table import Table

from shared.cli import encoding
from shared.cli.console import out, print_json
from shared.cli.options import chosen
from shared.domain.errors import EyeError
from shared.learning.faces.patterns import FacePatterns
from shared.storage.bundles import BundleRepository
from shared.storage.store import ObjectStore


def people(
    ctx: typer.Context,
    hidden: Annotated[bool, typer.Option("--hidden", help="Show people kept out of sight, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print people with their faces as JSON.")] = False,
) -> None:
    """List the people of the library, those with most faces first."""
    patterns = live(chosen(ctx).library)
    shown = [person for person in patterns.people if hidden or not person.hidden]
    if as_json:
        print_json([encoding.person(person) for person in shown])
        return
    table = Table(show_edge=False, pad_edge=False)
    for name in ("person", "name", "faces", "confirmed"):
        table.add_column(name, justify="right" if name in {"faces", "confirmed"} else "left")
    for person in shown:
        name = f"{person.name or '-'}{' (hidden)' if person.hidden else ''}"
        table.add_row(person.id[:8], name, str(len(person.faces)), str(len(person.confirmed)))
    out.print(table)
    out.print(f"{len(shown)} people; {len(patterns.unassigned)} faces belong to nobody yet", style="dim")


def live(store: ObjectStore) -> FacePatterns:
    """The people of the live bundle.

    Raises
    ------
    EyeError
        Before the first training.
    """
    bundle = BundleRepository(store).latest()
    if bundle is None:
        raise EyeError("Nobody was grouped yet: run `eye train`")
    return FacePatterns.load(bundle.files)
