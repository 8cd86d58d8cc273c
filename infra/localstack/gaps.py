"""What this LocalStack gets wrong and AWS does not, as far as the workflow meets it."""

from __future__ import annotations

import itertools
import json
import time
from typing import Any
from urllib.parse import unquote

from localstack.aws.api.stepfunctions import HistoryEventType, MapRunFailedEventDetails
from localstack.services.cloudformation.engine.v2.change_set_model_transform import ChangeSetModelTransform
from localstack.services.events.provider import EventsProvider
from localstack.services.events.scheduler import JobScheduler
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

from infra.local.endpoints import REGION

_URLS = "/_aws/lambda-url/"
_TOO_MANY = StatesErrorNameType.StatesExceedToleratedFailureThreshold


def close() -> None:
    """Correct them all."""
    _expand_before_looking()
    _fail_maps_whose_items_fail()
    _let_branches_fail_by_states_errors()
    _tell_events_as_eventbridge_does()
    _answer_function_urls_by_path()
    _go_by_a_rules_new_schedule()


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


def _answer_function_urls_by_path() -> None:
    """A Function URL is known by its host name, and names below `localhost` do not resolve everywhere."""
    # The Lambda service takes the executor's name with it when it is imported: not before that is set.
    from localstack.services.lambda_ import urlrouter

    router = urlrouter.FunctionUrlRouter
    register, tell = router.register_routes, urlrouter.event_for_lambda_url

    def register_paths_too(self: Any) -> None:
        if self.registered:
            return
        register(self)

        def answer(request: Any, api_id: str, path: str = "") -> Any:  # noqa: ARG001  (the route's)
            return self.handle_lambda_url_invocation(request, api_id, REGION)

        for path in ("", "<path:path>"):
            self.router.add(f"{_URLS}<api_id>/{path}", endpoint=answer)

    def tell_without_prefix(api_id: str, request: Any) -> Any:
        event = tell(api_id, request)
        path = event["rawPath"].removeprefix(f"{_URLS}{api_id}")
        http = {**event["requestContext"]["http"], "path": path}
        return {**event, "rawPath": path, "requestContext": {**event["requestContext"], "http": http}}

    router.register_routes = register_paths_too
    urlrouter.event_for_lambda_url = tell_without_prefix


def _go_by_a_rules_new_schedule() -> None:
    """A rule that is put again goes by its new schedule; here by the one its targets were put with."""
    create = EventsProvider.create_rule_service

    def create_and_schedule(self: Any, name: str, region: str, account: str, *rest: Any) -> Any:
        known = dict(self._rule_services_store)
        service = create(self, name, region, account, *rest)
        before = known.get(service.arn)
        if before is not None and hasattr(before, "job_id"):
            JobScheduler.instance().cancel_job(before.job_id)
        if service.schedule_cron and service.rule.targets:
            fire = self._get_scheduled_rule_job_function(account, region, service.rule)
            service.create_schedule_job(fire)
        return service

    EventsProvider.create_rule_service = create_and_schedule
