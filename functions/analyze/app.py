"""An object of the uploads bucket changed: make its record agree with what stands there now."""

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.analyze.batch import is_batch
from shared.services import wiring
from shared.storage.keys import ObjectEvent, object_events
from shared.storage.observability import MetricUnit, logger, metrics, tracer

processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


def _analyze(event: ObjectEvent, attempt: int = 1) -> str:
    outcome = wiring.analyzer().handle(event, attempt=attempt)
    metrics.add_metric(name=f"Photos{outcome.capitalize()}", unit=MetricUnit.Count, value=1)
    logger.info("Photo looked at", extra={"key": event.key, "outcome": outcome})
    return str(outcome)


def _message(record: SQSRecord) -> None:
    attempt = int(record.attributes.approximate_receive_count or 1)
    for event in object_events(record.raw_event):
        _analyze(event, attempt)


@logger.inject_lambda_context(clear_state=True)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Take SQS batches (with partial failures), bare EventBridge events and direct S3 notifications."""
    wiring.enhancer().announce()
    if is_batch(event):
        return dict(
            process_partial_response(
                event=event, record_handler=_message, processor=processor, context=context
            )
        )
    return {"outcomes": [_analyze(found) for found in object_events(event)]}
