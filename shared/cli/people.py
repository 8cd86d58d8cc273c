"""`eye people`: who is in the library."""

from typing import Annotated

import typer
from rich.table import Table

from shared.cli.console import out, print_json
from shared.cli.options import chosen
from shared.cli.target import Target
from shared.domain.errors import EyeError
from shared.learning.faces.patterns import FacePatterns
from shared.services.people import Known, People
from shared.storage.bundles import BundleRepository
from shared.storage.corrections import PeopleLog


def people(
    ctx: typer.Context,
    hidden: Annotated[bool, typer.Option("--hidden", help="Show people kept out of sight, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print people with their faces as JSON.")] = False,
) -> None:
    """List the people of the library: named ones first, then those with most faces."""
    target = chosen(ctx)
    patterns = learned(target)
    shown = People(patterns, PeopleLog(target.library).events()).ranked(hidden=hidden)
    if as_json:
        print_json([_plain(known) for known in shown])
        return
    table = Table(show_edge=False, pad_edge=False)
    for name in ("person", "name", "faces", "confirmed"):
        table.add_column(name, justify="right" if name in {"faces", "confirmed"} else "left")
    for known in shown:
        name = f"{known.name or '-'}{' (hidden)' if known.hidden else ''}"
        table.add_row(known.person_id[:8], name, str(len(known.faces)), str(len(known.confirmed)))
    out.print(table)
    out.print(f"{len(shown)} people; {len(patterns.unassigned)} faces belong to nobody yet", style="dim")


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


def _plain(known: Known) -> dict[str, object]:
    return {
        "person_id": known.person_id,
        "name": known.name,
        "hidden": known.hidden,
        "faces": list(known.faces),
        "confirmed": sorted(known.confirmed),
    }
