"""`eye events`: what was photographed together, by time, people and place."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.table import Table

from shared.cli.console import out, print_json
from shared.cli.options import chosen
from shared.domain.gatherings import Gathering, Moment, gatherings
from shared.domain.occasions import when
from shared.storage.records import RecordRepository

FEWEST = 2


def events(
    ctx: typer.Context,
    fewest: Annotated[int, typer.Option(min=1, help="Photos an event has at least.")] = FEWEST,
    as_json: Annotated[bool, typer.Option("--json", help="Print events as JSON.")] = False,
) -> None:
    """Group dated photos into events: when, where, who."""
    found = [
        one
        for one in gatherings(_moments(RecordRepository(chosen(ctx).library)))
        if len(one.moments) >= fewest
    ]
    if as_json:
        print_json([_plain(one) for one in found])
        return
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("when", "where", "who", "photos"):
        table.add_column(heading)
    for one in found:
        table.add_row(_when(one), ", ".join(one.places), ", ".join(one.people), str(len(one.moments)))
    out.print(table)


def _moments(records: RecordRepository) -> Iterator[Moment]:
    for stored in records.get_many(photo_id for photo_id, _ in records.list()):
        moment = Moment.of(stored.record)
        if moment:
            yield moment


def _when(one: Gathering) -> str:
    return when(one.moments[0].taken_at, one.moments[0].latitude)


def _plain(one: Gathering) -> dict[str, object]:
    return {
        "when": _when(one),
        "from": one.moments[0].taken_at.isoformat(),
        "to": one.moments[-1].taken_at.isoformat(),
        "places": list(one.places),
        "people": list(one.people),
        "photos": [moment.photo_id for moment in one.moments],
    }
