"""Take a person, or what came of deleted photos, out of the library for good: the only function that may."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.services import wiring
from shared.services.erasing import Status
from shared.services.erasing.request import take
from shared.storage.observability import MetricUnit, logger, metrics, tracer


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take the actions `person`, `deleted` and `finish`; answer with how far the erasures are."""
    answer = take(event, wiring.erasing())
    under_way = int(answer["status"] != Status.ERASED)
    metrics.add_metric(name="ErasuresUnderWay", unit=MetricUnit.Count, value=under_way)
    return answer
