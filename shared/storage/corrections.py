"""What people said later, kept as create-only objects: corrections of photos, and the people log."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from shared.domain.corrections import Correction, CorrectionWord
from shared.domain.errors import InvalidCorrection
from shared.domain.people import PeopleEvent, PeopleWord
from shared.storage import keys
from shared.storage.concurrency import mapped
from shared.storage.store import ObjectStore
from shared.storage.ulids import new_ulid

ULID = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
JSON = "application/json"


class _Correction(BaseModel):
    model_config = ConfigDict(extra="forbid")

    correction_id: str = Field(pattern=ULID)
    at: AwareDatetime
    word: Annotated[CorrectionWord, Field(discriminator="kind")]


class _PeopleEvent(BaseModel):
    model_config = ConfigDict(extra="forbid")

    event_id: str = Field(pattern=ULID)
    at: AwareDatetime
    word: Annotated[PeopleWord, Field(discriminator="kind")]


_correction_word: TypeAdapter[CorrectionWord] = TypeAdapter(
    Annotated[CorrectionWord, Field(discriminator="kind")]
)
_people_word: TypeAdapter[PeopleWord] = TypeAdapter(Annotated[PeopleWord, Field(discriminator="kind")])


def correction_word(value: Any) -> CorrectionWord:
    """What an owner says of a photo, from plain data: ``{"kind": "add_tag", "tag": ...}``.

    Raises
    ------
    InvalidCorrection
        Where it says nothing known; the message names the field.
    """
    try:
        return _correction_word.validate_python(value)
    except ValidationError as error:
        raise _invalid(error) from error


def people_word(value: Any) -> PeopleWord:
    """What an owner says of people, from plain data: ``{"kind": "name", "person_id": ..., "name": ...}``.

    Raises
    ------
    InvalidCorrection
        Where it says nothing known; the message names the field.
    """
    try:
        return _people_word.validate_python(value)
    except ValidationError as error:
        raise _invalid(error) from error


class CorrectionRepository:
    """Corrections under `corrections/{photo_id}/`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def add(self, photo_id: str, word: CorrectionWord, correction_id: str | None = None) -> Correction:
        """Keep what was said.

        Parameters
        ----------
        correction_id : str, optional
            A ULID made by the client, so that it may say the same twice; a new one by default.

        Raises
        ------
        InvalidCorrection
            Where the id is no ULID, or names another correction of the photo already.
        """
        correction = Correction(correction_id or new_ulid(), datetime.now(UTC), word)
        body = _dumped(_Correction, correction_id=correction.correction_id, at=correction.at, word=word)
        key = keys.correction(photo_id, correction.correction_id)
        if self._store.put_if_absent(key, body, JSON):
            return correction
        kept = self._read(key)
        if kept.word != word:
            raise InvalidCorrection(f"The id {correction_id} is taken by another correction: use a new one")
        return kept

    def reword(self, photo_id: str, correction: Correction) -> None:
        """Put other words in a correction's place: what an erasure leaves of it."""
        key = keys.correction(photo_id, correction.correction_id)
        self._store.put(key, _dumped(_Correction, **_fields(correction)), JSON)

    def of(self, photo_id: str) -> tuple[Correction, ...]:
        """All corrections of a photo, in order."""
        found = [entry.key for entry in self._store.list(keys.corrections(photo_id))]
        return tuple(self._read(key) for key in found)

    def ids(self) -> Iterator[tuple[str, str]]:
        """(photo id, correction id) of every correction of the library, sorted."""
        for entry in self._store.list(keys.CORRECTIONS):
            photo_id, _, name = entry.key.removeprefix(keys.CORRECTIONS).partition("/")
            yield photo_id, name.removesuffix(".json")

    def _read(self, key: str) -> Correction:
        try:
            found = _Correction.model_validate_json(self._store.get(key).body)
        except ValidationError as error:
            raise _invalid(error, key) from error
        return Correction(found.correction_id, found.at, found.word)


class PeopleLog:
    """What was said of people, under `people/`."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    def add(self, word: PeopleWord, event_id: str | None = None) -> PeopleEvent:
        """Keep what was said; like `CorrectionRepository.add`."""
        event = PeopleEvent(event_id or new_ulid(), datetime.now(UTC), word)
        body = _dumped(_PeopleEvent, event_id=event.event_id, at=event.at, word=word)
        key = keys.person_event(event.event_id)
        if self._store.put_if_absent(key, body, JSON):
            return event
        kept = self._read(key)
        if kept.word != word:
            raise InvalidCorrection(f"The id {event_id} is taken by another event: use a new one")
        return kept

    def reword(self, event: PeopleEvent) -> None:
        """Put other words in an event's place: what an erasure leaves of it."""
        self._store.put(keys.person_event(event.event_id), _dumped(_PeopleEvent, **_fields(event)), JSON)

    def events(self, after: str = "") -> tuple[PeopleEvent, ...]:
        """All events in order, those after the id `after` only."""
        start = keys.person_event(after) if after else ""
        found = (entry.key for entry in self._store.list(keys.PEOPLE, start))
        return tuple(mapped(self._read, found))

    def _read(self, key: str) -> PeopleEvent:
        try:
            found = _PeopleEvent.model_validate_json(self._store.get(key).body)
        except ValidationError as error:
            raise _invalid(error, key) from error
        return PeopleEvent(found.event_id, found.at, found.word)


def _fields(said: Correction | PeopleEvent) -> dict[str, Any]:
    return {one.name: getattr(said, one.name) for one in fields(said)}


def _dumped(model: type[BaseModel], **values: Any) -> bytes:
    try:
        return model(**values).model_dump_json().encode()
    except ValidationError as error:
        raise _invalid(error) from error


def _invalid(error: ValidationError, key: str = "") -> InvalidCorrection:
    first = error.errors(include_url=False)[0]
    where = [part for part in (key, ".".join(map(str, first["loc"]))) if part]
    return InvalidCorrection(": ".join(["The correction cannot be read", *where, first["msg"]]))
