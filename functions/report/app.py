"""The last step of a training: measure, decide, publish and promote; or record what failed."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.services import wiring
from shared.services.steps import take_step
from shared.storage.observability import logger, metrics, tracer


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take the actions `publish` and `fail`."""
    report = wiring.report()
    return take_step(event, {"publish": report.publish, "fail": report.fail}, wiring.library())
