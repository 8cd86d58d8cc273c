"""The `eye` command: each command parses, asks services or storage, and shows what they say."""

from importlib import import_module
from typing import Any

import typer

from shared.cli.console import SentenceGroup
from shared.cli.options import choose

COMMANDS = {
    "up": "cloud",
    "down": "cloud",
    "add": "adding",
    "watch": "adding",
    "train": "training",
    "show": "showing",
    "search": "searching",
    "people": "people",
    "person": "person",
    "events": "gatherings",
    "export": "exporting",
    "erase": "erasing",
    "bundles": "bundles",
    "rollback": "bundles",
    "reprocess": "training",
    "report": "bundles",
    "evaluate": "evaluate",
    "logs": "logs",
    "doctor": "doctor",
    "demo": "demo",
}
"""Each command with its module of this package, in the order of the help."""


class LazyGroup(SentenceGroup):
    """Imports a command's module when the command is asked for: learning and models take a second or two."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002  (the base class passes it)
        """All commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """The command of a name; None where there is none."""
        if cmd_name not in COMMANDS:
            return None
        function = getattr(import_module(f"shared.cli.{COMMANDS[cmd_name]}"), cmd_name)
        if isinstance(function, typer.Typer):
            return typer.main.get_command(function)
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(cmd_name)(function)
        return typer.main.get_command(alone)


app = typer.Typer(
    cls=LazyGroup,
    callback=choose,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
)
