"""`eye events`: what was photographed together, by time, people and place."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.table import Table

from shared.cli.console import out, print_json
from shared.cli.options import chosen
from shared.domain.gatherings import Gathering, Moment, gatherings
from shared.domain.occasions import when
from shared.domain.record import Status
from shared.learning.faces.patterns import FacePatterns
from shared.services.browsing import Library
from shared.services.people import People
from shared.storage.bundles import BundleRepository
from shared.storage.corrections import PeopleLog
from shared.storage.records import RecordRepository
from shared.storage.store import ObjectStore

FEWEST = 2


def events(
    ctx: typer.Context,
    fewest: Annotated[int, typer.Option(min=1, help="Photos an event has at least.")] = FEWEST,
    as_json: Annotated[bool, typer.Option("--json", help="Print events as JSON.")] = False,
) -> None:
    """Group dated photos into events: when, where, who."""
    found = [one for one in gatherings(_moments(chosen(ctx).library)) if len(one.moments) >= fewest]
    if as_json:
        print_json([_plain(one) for one in found])
        return
    table = Table(show_edge=False, pad_edge=False)
    for heading in ("when", "where", "who", "photos"):
        table.add_column(heading)
    for one in found:
        table.add_row(_when(one), ", ".join(one.places), ", ".join(one.people), str(len(one.moments)))
    out.print(table)
    if not found:
        out.print(f"No {fewest} photos that tell when they were taken belong together", style="dim")


def _moments(library: ObjectStore) -> Iterator[Moment]:
    """Dated photos, their people called as they are now."""
    bundle = BundleRepository(library).latest()
    people = People(FacePatterns.load(bundle.files) if bundle else None, PeopleLog(library).events())
    for card in Library(library, RecordRepository(library)).cards():
        seen = (people.of_face(spot.face_id, spot.appearance) for spot in card.faces)
        moment = Moment.of(card, (somebody.name for somebody in seen if somebody))
        if moment and card.status is Status.ANALYZED:
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
