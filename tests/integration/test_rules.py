"""What the template's policies promise holds in a running cloud: they refuse."""

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra.local.endpoints import Endpoints
from shared.storage import aws, keys
from shared.storage.versions import VersionedBucket

pytestmark = [
    pytest.mark.cloud,
    pytest.mark.embedded_alone("enforces no policies without an account of its maker"),
]

ASSUMED = {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
]}  # fmt: skip


@pytest.fixture(scope="module")
def role_client(cloud: Endpoints) -> Callable[[str], Any]:
    """Gives the S3 client of a function's role."""
    iam = boto3.client("iam", endpoint_url=cloud.endpoint)
    roles = {one["RoleName"]: one["Arn"] for one in iam.list_roles()["Roles"]}

    def client(function: str) -> Any:
        name = next(name for name in roles if f"-{function}Role-" in name)
        iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(ASSUMED))
        sts = boto3.client("sts", endpoint_url=cloud.endpoint)
        given = sts.assume_role(RoleArn=roles[name], RoleSessionName="test")["Credentials"]
        return boto3.client(
            "s3",
            endpoint_url=cloud.endpoint,
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
        )

    return client


def refused(request: Callable[[], object]) -> str:
    """The error a request meets; empty where it meets none."""
    try:
        request()
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_bundle_is_created_once_and_taken_away_by_erase_alone(
    cloud: Endpoints, role_client: Callable[[str], Any]
) -> None:
    report, erase = role_client("Report"), role_client("Erase")
    place = {"Bucket": cloud.library_bucket, "Key": keys.bundle("w", "search_index.json")}

    assert refused(lambda: report.put_object(**place, Body=b"1")) == "AccessDenied"
    assert refused(lambda: report.put_object(**place, Body=b"1", IfNoneMatch="*")) == ""
    assert refused(lambda: report.put_object(**place, Body=b"2", IfNoneMatch="*")) == "PreconditionFailed"
    assert refused(lambda: report.delete_object(**place)) == "AccessDenied"
    assert refused(lambda: erase.delete_object(**place)) == "AccessDenied"
    version = erase.list_object_versions(Bucket=cloud.library_bucket, Prefix=place["Key"])["Versions"][0]
    assert refused(lambda: report.delete_object(**place, VersionId=version["VersionId"])) == "AccessDenied"
    assert VersionedBucket(cloud.library_bucket, erase).destroy(keys.bundle("w")) == 1


def test_the_api_creates_uploads_in_its_inbox_alone(
    cloud: Endpoints, role_client: Callable[[str], Any]
) -> None:
    api = role_client("Api")

    def put(key: str) -> str:
        return refused(lambda: api.put_object(Bucket=cloud.uploads_bucket, Key=key, Body=b"1"))

    assert put("inbox/not-a-photo.txt") == ""
    assert put("2024/not-a-photo.txt") == "AccessDenied"


def test_the_erase_function_answers_with_its_own_role(cloud: Endpoints) -> None:
    reply = aws.lambda_().invoke(FunctionName=cloud.erase_function, Payload=b'{"action": "deleted"}')

    answer = json.loads(reply["Payload"].read())

    assert answer["status"] == "erased", answer
