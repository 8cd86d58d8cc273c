"""Figures as a table on the terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table

MB = 1_000_000
console = Console()


def show(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table; its first column is text, the others are figures."""
    table = Table(title=title, title_justify="left", title_style="bold")
    for number, name in enumerate(columns):
        table.add_column(name, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
