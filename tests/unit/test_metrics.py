"""What alarms watch is in the log in the embedded metric format; dead letters go where they must."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from shared.storage.observability import metrics
from shared.storage.queues import Letters
from tests.unit.deployed import moto_cloud, sample
from tests.unit.transports import InProcess


@pytest.fixture(scope="module")
def functions() -> Iterator[InProcess]:
    with moto_cloud():
        yield InProcess()


@pytest.fixture(autouse=True)
def nothing_told_yet() -> None:
    """Forget what tests of the services told outside of a handler: it would be flushed here."""
    metrics.clear_metrics()


def embedded(output: str) -> dict[str, Any]:
    """The metrics of a log by name, with their dimensions."""
    found = {}
    for line in output.splitlines():
        entry = json.loads(line) if line.startswith('{"_aws"') else {}
        for directive in entry.get("_aws", {}).get("CloudWatchMetrics", ()):
            dimensions = {name: entry[name] for name in directive["Dimensions"][0]}
            for metric in directive["Metrics"]:
                found[metric["Name"]] = (directive["Namespace"], entry[metric["Name"]], dimensions)
    return found


@pytest.mark.parametrize(
    ("function", "metric"), [("retrain", "DaysSinceTraining"), ("erase", "ErasuresUnderWay")]
)
def test_a_function_tells_the_metric_that_an_alarm_watches(
    functions: InProcess, capsys: pytest.CaptureFixture[str], function: str, metric: str
) -> None:
    functions.call(function, sample(function))

    told = embedded(capsys.readouterr().out)

    assert told[metric] == ("AvinashEye", [0.0], {"service": "avinash-eye"})


def bridged(key: str) -> str:
    detail = {"bucket": {"name": "uploads"}, "object": {"key": key, "size": 1, "etag": "e"}}
    event = {"detail-type": "Object Created", "time": "2026-01-01T00:00:00Z", "detail": detail}
    return json.dumps(event)


def test_dead_letters_about_what_was_erased_go_and_others_stay(functions: InProcess) -> None:
    sqs = boto3.client("sqs")
    url = sqs.create_queue(QueueName="dead")["QueueUrl"]
    for body in (bridged("gone.jpg"), bridged("stays.jpg"), "no event at all"):
        sqs.send_message(QueueUrl=url, MessageBody=body)

    dropped = Letters(url, sqs).drop(lambda key: key == "gone.jpg")

    left = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    assert dropped == 1
    assert sorted(one["Body"] for one in left) == sorted([bridged("stays.jpg"), "no event at all"])


def test_without_a_queue_there_is_nothing_to_drop(functions: InProcess) -> None:
    assert Letters("").drop(lambda _: True) == 0
