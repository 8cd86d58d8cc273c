"""Where a deployed stack is reached, and the file in which a checkout remembers its own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

from shared.domain.errors import EyeError

STACK = "avinash-eye"
REGION = "us-east-1"


@dataclass(frozen=True)
class Endpoints:
    """An embedded cloud with the stack deployed into it.

    Attributes
    ----------
    endpoint
        The address of every AWS service.
    uploads_bucket, library_bucket
        Names of the two buckets.
    queue_url, dead_letter_queue_url
        Events on their way to `analyze`, and those it failed on five times.
    state_machine_arn, reprocess_arn
        The training and the reprocessing workflow.
    erase_function
        The function that erases.
    api_url
        The page and the API, with a slash at the end.
    token
        What the API asks for; made at the first start and kept with the data.
    pid
        The server's process.
    data
        Where the server keeps state, objects and logs.
    temporary
        Whether `data` goes when the cloud is stopped.
    """

    endpoint: str
    uploads_bucket: str
    library_bucket: str
    queue_url: str
    dead_letter_queue_url: str
    state_machine_arn: str
    reprocess_arn: str
    erase_function: str
    api_url: str
    token: str
    pid: int
    data: Path
    temporary: bool

    @classmethod
    def of_stack(
        cls, outputs: Mapping[str, str], *, endpoint: str, token: str, pid: int, data: Path, temporary: bool
    ) -> Endpoints:
        """Read a deployed stack's outputs."""
        return cls(
            endpoint=endpoint,
            uploads_bucket=outputs["UploadsBucket"],
            library_bucket=outputs["LibraryBucket"],
            queue_url=outputs["UploadQueueUrl"],
            dead_letter_queue_url=outputs["DeadLetterQueueUrl"],
            state_machine_arn=outputs["TrainingStateMachine"],
            reprocess_arn=outputs["ReprocessStateMachine"],
            erase_function=outputs["EraseFunction"],
            api_url=function_url(endpoint, outputs["ApiUrl"]),
            token=token,
            pid=pid,
            data=data,
            temporary=temporary,
        )

    def environment(self) -> dict[str, str]:
        """Return the variables by which any AWS program, and this project's own, finds this cloud."""
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": REGION,
            "AWS_SECRET_ACCESS_KEY": "test",
            "LIBRARY_BUCKET": self.library_bucket,
            "REPROCESS_STATE_MACHINE_ARN": self.reprocess_arn,
            "STATE_MACHINE_ARN": self.state_machine_arn,
            "UPLOADS_BUCKET": self.uploads_bucket,
        }


def function_url(endpoint: str, output: str) -> str:
    """Return the address on `endpoint` of a Function URL as CloudFormation names it.

    Host names below ``localhost`` do not resolve everywhere, so the emulator's path form is used.

    >>> function_url("http://127.0.0.1:4566", "https://abc.lambda-url.us-east-1.on.aws/")
    'http://127.0.0.1:4566/_aws/lambda-url/abc/'
    """
    identifier = (urlsplit(output).hostname or "").partition(".")[0]
    return f"{endpoint}/_aws/lambda-url/{identifier}/"


def home() -> Path:
    """Return where a checkout keeps what belongs to its cloud: ``$EYE_HOME``, else ``.eye`` below it."""
    return Path(os.environ.get("EYE_HOME", ".eye")).resolve()


def remember(endpoints: Endpoints) -> None:
    """Write the state file, readable by its owner alone: it holds the API's token."""
    path = home() / "cloud.json"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps({**asdict(endpoints), "data": str(endpoints.data)}, indent=1, sort_keys=True))
    draft.replace(path)


def forget() -> None:
    """Remove the state file."""
    (home() / "cloud.json").unlink(missing_ok=True)


def recall() -> Endpoints | None:
    """Return the cloud this checkout started last, running or not.

    Raises
    ------
    EyeError
        When the state file is not one that this version wrote.
    """
    path = home() / "cloud.json"
    if not path.is_file():
        return None
    try:
        known = json.loads(path.read_text())
        values = {field.name: known[field.name] for field in fields(Endpoints)}
        return Endpoints(**{**values, "data": Path(values["data"])})
    except (ValueError, KeyError, TypeError) as error:
        raise EyeError(f"{path} cannot be read: remove it, then run `eye up` again.") from error
