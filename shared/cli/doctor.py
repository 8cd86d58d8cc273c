"""`eye doctor`: whether all is well, and what to do where it is not."""

import typer

from shared.cli import diagnosis
from shared.cli.console import out, print_json
from shared.cli.options import chosen


def doctor(
    ctx: typer.Context,
    as_json: bool = typer.Option(False, "--json", help="Print the answers as JSON."),
) -> None:
    """Look for what may be wrong; exit code 1 where something has to be done."""
    found = []
    for finding in diagnosis.examine(chosen(ctx)):
        found.append(finding)
        if not as_json:
            mark = "[green]✓[/]" if finding.well else "[red]✗[/]"
            out.print(mark, f"[bold]{finding.question}[/]", end=" ")
            out.print(finding.said, markup=False, soft_wrap=True)
    if as_json:
        print_json([{"question": f.question, "well": f.well, "said": f.said} for f in found])
    raise typer.Exit(0 if all(finding.well for finding in found) else 1)
