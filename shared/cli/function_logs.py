"""What a function logged: files of the embedded cloud, or the stack's log group on AWS."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from shared.cli.target import Target
from shared.domain.errors import InvalidInput
from shared.storage import aws

EVERY = 1.0
LOOK_BACK = timedelta(hours=1)
Read = Callable[[], Iterable[str]]


def lines(target: Target, function: str, *, follow: bool = False) -> Iterator[str]:
    """Lines that a function logged in the last hour (on the embedded cloud: ever), oldest first.

    Parameters
    ----------
    function : str
        Its name in the template, in any case: `analyze`, `search_index`.
    follow : bool
        Whether to wait for more, without end.

    Raises
    ------
    InvalidInput
        Where the embedded cloud has run no such function.
    """
    read = (
        _from_files(target.local.data / "logs", function) if target.local else _from_group(target, function)
    )
    yield from read()
    while follow:
        time.sleep(EVERY)
        yield from read()


def _from_files(folder: Path, function: str) -> Read:
    plain = function.replace("_", "").replace("-", "").lower()
    known = {path.name: path for path in folder.glob("*") if path.is_dir()}
    meant = [path for name, path in sorted(known.items()) if plain in name.lower().split("-")]
    if not meant:
        names = ", ".join(sorted(known)) or "none"
        raise InvalidInput(f"No function {function!r} has run yet; those that have: {names}")
    places: dict[Path, int] = {}

    def read() -> Iterator[str]:
        for path in sorted(log for folder in meant for log in folder.glob("*.log")):
            with path.open("rb") as file:
                file.seek(places.get(path, 0))
                text = file.read()
            whole = text[: text.rfind(b"\n") + 1]
            places[path] = places.get(path, 0) + len(whole)
            yield from whole.decode(errors="replace").splitlines()

    return read


def _from_group(target: Target, function: str) -> Read:
    plain = function.replace("_", "").replace("-", "").lower()
    since = datetime.now(UTC) - LOOK_BACK
    told: set[str] = set()

    def read() -> Iterator[str]:
        pages = (
            aws.logs()
            .get_paginator("filter_log_events")
            .paginate(logGroupName=target.log_group, startTime=int(1000 * since.timestamp()))
        )
        for event in (event for page in pages for event in page["events"]):
            if event["eventId"] not in told and plain in event["logStreamName"].lower():
                told.add(event["eventId"])
                yield event["message"].rstrip()

    return read
