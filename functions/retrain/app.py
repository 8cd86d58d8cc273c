"""Asked by the schedule and every 15 minutes: start a training if there is reason to."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.services import wiring
from shared.storage.observability import logger, metrics, tracer


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Answer with the decision, its reasons, and the execution started, if any."""
    return wiring.retrainer().ask(event)
