"""`eye demo`: the whole mission on real photos, from an empty cloud to what a library learned of itself."""

import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from infra.local import cloud
from shared.cli import adding, bundles, training
from shared.cli.cloud import addresses
from shared.cli.console import out
from shared.cli.demo import casting, measuring, people, searches, stage, view
from shared.cli.demo.casting import Cast
from shared.cli.people import learned
from shared.cli.target import Target
from shared.cli.uploads import Upload
from shared.domain.record import OwnerWords, Record
from shared.enhance import enhance
from shared.storage import keys
from shared.storage.bundles import BundleRepository


def demo(
    photos: Annotated[
        Path | None, typer.Option(help="A folder of your own photos; the samples by default.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Keep the demo's library there; it is temporary by default.")
    ] = None,
    stop: Annotated[bool, typer.Option("--stop", help="Stop the cloud at the end.")] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Write what the demo prints to this file as an SVG picture.")
    ] = None,
) -> None:
    """Show the whole mission on real photos: upload, train, and what new photos then get."""
    started = time.monotonic()
    with _pictured(picture):
        cast = casting.cast(photos.expanduser() if photos else None)
        target = _begin(cast, data)
        library = _bring(target, cast.library)
        view.title("2. Training: five phases learn this library's own patterns")
        if training.learn(target, {"reason": "the demo"}) == "completed":
            _show_new(target, cast, library)
            _show_people(target, library)
        else:
            out.print("What was learned is not in use: the gate says above why, the report says more.")
        _end(target, time.monotonic() - started, stop=stop)


def _begin(cast: Cast, data: Path | None) -> Target:
    view.title(f"1. A cloud on this computer, and {len(cast.library)} photos in it")
    out.print(f"{cast.name}: {cast.worded} carry their owner's words in the file", soft_wrap=True)
    if cast.left_out:
        out.print(f"{cast.left_out} more photos of the folder are left out of the demo")
    for sentence in casting.missing_words(cast):
        out.print(sentence, style="bold", soft_wrap=True)
    with out.status("Starting the embedded cloud and deploying infra/template.yaml"):
        target = stage.fresh(data)
    out.print(f"Deployed infra/template.yaml to {target.name}", soft_wrap=True)
    return target


def _bring(target: Target, photos: tuple[Upload, ...]) -> Mapping[str, Record]:
    started = datetime.now(UTC)
    return adding.analyze(target, adding.send(target, photos), started)


def _show_new(target: Target, cast: Cast, library: Mapping[str, Record]) -> None:
    if not cast.new:
        return
    view.title(f"3. {len(cast.new)} photos the library has never seen, uploaded as pixels without any words")
    with tempfile.TemporaryDirectory(prefix="eye-demo-") as folder:
        copies = tuple(photo.without_words(Path(folder)) for photo in cast.new)
        found = _bring(target, copies)
        ids = [keys.photo_id(target.uploads_bucket, photo.key) for photo in cast.new]
        new = [found[photo_id] for photo_id in ids]
        alone = [enhance(r.observation, OwnerWords(), None) if r.observation else None for r in new]
        view.new_photos(cast.new, new, alone)
        view.title("4. All new photos, before and after")
        asked = [(photo_id, photo.captions) for photo_id, photo in zip(ids, cast.new, strict=True)]
        unlearned = searches.unlearned([*library.values(), *new], Path(folder) / "unlearned")
        before, after = (measuring.places(asked, search) for search in (unlearned, searches.learned()))
    view.searched(cast.new, before, after, len(library) + len(new))
    taught = [record.enhancement for record in new]
    said = [[made.description.text if made else "" for made in each] for each in (alone, taught)]
    named = [[measuring.Named.of(made) for made in each] for each in (alone, taught)]
    rows = measuring.of_descriptions([photo.captions for photo in cast.new], *said)
    rows += measuring.of_tags([photo.tags for photo in cast.new], *named)
    rows += measuring.of_search(before, after)
    view.measured(rows, measuring.plainly(rows, len(library), len(new)))


def _show_people(target: Target, library: Mapping[str, Record]) -> None:
    view.title("5. People, grouped by their faces")
    view.people(people.groups(learned(target), library))


def _end(target: Target, seconds: float, *, stop: bool) -> None:
    view.title(f"Done in {seconds:.0f} seconds")
    newest = bundles.newest(BundleRepository(target.library))
    if newest:
        out.print(f"report  {bundles.save_report(newest)}", markup=False, soft_wrap=True)
    if stop:
        cloud.down()
        return
    if target.local:
        out.print(f"page    {addresses(target.local)['page']}", markup=False, soft_wrap=True)
    out.print(
        "It goes on running. Try `eye search dog --why`, `eye people`, `eye doctor`; `eye down` stops it."
    )


@contextmanager
def _pictured(path: Path | None) -> Iterator[None]:
    """Record what is printed as a picture, where one is asked for."""
    if path is None:
        yield
        return
    out.record = True
    yield
    out.save_svg(str(path), title="make demo")
