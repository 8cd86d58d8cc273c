"""Enhance all records anew with the latest bundle; no model runs."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.services import wiring
from shared.services.steps import take_step
from shared.storage.observability import logger, tracer


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take the actions `plan`, `shard` (one prefix of records) and `finish`."""
    reprocess = wiring.reprocess()
    return take_step(
        event,
        {"plan": reprocess.plan, "shard": reprocess.shard, "finish": reprocess.finish},
        wiring.library(),
    )
