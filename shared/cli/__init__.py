"""The `eye` command: each command parses, asks services or storage, and shows what they say."""

import typer

from shared.cli import (
    adding,
    bundles,
    cloud,
    demo,
    doctor,
    evaluate,
    logs,
    people,
    searching,
    showing,
    training,
)
from shared.cli.console import SentenceGroup
from shared.cli.options import choose

app = typer.Typer(
    cls=SentenceGroup,
    callback=choose,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_show_locals=False,
)
COMMANDS = (
    cloud.up,
    cloud.down,
    adding.add,
    adding.watch,
    training.train,
    showing.show,
    searching.search,
    people.people,
    bundles.bundles,
    bundles.rollback,
    training.reprocess,
    bundles.report,
    evaluate.evaluate,
    logs.logs,
    doctor.doctor,
    demo.demo,
)
for command in COMMANDS:
    app.command()(command)
