"""Photos: listed, filtered, one; their thumbnails; room for new ones."""

from datetime import date
from typing import Annotated, Literal

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic import BaseModel, Field

from functions.api.answers import refuse_unknown
from functions.api.routes.router import new_router
from shared.domain.record import Status
from shared.services.api import views, wiring
from shared.services.api.people import by_name_or_id, photos_with
from shared.services.api.photos import card_view
from shared.services.api.uploads import slots
from shared.services.browsing import Filter

router = new_router()

PhotoId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$", description="32 hex digits")]
FILTERS = frozenset(
    {"tag", "person", "place", "camera", "before", "after", "has", "status", "cursor", "limit", "stacked"}
)
MOST_THUMBNAILS = 200


@router.get("/photos", compress=True, tags=["photos"])
def list_photos(
    tag: Annotated[str | None, Query(description="Tags that all must be there, separated by commas")] = None,
    person: Annotated[str | None, Query(description="A name, its beginning, or a person's id")] = None,
    place: Annotated[str | None, Query(description="A part of the place's name")] = None,
    camera: Annotated[str | None, Query(description="A part of the camera's name")] = None,
    before: Annotated[date | None, Query(description="Taken before this day")] = None,
    after: Annotated[date | None, Query(description="Taken on this day or later")] = None,
    has: Annotated[Literal["faces", "gps"] | None, Query(description="Only with faces, or a place")] = None,
    status: Annotated[Literal["analyzed", "quarantined"], Query()] = "analyzed",
    cursor: Annotated[str | None, Query(description="Where the list before ended")] = None,
    limit: Annotated[int, Query(ge=1, le=2000)] = 200,
    stacked: Annotated[
        Literal["true", "false"], Query(description="Give the photos of one burst as one")
    ] = "false",
) -> views.PhotoList:
    """Photos, newest first, narrowed by every filter given."""
    refuse_unknown(router.current_event.query_string_parameters, FILTERS)
    cards = wiring.browser().cards()
    among: tuple[frozenset[str], ...] = ()
    if person:
        people = wiring.people().now()
        on = (photos_with(known, people, cards) for known in by_name_or_id(people, person))
        among = (frozenset().union(*on),)
    wanted = Filter(
        status=Status(status),
        tags=tuple(part.strip() for part in (tag or "").split(",") if part.strip()),
        among=among,
        place=place,
        camera=camera,
        before=before,
        after=after,
        faces=has == "faces",
        located=has == "gps",
    )
    page = cards.page(wanted, cursor, limit, stacked=stacked == "true")
    return views.PhotoList(photos=tuple(map(card_view, page.stacks)), cursor=page.cursor, total=page.total)


@router.get("/photos/<photo_id>", compress=True, tags=["photos"])
def one_photo(photo_id: PhotoId) -> views.PhotoView:
    """One photo before and after learning, with why."""
    photos = wiring.photos()
    return photos.view(photos.record(photo_id), wiring.people().now())


@router.get("/thumbnails", compress=True, tags=["photos"])
def thumbnails(
    ids: Annotated[str, Query(description=f"Up to {MOST_THUMBNAILS} photo ids, separated by commas")],
) -> views.Thumbnails:
    """Addresses of thumbnails, good for half an hour at least."""
    asked = ids.split(",")[:MOST_THUMBNAILS]
    return wiring.photos().thumbnails(asked, wiring.browser().cards())


class NewFile(BaseModel):
    """A photo about to be sent."""

    type: str = Field(max_length=100, description="Its media type, image/jpeg say")


class NewFiles(BaseModel):
    """Photos about to be sent."""

    files: list[NewFile]


@router.post("/uploads", tags=["photos"])
def new_uploads(files: NewFiles) -> views.Uploads:
    """Room for new photos: where to post each, straight into the bucket."""
    return slots(wiring.uploads(), [file.type for file in files.files])
