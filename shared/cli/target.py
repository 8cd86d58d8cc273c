"""Which library the command works on: the embedded cloud of this checkout, or a stack on AWS.

The one place that sets the environment by which all other code finds buckets, queues and state machines.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from botocore.exceptions import BotoCoreError, ClientError

from infra.local import cloud
from infra.local.endpoints import STACK, Endpoints
from shared.domain.errors import EyeError
from shared.storage import aws
from shared.storage.config import settings
from shared.storage.store import S3Store

ROOT = Path(__file__).parents[2]
NOTHING_RUNS = (
    "No embedded cloud is running: start one with `eye up`, "
    "or name a stack on AWS with --stack (and its --profile)"
)


@dataclass(frozen=True, slots=True)
class Target:
    """A deployed library.

    Attributes
    ----------
    name : str
        As people would call it.
    log_group : str
        Where every function's log is on AWS; the embedded cloud keeps them in files.
    local : Endpoints or None
        The embedded cloud; None on AWS.
    profile : str or None
        AWS profile to take credentials and region from.
    """

    name: str
    uploads_bucket: str
    library_bucket: str
    queue_url: str
    dead_letter_queue_url: str
    training_machine: str
    reprocess_machine: str
    erase_function: str
    api_url: str
    log_group: str = ""
    local: Endpoints | None = None
    profile: str | None = None

    @classmethod
    def of_local(cls, endpoints: Endpoints) -> Self:
        """The embedded cloud at some endpoints."""
        return cls(
            name=f"the embedded cloud at {endpoints.endpoint}",
            uploads_bucket=endpoints.uploads_bucket,
            library_bucket=endpoints.library_bucket,
            queue_url=endpoints.queue_url,
            dead_letter_queue_url=endpoints.dead_letter_queue_url,
            training_machine=endpoints.state_machine_arn,
            reprocess_machine=endpoints.reprocess_arn,
            erase_function=endpoints.erase_function,
            api_url=endpoints.api_url,
            local=endpoints,
        )

    @classmethod
    def of_stack(cls, stack: str, outputs: Mapping[str, str]) -> Self:
        """A stack on AWS by its outputs.

        Raises
        ------
        EyeError
            Where it is another kind of stack.
        """
        try:
            return cls(
                name=f"the stack {stack}",
                uploads_bucket=outputs["UploadsBucket"],
                library_bucket=outputs["LibraryBucket"],
                queue_url=outputs["UploadQueueUrl"],
                dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
                training_machine=outputs["TrainingStateMachine"],
                reprocess_machine=outputs["ReprocessStateMachine"],
                erase_function=outputs["EraseFunction"],
                api_url=outputs["ApiUrl"],
                log_group=outputs["LogGroup"],
            )
        except KeyError as missing:
            raise EyeError(
                f"The stack {stack} has no output {missing}: deploy this version's template with `sam deploy`"
            ) from None

    def enter(self) -> Self:
        """Set the environment so that clients and settings of this process mean this library."""
        ours = {
            "UPLOADS_BUCKET": self.uploads_bucket,
            "LIBRARY_BUCKET": self.library_bucket,
            "STATE_MACHINE_ARN": self.training_machine,
            "REPROCESS_STATE_MACHINE_ARN": self.reprocess_machine,
        }
        if self.local:
            os.environ.pop("AWS_PROFILE", None)
            ours |= self.local.environment()
        os.environ.update(ours)
        os.environ.setdefault("MODELS_DIR", str(ROOT / "models"))
        settings.cache_clear()
        return self

    @property
    def uploads(self) -> S3Store:
        """The bucket of the owner's photos."""
        return S3Store(self.uploads_bucket)

    @property
    def library(self) -> S3Store:
        """The bucket of everything the system writes."""
        return S3Store(self.library_bucket)


def find(profile: str | None = None, stack: str | None = None) -> Target:
    """The library that the options mean, its environment set.

    Parameters
    ----------
    profile, stack : str or None
        With either, a stack on AWS; without, the embedded cloud that runs.

    Raises
    ------
    EyeError
        Where nothing runs, or there is no such stack.
    """
    if profile or stack:
        return _on_aws(profile, stack or STACK).enter()
    status = cloud.status()
    if not status.running or status.endpoints is None:
        raise EyeError(NOTHING_RUNS)
    return Target.of_local(status.endpoints).enter()


def _on_aws(profile: str | None, stack: str) -> Target:
    if profile:
        os.environ["AWS_PROFILE"] = profile
    try:
        found = aws.cloudformation().describe_stacks(StackName=stack)["Stacks"][0]
    except (ClientError, BotoCoreError) as error:
        raise EyeError(f"The stack {stack} cannot be read: {error}") from error
    outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
    return replace(Target.of_stack(stack, outputs), profile=profile)
