"""Search: photos by words and filters, ways to go on while typing, photos alike."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api.routes.photos import PhotoId
from functions.api.routes.router import new_router
from shared.services.api import views, wiring

router = new_router()

QUERY_LENGTH = 500


@router.get("/search", compress=True, tags=["search"])
def search(
    q: Annotated[
        str,
        Query(
            max_length=QUERY_LENGTH,
            description='Words, "quotes", -minus, tag: person: place: before: after: camera: has:faces',
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> views.SearchView:
    """Photos that a query finds, best first, each with why."""
    return wiring.searcher().search(q, limit)


@router.get("/suggestions", compress=True, tags=["search"])
def suggestions(q: Annotated[str, Query(max_length=QUERY_LENGTH)]) -> views.Suggestions:
    """Ways to go on with a query that is being typed."""
    return wiring.searcher().suggestions(q)


@router.get("/photos/<photo_id>/similar", compress=True, tags=["search"])
def similar(photo_id: PhotoId, limit: Annotated[int, Query(ge=1, le=100)] = 24) -> views.SearchView:
    """Photos that look alike or show the like."""
    return wiring.searcher().similar(photo_id, limit)
