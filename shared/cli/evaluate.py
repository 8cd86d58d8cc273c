"""`eye evaluate`: what learning gives, measured on a folder of real data or on the library's own photos."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from shared.cli import figures
from shared.cli.console import err, out
from shared.cli.options import chosen
from shared.domain.errors import InvalidInput
from shared.services import contact_sheets, evaluation
from shared.services.evaluation.base import TaskResult
from shared.services.scoring import score_live


def evaluate(
    ctx: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="Folder laid out like the evaluation data."),
    ] = None,
    task: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(evaluation.TASKS)}; may be repeated.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="End with one JSON object {task: {figure: value}} on a line.")
    ] = False,
    dump: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="Folder for one JSON line an item, and contact sheets, by task."),
    ] = None,
) -> None:
    """Measure tags, descriptions, search, synonyms, co-occurrence, people and few words, with 95 % intervals.

    Without --data the live bundle is scored on the library's own held-out photos.
    """
    if data is None:
        if task or dump:
            raise InvalidInput("Tasks and dumps are of a folder of real data: name it with --data")
        _own_library(ctx, as_json=as_json)
        return
    results = []
    for name in task or evaluation.TASKS:
        err.print(f"measuring {name}", style="dim")
        result = evaluation.run(name, data)
        results.append(result)
        _show(result)
        if dump:
            _write(result, dump)
    if as_json:
        typer.echo(json.dumps({result.task: result.flat() for result in results}, sort_keys=True))


def _own_library(ctx: typer.Context, *, as_json: bool) -> None:
    score = score_live(chosen(ctx).library)
    rows = [comparison.plain() for comparison in score.comparisons]
    if as_json:
        typer.echo(
            json.dumps({"bundle": score.version, "photos": score.photos, "figures": rows}, sort_keys=True)
        )
        return
    out.print(f"live bundle {score.version}", markup=False)
    out.print(figures.comparisons(rows, score.photos))


def _show(result: TaskResult) -> None:
    title = f"{result.task}: {result.items} items"
    table = Table(show_edge=False, pad_edge=False, title=title, title_justify="left")
    table.add_column("figure")
    for method in result.methods:
        table.add_column(method.replace("_", " "), justify="right")
    names = dict.fromkeys(name for found in result.methods.values() for name in found)
    for name in names:
        cells = [figures.figure(found[name]) if name in found else "" for found in result.methods.values()]
        table.add_row(name, *cells)
    out.print(table)
    for note in result.notes:
        out.print(note, markup=False, soft_wrap=True, style="dim")


def _write(result: TaskResult, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in result.sheets.items():
        contact_sheets.write(rows, folder / f"{result.task}_{name}.jpg")
    lines = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in result.dump)
    (folder / f"{result.task}.jsonl").write_text(lines, encoding="utf-8")
