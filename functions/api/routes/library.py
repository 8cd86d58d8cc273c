"""The library as a whole: its tags and its health."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from functions.api.routes.router import new_router
from shared.services.api import views, wiring
from shared.services.api.health import health
from shared.services.api.photos import tag_counts

router = new_router()


@router.get("/tags", compress=True, tags=["library"])
def tags(limit: Annotated[int, Query(ge=1, le=5000)] = 200) -> views.Tags:
    """The library's tags, most frequent first."""
    return tag_counts(wiring.browser().cards(), limit)


@router.get("/health", compress=True, tags=["library"])
def library_health() -> views.HealthView:
    """How the library stands: counts, what could not be read, and which bundle is in use."""
    bundles = wiring.bundles().repository
    wiring.latest().current()
    return health(wiring.browser().cards(), wiring.records(), bundles, wiring.latest().problem)
