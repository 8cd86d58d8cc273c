"""People: who is in the library, and what the owner says of them."""

from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from functions.api.routes.photos import PhotoId
from functions.api.routes.router import new_router
from shared.domain.errors import ObjectMissing
from shared.domain.people import PeopleWord
from shared.services.api import views, wiring
from shared.services.api.people import answer, people_view, person_view, questions_view
from shared.services.people import naming
from shared.storage.corrections import people_word

router = new_router()

FACES_OF_ONE = 500


class Events(BaseModel):
    """What is said of people: `kind` is name, confirm, reject, merge, part, split, hide, ignore or undo."""

    words: list[dict[str, Any]] = Field(min_length=1, max_length=100)


class Naming(BaseModel):
    """A name for a face of a photo."""

    face_id: str = Field(max_length=100)
    name: str


class Answer(BaseModel):
    """An answer to a question: whether it is the same person."""

    question_id: str = Field(max_length=64)
    same: bool


@router.get("/people", compress=True, tags=["people"])
def everybody(
    hidden: Annotated[Literal["true", "false"], Query(description="Show hidden people, too")] = "false",
) -> views.PeopleView:
    """Everybody, named people first, with a few faces each."""
    return people_view(wiring.people().now(), wiring.browser().cards(), hidden=hidden == "true")


@router.get("/people/questions", compress=True, tags=["people"])
def questions() -> views.Questions:
    """What is worth asking ("same person?"), the most useful first."""
    return questions_view(wiring.people().now(), wiring.browser().cards())


@router.get("/people/<person_id>", compress=True, tags=["people"])
def one_person(person_id: str) -> views.PersonView:
    """A person with their faces."""
    return person_view(wiring.people().now().get(person_id), wiring.browser().cards(), FACES_OF_ONE)


@router.post("/people/events", tags=["people"])
def say(events: Events) -> views.PeopleEvents:
    """Say something of people: name, confirm, reject, merge, part, split, hide, ignore, or take back."""
    return _kept(tuple(people_word(word) for word in events.words))


@router.post("/people/answers", tags=["people"])
def answer_question(said: Answer) -> views.PeopleEvents:
    """Answer a question."""
    return _kept(answer(wiring.people().now(), said.question_id, same=said.same))


@router.post("/photos/<photo_id>/faces", tags=["people"])
def name_face(photo_id: PhotoId, said: Naming) -> views.PeopleEvents:
    """Give a face a name: the person known by it, or a new one."""
    seen = wiring.photos().record(photo_id).observation
    if seen is None:
        raise ObjectMissing(f"The photo {photo_id} could not be read: it has no faces")
    return _kept(naming(seen.faces, said.face_id, said.name, wiring.people().now()))


def _kept(words: tuple[PeopleWord, ...]) -> views.PeopleEvents:
    log = wiring.people_log()
    return views.PeopleEvents(event_ids=tuple(log.add(word).event_id for word in words))
