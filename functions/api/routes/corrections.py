"""What the owner puts right on photos, one or many at once."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from functions.api.routes.photos import PhotoId
from functions.api.routes.router import new_router
from shared.services.api import views, wiring
from shared.services.api.photos import history
from shared.services.correcting import Corrected
from shared.storage.corrections import correction_word

router = new_router()

Named = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Word(BaseModel):
    """One thing said: `tag` for tags and suggestions, `text` for a description."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["add_tag", "remove_tag", "accept_suggestion", "dismiss_suggestion", "set_description"]
    tag: str | None = None
    text: str | None = None


class Said(BaseModel):
    """The same words on each of the photos."""

    model_config = ConfigDict(extra="forbid")

    photo_ids: list[Named]
    words: list[Word]


class Taken(BaseModel):
    """One correction to take back."""

    photo_id: Named
    correction_id: str = Field(max_length=26)


class Undone(BaseModel):
    """Corrections to take back."""

    corrections: list[Taken]


@router.post("/corrections", compress=True, tags=["corrections"])
def correct(said: Said) -> views.CorrectedList:
    """Put photos right; shown at once, learned from by the next training."""
    words = [correction_word(_plain(word)) for word in said.words]
    return _shown(wiring.corrector().correct(said.photo_ids, words))


@router.post("/corrections/undo", compress=True, tags=["corrections"])
def undo(undone: Undone) -> views.CorrectedList:
    """Take corrections back, as if they had never been said."""
    return _shown(
        wiring.corrector().undo([(taken.photo_id, taken.correction_id) for taken in undone.corrections])
    )


@router.get("/photos/<photo_id>/corrections", tags=["corrections"])
def said_of(photo_id: PhotoId) -> views.Corrections:
    """All that was said of a photo, in order."""
    wiring.photos().record(photo_id)
    return history(wiring.corrector(), photo_id)


def _plain(word: Word) -> dict[str, Any]:
    return word.model_dump(exclude_none=True)


def _shown(done: list[Corrected]) -> views.CorrectedList:
    browser = wiring.browser()
    for one in done:
        if one.record:
            browser.take(one.record)
    return wiring.photos().corrected(done, wiring.people().now())
