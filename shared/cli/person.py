"""`eye person ID`: one person, and what their owner says of them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text
from typer.core import TyperGroup

from shared.cli.console import out, print_json
from shared.cli.options import chosen
from shared.cli.people import SHEET, Album, plain
from shared.domain.errors import InvalidInput, ObjectMissing
from shared.domain.people import (
    ConfirmFace,
    HidePerson,
    IgnoreFace,
    MergePeople,
    NamePerson,
    PeopleWord,
    RejectFace,
    SplitPerson,
    Undo,
)
from shared.services import contact_sheets
from shared.services.face_crops import DIGITS, FaceCrops
from shared.services.people import Known, People
from shared.storage.corrections import PeopleLog

FACES_OF_A_ROW = 10


class Actions(TyperGroup):
    """What can be said of a person; showing them where nothing is said."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the person, and the action after it."""
        action = args[1] if len(args) > 1 else "--"
        if args and not args[0].startswith("-") and action.startswith("-") and action != "--help":
            args = [args[0], "show", *args[1:]]
        return super().parse_args(ctx, args)


person = typer.Typer(
    cls=Actions,
    add_completion=False,
    rich_markup_mode=None,
    subcommand_metavar="[ACTION [ARGS]...]",
)

Faces = Annotated[list[str], typer.Argument(metavar="FACE...", help="Ids of faces, or their beginnings.")]


@dataclass(frozen=True)
class Chosen:
    """The person a command is about."""

    album: Album
    known: Known

    @cached_property
    def crops(self) -> FaceCrops:
        """Faces of the library."""
        return FaceCrops(self.album.target.library, self.album.cards())

    def say(self, *words: PeopleWord) -> None:
        """Keep what the owner said, and show the person as they stand then."""
        log = PeopleLog(self.album.target.library)
        events = [log.add(word) for word in words]
        people = People(self.album.patterns, (*self.album.people.events, *events))
        now = people.known.get(people.view.canonical(self.known.person_id))
        out.print(_line(now) if now else "Nobody is left of them.", soft_wrap=True)
        for person_id in sorted(people.known.keys() - self.album.people.known.keys() - self.known.ids):
            out.print(Text("New: ").append_text(_line(people.known[person_id])), soft_wrap=True)
        where = (now or self.known).person_id[:8]
        out.print(
            f"Kept for ever, learned by the next training; `eye person {where} undo` takes it back",
            style="dim",
            soft_wrap=True,
        )


@person.callback()
def whom(
    ctx: typer.Context,
    who: Annotated[
        str, typer.Argument(metavar="ID", help="An id as `eye people` lists it, its beginning, or a name.")
    ],
) -> None:
    """Show a person with their faces, or say what is right: no training ever forgets it.

    Examples: `eye person 3f2a name "Ada Lovelace" --born 1990-12-10`, `eye person Ada merge 77c1`,
    `eye person Ada reject 91be03`, `eye person Ada undo`.
    """
    album = Album.of(chosen(ctx))
    ctx.obj = Chosen(album, _meant(album, who, gone=ctx.invoked_subcommand == undo.__name__))


@person.command()
def show(
    ctx: typer.Context,
    most: Annotated[int, typer.Option("--faces", min=1, help="The most faces to list.")] = 20,
    sheet: Annotated[Path | None, SHEET] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the person as JSON.")] = False,
) -> None:
    """Show the person with their faces and what was said of them; so does no action at all."""
    this = _chosen(ctx)
    if sheet:
        contact_sheets.check(sheet)
    if as_json:
        print_json(_plain(this))
    else:
        _show(this, most)
    if sheet:
        _draw(this, sheet)


@person.command()
def name(
    ctx: typer.Context,
    called: Annotated[str, typer.Argument(metavar="NAME", help="What the person is called.")],
    born: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Birth date: photos taken before never show the person."),
    ] = None,
) -> None:
    """Give the person a name, or another one."""
    this = _chosen(ctx)
    text = " ".join(called.split())
    if not text or len(text) > 100:
        raise InvalidInput("A name has 1 to 100 characters: type it again")
    this.say(NamePerson(this.known.person_id, text, born.date() if born else None))
    for other in this.album.people.known.values():
        if (other.name or "").casefold() == text.casefold() and other.person_id != this.known.person_id:
            out.print(
                f"{other.person_id[:8]} is called {text}, too: if they are one, "
                f"`eye person {this.known.person_id[:8]} merge {other.person_id[:8]}`",
                soft_wrap=True,
                markup=False,
            )


@person.command()
def merge(
    ctx: typer.Context,
    others: Annotated[list[str], typer.Argument(metavar="OTHER...", help="Ids or names of the others.")],
) -> None:
    """Say that others are this person, too: all their faces become the person's."""
    this = _chosen(ctx)
    found = [this.album.people.meant(other) for other in others]
    if any(other.person_id == this.known.person_id for other in found):
        raise InvalidInput("A person cannot be merged with themselves: name another id")
    this.say(*(MergePeople(this.known.person_id, other.person_id) for other in found))


@person.command()
def split(ctx: typer.Context, faces: Faces) -> None:
    """Take faces out that are all of one other person: they become somebody new."""
    this = _chosen(ctx)
    found = tuple(dict.fromkeys(this.crops.face(face) for face in faces))
    for face in found:
        if face not in this.known.faces:
            raise InvalidInput(f"The face {face} is not this person's: `eye person ID` lists whose are")
    this.say(SplitPerson(this.known.person_id, found))


@person.command()
def confirm(ctx: typer.Context, faces: Faces) -> None:
    """Say that faces are this person, whosever they were taken for."""
    this = _chosen(ctx)
    this.say(*(ConfirmFace(this.crops.face(face), this.known.person_id) for face in faces))


