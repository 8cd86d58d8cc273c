"""The page and the API behind it: every request but those for the page's files needs a token."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.api import page_files
from functions.api.answers import conditional, request_of, unauthorized
from shared.storage.observability import logger, tracer


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer a request of the Function URL."""
    request = request_of(event)
    if page_files.is_open(request):
        return page_files.answer(request)
    # The routes stand on the library's storage and learning: imported when the first of them is asked for.
    from functions.api.routes import Refused, app, bearer, look_again, verifier

    try:
        logger.append_keys(subject=verifier()(bearer(request.authorization)))
    except Refused as refused:
        return unauthorized(str(refused))
    if request.no_cache:
        look_again()
    return conditional(request, app.resolve(request.event, context))
