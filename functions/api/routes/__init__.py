"""The API's routes: each parses, asks a service, answers."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer

from functions.api import problems
from functions.api.answers import JSON
from functions.api.routes import bundles, corrections, library, people, photos, search, trainings
from shared.services.api import wiring
from shared.services.api.access import Refused, bearer, verifier

__all__ = ["Refused", "app", "bearer", "look_again", "verifier"]

DESCRIPTION = (
    "Look at, search and correct a photo library that learns from its owner's own photos. Everything but the "
    "page's files and `GET /sign-in` needs `Authorization: Bearer TOKEN`. Lists and searches may be a second "
    "old; with `Cache-Control: no-cache` they know all that was written. What another bundle teaches shows "
    "within seconds of its being live."
)

app = LambdaFunctionUrlResolver(enable_validation=True)
problems.install(app)
for routes in (photos, search, corrections, people, trainings, bundles, library):
    app.include_router(routes.router)


def look_again() -> None:
    """Answer of this moment: what another process of this API wrote is seen, too."""
    wiring.browser().look_again()


@app.get("/openapi.json", include_in_schema=False, compress=True)
def openapi() -> Response[str]:
    """What this API can do."""
    described = app.get_openapi_json_schema(
        title="Avinash-EYE",
        version="1",
        description=DESCRIPTION,
        security=[{"token": []}],
        security_schemes={"token": HTTPBearer()},
    )
    return Response(HTTPStatus.OK, JSON, described)
