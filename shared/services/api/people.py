"""People and questions about them as clients see them."""

import hashlib
from collections.abc import Iterable, Sequence

from shared.domain.errors import ObjectMissing
from shared.domain.people import PeopleWord
from shared.learning.faces.questions import Question
from shared.services.api import views
from shared.services.browsing import Cards
from shared.services.people import Known, People

FACES_SHOWN = 6
QUESTIONS_SHOWN = 20


def people_view(people: People, cards: Cards, *, hidden: bool = False) -> views.PeopleView:
    """Everybody, each with a few faces."""
    unassigned = people.patterns.unassigned if people.patterns else ()
    return views.PeopleView(
        people=tuple(person_view(known, cards, FACES_SHOWN) for known in people.ranked(hidden=hidden)),
        unassigned=len(unassigned),
    )


def person_view(known: Known, cards: Cards, limit: int) -> views.PersonView:
    """A person with some of their faces; those on photos that are gone are left out."""
    return views.PersonView(
        person_id=known.person_id,
        name=known.name,
        hidden=known.hidden,
        birth_date=known.birth_date,
        count=len(known.faces),
        confirmed=len(known.confirmed),
        faces=_crops(known.faces, cards, limit, known.confirmed),
    )


def question_id(question: Question) -> str:
    """A name for a question that stays while the question does."""
    said = "/".join((question.person_id, question.other_id, *question.faces[:1], *question.others[:1]))
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def questions_view(people: People, cards: Cards) -> views.Questions:
    """What is worth asking, where both sides can be shown."""
    shown = []
    for question in people.questions():
        faces = _crops(question.faces, cards, FACES_SHOWN)
        others = _crops(question.others, cards, FACES_SHOWN)
        if faces and others:
            shown.append(_question(question, people, faces, others))
        if len(shown) == QUESTIONS_SHOWN:
            break
    return views.Questions(questions=tuple(shown))


def answer(people: People, asked: str, *, same: bool) -> tuple[PeopleWord, ...]:
    """What the answer to a question says.

    Raises
    ------
    ObjectMissing
        Where the question is settled, or of another bundle.
    """
    found = next((question for question in people.questions() if question_id(question) == asked), None)
    if found is None:
        raise ObjectMissing("That question is settled already: load the questions again")
    return found.words(same)


def _question(
    question: Question,
    people: People,
    faces: tuple[views.FaceCrop, ...],
    others: tuple[views.FaceCrop, ...],
) -> views.QuestionView:
    return views.QuestionView(
        question_id=question_id(question),
        person_id=question.person_id,
        other_id=question.other_id,
        name=_name(people, question.person_id),
        other_name=None if question.lone else _name(people, question.other_id),
        faces=faces,
        others=others,
        probability=round(question.probability, 3),
    )


def _name(people: People, person_id: str) -> str | None:
    known = people.known.get(people.view.canonical(person_id))
    return known.name if known else None


def _crops(
    faces: Sequence[str], cards: Cards, limit: int, confirmed: Iterable[str] = ()
) -> tuple[views.FaceCrop, ...]:
    sure = frozenset(confirmed)
    crops: list[views.FaceCrop] = []
    for face_id in faces:
        card = cards.with_face(face_id)
        spot = next((spot for spot in card.faces if spot.face_id == face_id), None) if card else None
        if card is None or spot is None:
            continue
        crops.append(
            views.FaceCrop(
                face_id=face_id,
                photo_id=card.photo_id,
                box=views.box_view(spot.box),
                width=card.width,
                height=card.height,
                confirmed=face_id in sure,
            )
        )
        if len(crops) == limit:
            break
    return tuple(crops)


def photos_with(known: Known, people: People, cards: Cards) -> frozenset[str]:
    """The photos a person is on."""
    return frozenset(
        card.photo_id
        for card in cards
        for spot in card.faces
        if (found := people.of_face(spot.face_id, spot.appearance)) and found.person_id in known.ids
    )


def by_name_or_id(people: People, text: str) -> list[Known]:
    """The people a filter means: by id, or by name or its beginning.

    Raises
    ------
    ObjectMissing
        Where nobody is called so.
    """
    ids = people.named(text)
    found = [known for known in people.known.values() if known.person_id in ids] or (
        [people.known[text]] if text in people.known else []
    )
    if not found:
        raise ObjectMissing(f"Nobody is called {text!r}: name somebody on the people page first")
    return found
