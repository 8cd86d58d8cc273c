"""`eye export`: what the library knows, as files that other programs read."""

from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from shared.cli.console import out
from shared.cli.options import chosen
from shared.cli.target import Target
from shared.domain.errors import EyeError, InvalidInput
from shared.learning.faces.patterns import FacePatterns
from shared.services.people import People
from shared.services.sidecars import Sidecar, is_ours, sidecars
from shared.storage.bundles import BundleRepository
from shared.storage.corrections import PeopleLog
from shared.storage.records import RecordRepository


class Written(StrEnum):
    """What became of a sidecar."""

    WRITTEN = "written"
    UNCHANGED = "unchanged"
    LEFT = "left"


def export(
    ctx: typer.Context,
    xmp: Annotated[
        Path | None,
        typer.Option(help="A folder, the one above those you added say: `a/b.jpg` gets `a/b.jpg.xmp`."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace sidecars that another program wrote, too.")
    ] = False,
) -> None:
    """Write XMP sidecars: the owner's keywords, captions and named faces, and apart what was learned."""
    target = chosen(ctx)
    if xmp is None:
        raise InvalidInput("Nothing is named to export: give a folder with --xmp")
    records = RecordRepository(target.library)
    ids = [photo_id for photo_id, _ in records.list()]
    found = sidecars(records, _people(target), ids)
    try:
        count = Counter(
            write(xmp, one, replace=replace)
            for one in track(found, "Writing", total=len(ids), console=out, transient=True)
        )
    except OSError as error:
        raise EyeError(f"The sidecars cannot be written: {error.strerror}: {error.filename}") from error
    said = ", ".join(f"{count[kind]} {kind}" for kind in Written if count[kind])
    out.print(f"Sidecars below {xmp}: {said or 'none, no photo is analyzed yet'}", soft_wrap=True)
    if count[Written.LEFT]:
        out.print("Those left are another program's: --replace writes over them.", style="dim")


def write(folder: Path, sidecar: Sidecar, *, replace: bool) -> Written:
    """Write one sidecar below a folder, another program's only where it may be replaced."""
    path = folder / sidecar.path
    if path.exists():
        standing = path.read_bytes()
        if standing == sidecar.body:
            return Written.UNCHANGED
        if not (replace or is_ours(standing)):
            return Written.LEFT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(sidecar.body)
    return Written.WRITTEN


def _people(target: Target) -> People:
    bundle = BundleRepository(target.library).latest()
    patterns = FacePatterns.load(bundle.files) if bundle else None
    return People(patterns, PeopleLog(target.library).events())
