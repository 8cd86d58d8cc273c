"""The page and the API behind it: every request but those for the page's files needs a token."""

from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.event_handler import LambdaFunctionUrlResolver, Response
from aws_lambda_powertools.event_handler.openapi.models import HTTPBearer
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api import problems
from functions.api.answers import JSON, conditional, request_of
from functions.api.routes import bundles, corrections, library, page, people, photos, search, trainings
from shared.services.api.access import Refused, bearer, verifier
from shared.storage.observability import logger, tracer

app = LambdaFunctionUrlResolver(enable_validation=True)
problems.install(app)
for routes in (page, photos, search, corrections, people, trainings, bundles, library):
    app.include_router(routes.router)


@app.get("/openapi.json", include_in_schema=False, compress=True)
def openapi() -> Response[str]:
    """What this API can do."""
    described = app.get_openapi_json_schema(
        title="Avinash-EYE",
        version="1",
        description="Look at, search and correct a photo library that learns from its owner's own photos.",
        security=[{"token": []}],
        security_schemes={"token": HTTPBearer()},
    )
    return Response(HTTPStatus.OK, JSON, described)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the Function URL."""
    request = request_of(event)
    if not page.is_open(request.method, request.path):
        try:
            logger.append_keys(subject=verifier()(bearer(request.authorization)))
        except Refused as refused:
            return problems.unauthorized(str(refused))
    return conditional(request, app.resolve(event, context))
