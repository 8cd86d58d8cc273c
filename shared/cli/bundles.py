"""`eye bundles`, `eye rollback` and `eye report`: what was learned, and which of it is in use."""

import webbrowser
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from infra.local.endpoints import home
from shared.cli import figures
from shared.cli.console import out, print_json
from shared.cli.options import chosen
from shared.domain.errors import EyeError
from shared.storage.bundles import Bundle, BundleRepository, Listed

REPORT_PAGE = "training_report.html"


def bundles(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the bundles that trainings published, newest first."""
    repository = BundleRepository(chosen(ctx).library)
    found = repository.list()
    if as_json:
        print_json([_plain(listed) for listed in found])
        return
    if not found:
        out.print("No training has published a bundle yet: run `eye train`")
        return
    table = Table(show_edge=False, pad_edge=False)
    for name in ("bundle", "state", "files", "MB"):
        table.add_column(name, justify="left" if name in {"bundle", "state"} else "right")
    for listed in found:
        files = listed.manifest.files.values() if listed.manifest else ()
        size = sum(file.size for file in files) / 1e6
        style = "bold green" if listed.state == "live" else ""
        table.add_row(listed.version, listed.state, str(len(files)), f"{size:.1f}", style=style)
    out.print(table)


def _plain(listed: Listed) -> dict[str, object]:
    manifest = listed.manifest.model_dump(mode="json") if listed.manifest else None
    return {"version": listed.version, "state": str(listed.state), "manifest": manifest}


def rollback(
    ctx: typer.Context,
    version: Annotated[
        str | None, typer.Argument(help="The bundle to go back to; the one before by default.")
    ] = None,
) -> None:
    """Make an earlier bundle live again."""
    alias = BundleRepository(chosen(ctx).library).rollback(version)
    out.print(f"{alias.version} is live. `eye reprocess` brings the records to it.", soft_wrap=True)


def report(
    ctx: typer.Context,
    version: Annotated[str | None, typer.Argument(help="A bundle; the live one by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print training_report.json.")] = False,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open it in a browser.")] = True,
) -> None:
    """Open the report of a training: what was learned, measured before and after."""
    bundle = _asked(BundleRepository(chosen(ctx).library), version)
    if as_json:
        typer.echo(bundle.files[figures.REPORT].decode())
        return
    path = save_report(bundle)
    out.print(str(path), soft_wrap=True, markup=False)
    if browse:
        webbrowser.open(path.resolve().as_uri())


def newest(repository: BundleRepository) -> Bundle | None:
    """The bundle of the last training, live or refused."""
    whole = [listed for listed in repository.list() if listed.manifest]
    return repository.load(whole[0].version) if whole else None


def save_report(bundle: Bundle) -> Path:
    """Write a bundle's report where a browser can read it; returns the path, from here if below."""
    path = home() / "reports" / f"{bundle.version}.html"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(bundle.files[REPORT_PAGE])
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _asked(repository: BundleRepository, version: str | None) -> Bundle:
    bundle = repository.load(version) if version else repository.latest()
    if bundle is None:
        raise EyeError("No bundle is live yet: run `eye train`")
    return bundle
