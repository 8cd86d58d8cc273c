"""Where the command writes: sentences for people, JSON for scripts, and one red sentence where it fails."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import typer
from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console, RenderableType
from rich.live import Live
from typer.core import TyperGroup

from shared.domain.errors import EyeError

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


@contextmanager
def live(first: RenderableType = "") -> Iterator[Live]:
    """Show something that changes; where nobody watches a terminal, its last state alone is written."""
    with Live(first, console=out, refresh_per_second=8) as shown:
        yield shown
    if not out.is_terminal:
        out.line()


def print_json(value: Any) -> None:
    """Write one JSON document to standard output, keys sorted, nothing else."""
    typer.echo(json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1))


class SentenceGroup(TyperGroup):
    """A command group whose foreseen errors end as one sentence and exit code 1, without a traceback."""

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command; say what is wrong where it raises an error meant for people."""
        try:
            return super().invoke(ctx)
        except EyeError as error:
            said = str(error)
        except (BotoCoreError, ClientError) as error:
            said = f"AWS did not do what was asked: {error}"
        except KeyboardInterrupt:
            said = "Stopped. What was started goes on: `eye watch` and `eye logs` show it."
        err.print(said, style="bold red", markup=False, soft_wrap=True)
        raise typer.Exit(1)
