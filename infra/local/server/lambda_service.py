"""Run the emulator's container-image functions as processes of this machine."""

from __future__ import annotations

import json
from typing import Any

from ministack.core.lambda_runtime import execution_credentials
from ministack.services import lambda_svc

from infra.local.server.environment import Function
from infra.local.server.fleet import Fleet


def _function(config: dict[str, Any], endpoint: str) -> Function:
    command = (config.get("ImageConfigResponse") or {}).get("ImageConfig", {}).get("Command") or [""]
    region = config["FunctionArn"].split(":")[3]
    return Function(
        name=config["FunctionName"],
        arn=config["FunctionArn"],
        handler=command[0],
        timeout=float(config.get("Timeout", 3)),
        memory_mb=int(config.get("MemorySize", 128)),
        variables={
            **(config.get("Environment") or {}).get("Variables", {}),
            **execution_credentials(config),
            "AWS_DEFAULT_REGION": region,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": region,
        },
    )


def serve_images_from(fleet: Fleet, endpoint: str) -> None:
    """Make the emulator run every `PackageType: Image` function in the fleet instead of in Docker.

    Parameters
    ----------
    fleet
        Runs them.
    endpoint
        Where they find AWS.
    """
    in_docker = lambda_svc._execute_function_docker

    def execute(function: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        config = function.get("config") or function
        if config.get("PackageType") != "Image":
            answer: dict[str, Any] = in_docker(function, event, request_id)
            return answer
        result = fleet.invoke(_function(config, endpoint), json.dumps(event).encode(), request_id)
        body = result.answer.body
        outcome = {"body": json.loads(body) if body else None, "log": result.log}
        return {**outcome, "error": True} if result.answer.failed else outcome

    lambda_svc._execute_function_docker = execute


def read_numbers_in_parameters() -> None:
    """Take an event source's `MaximumConcurrency` from a template's parameter, which is a string."""
    limit_of = lambda_svc._sqs_esm_concurrency

    def limit(source: dict[str, Any], *rest: object) -> int:
        scaling = source.get("ScalingConfig") or {}
        if "MaximumConcurrency" in scaling:
            source = {**source, "ScalingConfig": {"MaximumConcurrency": int(scaling["MaximumConcurrency"])}}
        allowed: int = limit_of(source, *rest)
        return allowed

    lambda_svc._sqs_esm_concurrency = limit
