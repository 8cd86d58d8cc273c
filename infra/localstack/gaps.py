"""What this LocalStack gets wrong and AWS does not, as far as the workflow meets it."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any
from urllib.parse import unquote

from localstack.aws.api.stepfunctions import HistoryEventType, MapRunFailedEventDetails
from localstack.services.cloudformation.engine.v2.change_set_model_transform import ChangeSetModelTransform
from localstack.services.s3.notifications import EventBridgeNotifier
from localstack.services.stepfunctions.asl.component.common.error_name.custom_error_name import (
    CustomErrorName,
)
from localstack.services.stepfunctions.asl.component.common.error_name.error_name import ErrorName
from localstack.services.stepfunctions.asl.component.common.error_name.failure_event import (
    FailureEvent,
    FailureEventException,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name import (
    StatesErrorName,
)
from localstack.services.stepfunctions.asl.component.common.error_name.states_error_name_type import (
    StatesErrorNameType,
)
from localstack.services.stepfunctions.asl.component.state.state_execution.state_map.iteration import (
    distributed_iteration_component as distributed,
)
from localstack.services.stepfunctions.asl.eval.event.event_detail import EventDetails

_TOO_MANY = StatesErrorNameType.StatesExceedToleratedFailureThreshold


def close() -> None:
    """Correct them all."""
    _expand_before_looking()
    _fail_maps_whose_items_fail()
    _let_branches_fail_by_states_errors()
    _tell_events_as_eventbridge_does()


def _expand_before_looking() -> None:
    """References to roles that SAM makes are right once the template is expanded; it looked before."""
    ChangeSetModelTransform._execute_local_transforms = lambda _self: None


def _fail_maps_whose_items_fail() -> None:
    """A Distributed Map fails beyond its tolerated failures; here such items ended as null."""
    component = distributed.DistributedIterationComponent
    run = component._map_run

    def run_and_judge(self: Any, env: Any, eval_input: Any) -> None:
        run(self, env, eval_input)
        record = eval_input.map_run_record
        counter = record.item_counter
        failed, total = counter.failed.get() + counter.timed_out.get(), counter.total.get()
        if failed <= record.tolerated_failure_count:
            return
        if total and 100.0 * failed / total <= record.tolerated_failure_percentage:
            return
        details = MapRunFailedEventDetails(
            error=_TOO_MANY.to_name(), cause="The specified tolerated failure threshold was exceeded"
        )
        raise FailureEventException(
            FailureEvent(
                env=env,
                error_name=StatesErrorName(typ=_TOO_MANY),
                event_type=HistoryEventType.MapRunFailed,
                event_details=EventDetails(mapRunFailedEventDetails=details),
            )
        )

    component._map_run = run_and_judge


def _let_branches_fail_by_states_errors() -> None:
    """A branch of a Parallel may fail by a `States.` error, which a Catch then names."""

    def accept(self: Any, error_name: str | None) -> None:
        ErrorName.__init__(self, error_name=error_name)

    CustomErrorName.__init__ = accept


def _tell_events_as_eventbridge_does() -> None:
    """Keys in EventBridge events are not URL-encoded, and a sequencer grows from event to event."""
    told = EventBridgeNotifier._get_event_payload
    number = itertools.count(int(time.time() * 1000) << 8)

    def tell(context: Any, config_id: Any = None) -> Any:
        entry = told(context, config_id)
        detail = json.loads(entry["Detail"])
        detail["object"]["key"] = unquote(detail["object"]["key"])
        if "sequencer" in detail["object"]:
            detail["object"]["sequencer"] = f"{next(number):018X}"
        return {**entry, "Detail": json.dumps(detail)}

    EventBridgeNotifier._get_event_payload = staticmethod(tell)
