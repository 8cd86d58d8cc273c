"""AWS clients by endpoint: localstack-client where a local endpoint is set, else boto3 as it is."""

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from localstack_client.session import Session as LocalSession

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_stepfunctions import SFNClient

CONNECTIONS = 64
DEFAULT_REGION = "us-east-1"


def local_endpoint() -> str | None:
    """The local endpoint the environment names (AWS_ENDPOINT_URL or LOCALSTACK_HOST); None on AWS."""
    return os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("LOCALSTACK_HOST") or None


def in_lambda() -> bool:
    """Whether this process is a function's, with its credentials in the environment."""
    return "AWS_LAMBDA_RUNTIME_API" in os.environ


def s3() -> "S3Client":
    """The S3 client, signing with version 4 so that presigned URLs work in every region."""
    client: S3Client = _client("s3", local_endpoint())
    return client


def stepfunctions() -> "SFNClient":
    """The Step Functions client."""
    client: SFNClient = _client("stepfunctions", local_endpoint())
    return client


def sqs() -> "SQSClient":
    """The SQS client."""
    client: SQSClient = _client("sqs", local_endpoint())
    return client


def lambda_() -> "LambdaClient":
    """The Lambda client."""
    client: LambdaClient = _client("lambda", local_endpoint())
    return client


def patient_lambda() -> "LambdaClient":
    """A Lambda client that waits as long as a function may take, and asks once."""
    client: LambdaClient = _client("lambda", local_endpoint(), read_timeout=960, attempts=1)
    return client


def events() -> "EventBridgeClient":
    """The EventBridge client."""
    client: EventBridgeClient = _client("events", local_endpoint())
    return client


def cloudformation() -> "CloudFormationClient":
    """The CloudFormation client."""
    client: CloudFormationClient = _client("cloudformation", local_endpoint())
    return client


def logs() -> "CloudWatchLogsClient":
    """The CloudWatch Logs client."""
    client: CloudWatchLogsClient = _client("logs", local_endpoint())
    return client


@lru_cache
def _client(service: str, endpoint: str | None, read_timeout: int = 60, attempts: int = 6) -> Any:
    config = Config(
        retries={"mode": "adaptive", "total_max_attempts": attempts},
        connect_timeout=5,
        read_timeout=read_timeout,
        max_pool_connections=CONNECTIONS,
        signature_version="s3v4" if service == "s3" else None,
        s3={"addressing_style": "path" if endpoint else "auto"},
    )
    if endpoint is None:
        return boto3.client(service, config=config)  # type: ignore[call-overload]
    # localstack-client keeps a session token to itself, and temporary credentials are nothing without theirs.
    session = _local_session()
    return session.client(service, config=config, aws_session_token=session.aws_session_token)


def _local_session() -> LocalSession:
    environment = os.environ
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or DEFAULT_REGION
    return LocalSession(
        aws_access_key_id=environment.get("AWS_ACCESS_KEY_ID", "test"),
        aws_secret_access_key=environment.get("AWS_SECRET_ACCESS_KEY", "test"),
        aws_session_token=environment.get("AWS_SESSION_TOKEN") or None,
        region_name=region,
    )