@person.command()
def reject(ctx: typer.Context, faces: Faces) -> None:
    """Say that faces are not this person; they never come back, nor do near-duplicates of them."""
    this = _chosen(ctx)
    this.say(*(RejectFace(this.crops.face(face), this.known.person_id) for face in faces))


@person.command()
def hide(ctx: typer.Context) -> None:
    """Keep the person out of sight: out of lists, descriptions and search."""
    this = _chosen(ctx)
    this.say(HidePerson(this.known.person_id))


@person.command()
def unhide(ctx: typer.Context) -> None:
    """Show a hidden person again."""
    this = _chosen(ctx)
    this.say(HidePerson(this.known.person_id, hidden=False))


@person.command()
def ignore(ctx: typer.Context, faces: Faces) -> None:
    """Say that faces are nobody's: a poster, a passer-by, no face at all."""
    this = _chosen(ctx)
    this.say(*(IgnoreFace(this.crops.face(face)) for face in faces))


@person.command()
def undo(
    ctx: typer.Context,
    event: Annotated[
        str | None, typer.Argument(metavar="[EVENT]", help="The end of an event's id; the last one if none.")
    ] = None,
) -> None:
    """Take back the last thing said of the person, or one of those that `eye person ID` lists."""
    this = _chosen(ctx)
    said = [e for e in this.album.people.said_of(this.known) if e.event_id.endswith((event or "").upper())]
    if not said:
        raise InvalidInput("Nothing so was said of this person: `eye person ID` lists what was")
    if event and len(said) > 1:
        raise InvalidInput(f"{event} ends {len(said)} events: give more of its letters")
    this.say(Undo(said[-1].event_id))


def _meant(album: Album, who: str, *, gone: bool) -> Known:
    """The person meant; also one of whom nothing is left, for what was said of them can be taken back."""
    try:
        return album.people.meant(who)
    except ObjectMissing:
        if not gone:
            raise
        return People(album.patterns, ()).meant(who)


def _chosen(ctx: typer.Context) -> Chosen:
    found: Chosen = ctx.obj
    return found


def _line(known: Known) -> Text:
    line = Text.assemble((known.name or "Unnamed", "bold"), f"  {known.person_id[:8]}")
    line.append(f", {len(known.faces)} faces, {len(known.confirmed)} confirmed")
    if known.birth_date:
        line.append(f", born {known.birth_date.isoformat()}")
    if known.hidden:
        line.append(", hidden")
    return line


def _show(this: Chosen, most: int) -> None:
    known = this.known
    out.print(_line(known), soft_wrap=True)
    table = Table(show_edge=False, pad_edge=False)
    for column, width in (("face", DIGITS), ("score", 5), ("photo", None), ("day", 10)):
        table.add_column(column, no_wrap=True, min_width=width, overflow="ellipsis")
    scores = _scores(this)
    for face in known.faces[:most]:
        place = this.crops.place(face)
        photo, day = (place[0].key, date.fromtimestamp(place[0].at).isoformat()) if place else ("gone", "")
        sure = "yours" if face in known.confirmed else f"{scores.get(face, 0.0):.2f}"
        table.add_row(face[:DIGITS], sure, Text(PurePosixPath(photo).name), day)
    out.print(table)
    if len(known.faces) > most:
        out.print(f"{len(known.faces) - most} more: --faces {len(known.faces)}", style="dim")
    for event in this.album.people.said_of(known):
        out.print(f"{event.event_id}  {event.at:%Y-%m-%d %H:%M}  {_words(event.word)}", style="dim")


def _words(word: PeopleWord) -> str:
    """What was said, shortly."""
    match word:
        case NamePerson(_, called, born):
            return f"name {called}" + (f", born {born.isoformat()}" if born else "")
        case MergePeople(one, other):
            return f"merge {one[:8]} {other[:8]}"
        case SplitPerson(_, faces):
            return f"split {' '.join(faces)}"
        case HidePerson(_, hidden):
            return "hide" if hidden else "unhide"
        case ConfirmFace(face, _) | RejectFace(face, _) | IgnoreFace(face):
            return f"{word.kind} {face}"
        case _:
            return word.kind


def _scores(this: Chosen) -> dict[str, float]:
    learned = (p for p in this.album.patterns.people if p.id in this.known.ids)
    return {face: float(s) for p in learned for face, s in zip(p.faces, p.scores, strict=True)}


def _plain(this: Chosen) -> dict[str, object]:
    scores = _scores(this)
    faces = []
    for face in this.known.faces:
        place = this.crops.place(face)
        faces.append(
            {
                "face_id": face,
                "photo_id": place[0].photo_id if place else None,
                "key": place[0].key if place else None,
                "confirmed": face in this.known.confirmed,
                "score": 1.0 if face in this.known.confirmed else round(scores.get(face, 0.0), 4),
            }
        )
    born = this.known.birth_date
    said = [
        {"event_id": event.event_id, "at": event.at.isoformat(), "said": _words(event.word)}
        for event in this.album.people.said_of(this.known)
    ]
    return plain(this.known) | {
        "birth_date": born.isoformat() if born else None,
        "ids": sorted(this.known.ids),
        "faces": faces,
        "said": said,
    }


def _draw(this: Chosen, path: Path) -> None:
    """All faces of the person, ten a row."""
    row = this.album.row(this.known, this.crops, len(this.known.faces))
    rows = [
        replace(row, cuts=row.cuts[at : at + FACES_OF_A_ROW])
        for at in range(0, max(1, len(row.cuts)), FACES_OF_A_ROW)
    ]
    contact_sheets.write(rows, path)
