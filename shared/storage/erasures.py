"""Erasures: tickets while they are under way, and what stays of them: which bundles may go live."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from shared.domain.errors import InvalidInput, ObjectMissing
from shared.domain.observation import Box
from shared.storage import keys
from shared.storage.concurrency import mapped
from shared.storage.store import ObjectStore

JSON = "application/json"
Kind = Literal["person", "photos"]


@dataclass(frozen=True, slots=True)
class Affected:
    """One photo that an erasure is about.

    Attributes
    ----------
    key : str
        Of the original, which its owner is told and nobody changes.
    content_sha256 : str
        Empty where it is not known any more.
    boxes : tuple of Box
        The person's faces; empty where only words name them.
    """

    photo_id: str
    key: str
    content_sha256: str = ""
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Ticket:
    """Everything an erasure under way needs to be taken up again; it goes when all else is gone.

    Attributes
    ----------
    names, person_ids, face_ids : tuple of str
        Of the person; a deleted photo has face ids only.
    """

    erasure_id: str
    at: datetime
    kind: Kind
    photos: tuple[Affected, ...]
    face_ids: tuple[str, ...] = ()
    person_ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Erasure:
    """What stays of an erasure: that it was, and for deleted photos which (by ids, which hold nothing)."""

    erasure_id: str
    at: datetime
    kind: Kind
    photos: tuple[str, ...] = ()


_ticket = TypeAdapter(Ticket)
_erasure = TypeAdapter(Erasure)


class ErasureRepository:
    """Erasures under `erasing/` and `erasures/`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def open(self, ticket: Ticket) -> None:
        """Keep a ticket until its erasure has ended."""
        self._store.put_if_absent(keys.erasing(ticket.erasure_id), _ticket.dump_json(ticket), JSON)

    def tickets(self) -> list[Ticket]:
        """All erasures under way, in the order they were asked for."""
        found = [entry.key for entry in self._store.list(keys.ERASING)]
        return [ticket for ticket in map(self._ticket, found) if ticket]

    def record(self, ticket: Ticket) -> None:
        """From now on no bundle goes live that was not trained after this."""
        photos = tuple(one.photo_id for one in ticket.photos) if ticket.kind == "photos" else ()
        erasure = Erasure(ticket.erasure_id, datetime.now(UTC), ticket.kind, photos)
        self._store.put_if_absent(keys.erasure(ticket.erasure_id), _erasure.dump_json(erasure), JSON)

    def ids(self) -> tuple[str, ...]:
        """Ids of all erasures that every bundle from now on is trained after, sorted."""
        return tuple(
            entry.key.removeprefix(keys.ERASURES).removesuffix(".json")
            for entry in self._store.list(keys.ERASURES)
        )

    def unmet(self, about: dict[str, Any]) -> frozenset[str]:
        """The erasures that a bundle was not trained after, by what its manifest says of it."""
        return frozenset(self.ids()) - met(about)

    def erased_photos(self) -> dict[str, datetime]:
        """When what came of deleted photos was last erased, by photo id."""
        found = mapped(self._erasure, (keys.erasure(one) for one in self.ids()))
        return {photo_id: erasure.at for erasure in found for photo_id in erasure.photos}

    def _ticket(self, key: str) -> Ticket | None:
        try:
            return _ticket.validate_json(self._store.get(key).body)
        except ObjectMissing:
            return None
        except ValidationError as error:
            raise InvalidInput(f"{key} cannot be read: restore it from a version before") from error

    def _erasure(self, key: str) -> Erasure:
        try:
            return _erasure.validate_json(self._store.get(key).body)
        except ValidationError as error:
            raise InvalidInput(f"{key} cannot be read: restore it from a version before") from error


def met(about: dict[str, Any]) -> frozenset[str]:
    """The erasures that a bundle was trained after."""
    said: Collection[str] = about.get("erasures", ())
    return frozenset(said)


def originals(ticket: Ticket) -> Iterator[str]:
    """Keys of the originals that still hold what was erased here: only their owner changes them."""
    return (photo.key for photo in ticket.photos) if ticket.kind == "person" else iter(())
