"""Phase 4: related words, and where photos lie in the space of sentences."""

from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from shared.services import wiring
from shared.services.steps import take_step
from shared.storage.observability import logger, tracer


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
def handler(event: dict[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Take the actions `observe` (one shard) and `solve`."""
    phase = wiring.phase("search_index")
    return take_step(event, {"observe": phase.observe, "solve": phase.solve}, wiring.library())
