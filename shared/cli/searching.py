"""`eye search`: photos by words, with why they were found."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from shared.cli.console import out, print_json
from shared.cli.options import chosen
from shared.services.api import wiring
from shared.services.api.views import SearchView


def search(
    ctx: typer.Context,
    words: Annotated[
        list[str], typer.Argument(help="Words, and tag:, person:, place:, before:, after: terms.")
    ],
    limit: Annotated[int, typer.Option(min=1, max=200, help="The most photos to show.")] = 10,
    why: Annotated[bool, typer.Option("--why", help="Say why each was found.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the hits as JSON.")] = False,
) -> None:
    """Search the library; exit code 1 where nothing is found."""
    chosen(ctx)
    found = wiring.searcher().search(" ".join(words), limit)
    if as_json:
        print_json(found.model_dump(mode="json"))
    else:
        _show(found, why=why)
    raise typer.Exit(0 if found.hits else 1)


def _show(found: SearchView, *, why: bool) -> None:
    if not found.hits:
        out.print("Nothing was found.")
    if found.did_you_mean:
        out.print(f"Did you mean: {found.did_you_mean}", markup=False)
    table = Table.grid(padding=(0, 2))
    for hit in found.hits:
        reasons = Text("; ".join(hit.why), style="dim") if why else Text("")
        table.add_row(
            Text(hit.photo_id[:8], style="dim"), f"{hit.score:.2f}", hit.key, hit.description, reasons
        )
    out.print(table)
    if found.total > len(found.hits):
        out.print(f"{found.total - len(found.hits)} more", style="dim")
