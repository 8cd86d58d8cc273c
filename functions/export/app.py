"""The export: plan the shards, write the changed ones, count, and fix what the phases share."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.services import wiring
from shared.services.steps import take_step
from shared.storage.observability import logger, tracer


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take the actions `plan`, `shard` (one shard) and `count`."""
    export = wiring.export()
    return take_step(
        event, {"plan": export.plan, "shard": export.shard, "count": export.count}, wiring.library()
    )
