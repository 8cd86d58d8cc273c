"""`make bench`: figures of speed and size, printed beside what was promised. Nothing fails here."""

from collections.abc import Callable
from typing import Annotated

import typer

from shared.learning.patterns import Patterns
from tests.bench import analyzing, browsing, faces, page, searching, through_cloud, training
from tests.bench.table import MB, console, show
from tests.bench.training import Trainings
from tests.training_steps import ALL_PHASES

STORED_PROMISE = 500 * MB
PHASES_PROMISE = 20.0
CLOUD_PROMISE = 60.0
LOADED_PROMISE = 150 * MB
USUAL, LARGE = (1_000, 10_000), 50_000


def _storage(trainings: Trainings, _large: bool) -> None:
    trained = trainings.of(10_000)
    columns = ("beside originals and thumbnails", "kept", "a photo", "promise")
    show("What a library of 10,000 photos keeps", columns, training.storage_rows(trained, STORED_PROMISE))


def _training(trainings: Trainings, large: bool) -> None:
    lines = []
    for photos in (*USUAL, *((LARGE,) if large else ())):
        promised = {ALL_PHASES: PHASES_PROMISE} if photos == 10_000 else {}
        lines += list(training.rows(trainings.of(photos), promised))
    columns = ("photos", "step", "on the clock", "of the processor", "promise")
    show("Training, all steps in one process", columns, lines)
    through = through_cloud.rows(10_000, trainings.seed, CLOUD_PROMISE)
    steps = ("photos", "step", "on the clock", "promise")
    show("Training through the state machine, in the embedded cloud", steps, through)


def _bundle(trainings: Trainings, _large: bool) -> None:
    trained = trainings.of(10_000)
    sizes = sorted(trained.bundle_bytes().items(), key=lambda item: -item[1])
    lines = [
        (name, f"{size / MB:.2f} MB", "yes" if name in Patterns.NEEDS else "", "") for name, size in sizes
    ]
    lines.append(
        ("analyze loads", f"{trained.loaded_bytes / MB:.1f} MB", "", f"{LOADED_PROMISE / MB:.0f} MB")
    )
    show("A bundle of 10,000 photos", ("file", "bytes", "analyze loads it", "promise"), lines)


def _analyze(_trainings: Trainings, _large: bool) -> None:
    columns = ("analyze", "cold start and first photo", "a photo", "peak memory")
    show("Looking at photos of the demo", columns, analyzing.rows())


def _faces(_trainings: Trainings, large: bool) -> None:
    if not faces.data_folder().is_dir():
        console.print(f"faces: skipped, no evaluation data at {faces.data_folder()} (set EYE_DATA)")
        return
    lines = (
        (
            f"{row.faces:,} {row.shape}",
            f"{row.bcubed_f:.3f}",
            f"{row.pairwise_f:.3f}",
            f"{row.seconds:.1f} s",
            f"{row.cpu_seconds:.1f} s",
            f"{row.megabytes:.0f} MB",
            f"{row.file_megabytes:.1f} MB",
        )
        for row in faces.run((100_000, 1_000_000) if large else (100_000,))
    )
    columns = ("faces", "B-cubed F", "pairwise F", "on the clock", "of the processor", "peak memory", "file")
    show("Grouping made-up faces into people", columns, lines)


def _search(_trainings: Trainings, large: bool) -> None:
    sizes = (10_000, 100_000) if large else (10_000,)
    lines = (
        (
            f"{row.photos:,}",
            f"{row.search:.1f} ms",
            f"{row.with_terms:.1f} ms",
            f"{row.bm25:.1f} ms",
            f"{searching.PROMISE[row.photos]:.0f} ms",
        )
        for row in searching.run(sizes)
    )
    columns = ("photos", "search, median", "with terms", "BM25 alone", "promise")
    show("Searching, warm, on one core, without encoding the query", columns, lines)


def _api(_trainings: Trainings, large: bool) -> None:
    sizes = (10_000, 50_000) if large else (10_000,)
    lines = (
        (
            f"{row.photos:,}",
            row.reader,
            f"{row.requests:,}",
            f"{row.listed:.1f} s",
            f"{row.searched:.1f} s",
            f"{1_000 * row.page:.0f} ms",
            f"{1_000 * row.search:.0f} ms",
        )
        for row in browsing.run(sizes)
    )
    columns = ("photos", "reads", "requests", "first page", "first search", "next page", "next search")
    show("A cold start of the API's reader, on a processor of its own", columns, lines)


def _page(_trainings: Trainings, _large: bool) -> None:
    show("The page", ("figure", "measured", "promise"), page.rows())


BENCHES: dict[str, Callable[[Trainings, bool], None]] = {
    "analyze": _analyze,
    "training": _training,
    "storage": _storage,
    "bundle": _bundle,
    "faces": _faces,
    "search": _search,
    "api": _api,
    "page": _page,
}


def main(
    only: Annotated[
        list[str] | None, typer.Option(help=f"One of {', '.join(BENCHES)}; may be repeated")
    ] = None,
    large: Annotated[
        bool,
        typer.Option("--large", help="Train on 50,000 photos, search 100,000, and group 100,000 faces, too"),
    ] = False,
    seed: Annotated[int, typer.Option(help="Of the synthetic libraries")] = 7,
) -> None:
    """Measure speed and size."""
    unknown = [name for name in only or () if name not in BENCHES]
    if unknown:
        raise typer.BadParameter(f"there is no {unknown[0]!r}: use {', '.join(BENCHES)}")
    trainings = Trainings(seed)
    for name, bench in BENCHES.items():
        if not only or name in only:
            console.print(f"[dim]{name}…[/]")
            bench(trainings, large)


typer.run(main)
