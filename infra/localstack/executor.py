"""Run LocalStack's container-image functions as processes of this machine, without Docker."""

from __future__ import annotations

from dataclasses import replace

from localstack.services.lambda_.invocation import runtime_executor
from localstack.services.lambda_.invocation.lambda_models import FunctionVersion, InvocationResult

from infra.local.server.environment import Environment, Function, Host

_NOT_PASSED = (
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_XRAY_DAEMON_ADDRESS",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
)


class ProcessExecutor(runtime_executor.RuntimeExecutor):
    """One environment of one function: a process that polls a Runtime API of its own."""

    host: Host
    endpoint: str

    def start(self, env_vars: dict[str, str]) -> None:
        """Start the process."""
        config, version = self.function_version.config, self.function_version.id
        command = (config.image_config.command if config.image_config else None) or [config.handler or ""]
        variables = {name: str(value) for name, value in env_vars.items() if name not in _NOT_PASSED}
        self._function = Function(
            name=version.function_name,
            arn=version.qualified_arn(),
            handler=command[0],
            timeout=float(config.timeout),
            memory_mb=int(config.memory_size),
            variables={**variables, "AWS_ENDPOINT_URL": self.endpoint},
        )
        self._environment = Environment(self._function, self.host)

    def stop(self) -> None:
        """End the process."""
        self._environment.close()

    def invoke(self, payload: dict[str, str]) -> InvocationResult:
        """Run one invocation; a process that died or was timed out is replaced, as on AWS."""
        if not self._environment.alive:
            self._environment.close()
            function = replace(self._function, arn=payload["invoked-function-arn"])
            self._environment = Environment(function, self.host)
        request = payload["invoke-id"]
        result = self._environment.invoke(payload["payload"].encode(), request)
        answer = result.answer
        return InvocationResult(request, answer.body, is_error=answer.failed, logs=result.log)

    def get_address(self) -> str:
        """Where the process is."""
        return "127.0.0.1"

    def get_endpoint_from_executor(self) -> str:
        """Where the process finds LocalStack."""
        return "127.0.0.1"

    def get_runtime_endpoint(self) -> str:
        """Unused: each process has a Runtime API of its own."""
        return ""

    def get_logs(self) -> str:
        """Logs of a failed start; the rest comes with each result."""
        return ""

    @classmethod
    def prepare_version(cls, function_version: FunctionVersion) -> None:
        """Nothing to prepare: the code is this checkout."""

    @classmethod
    def cleanup_version(cls, function_version: FunctionVersion) -> None:
        """Nothing to clean up."""


def run_functions_in(host: Host, endpoint: str) -> None:
    """Make LocalStack run every function in processes.

    Called before anything else imports the Lambda service, which takes the executor's name with it.

    Parameters
    ----------
    host
        Where they run.
    endpoint
        Where they find AWS.
    """
    ProcessExecutor.host, ProcessExecutor.endpoint = host, endpoint
    runtime_executor.get_runtime_executor = lambda: ProcessExecutor
