"""Whoever is woken by an alarm finds in the documentation what to do, and the metric behind it exists."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
Resources = dict[str, dict[str, Any]]
ALARMS = {
    "EventsLostAlarm",
    "TrainingFailedAlarm",
    "GateRefusedAlarm",
    "QuarantineGrowingAlarm",
    "NoTrainingAlarm",
    "ErasureWaitsAlarm",
}
TAGGED = {
    "AWS::S3::Bucket",
    "AWS::SQS::Queue",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::IAM::Role",
    "AWS::Serverless::StateMachine",
}


@pytest.fixture(scope="module")
def alarms(resources: Resources) -> Resources:
    return {name: one for name, one in resources.items() if one["Type"] == "AWS::CloudWatch::Alarm"}


def test_each_alarm_tells_somebody_and_says_what_to_do(alarms: Resources) -> None:
    documented = (ROOT / "docs" / "operations.md").read_text()

    assert set(alarms) == ALARMS
    for name, alarm in alarms.items():
        assert alarm["Condition"] == "Monitored"
        assert alarm["Properties"]["AlarmActions"] == [{"Ref": "Alarms"}]
        (row,) = re.findall(rf"^\| `{name}` \|(.+)\|(.+)\|$", documented, re.MULTILINE)
        assert all(len(cell.split()) > 4 for cell in row)


def test_no_alarm_looks_further_back_than_cloudwatch_does(alarms: Resources) -> None:
    for alarm in alarms.values():
        properties = alarm["Properties"]
        assert properties["Period"] * properties["EvaluationPeriods"] <= 7 * 24 * 3600


def test_metrics_of_our_own_are_made_by_the_code(alarms: Resources, resources: Resources) -> None:
    code = "".join(
        path.read_text() for folder in ("shared", "functions") for path in (ROOT / folder).rglob("*.py")
    )
    made = set(re.findall(r'add_metric\(\s*name="(\w+)"', code))
    made |= {f"Photos{outcome}" for outcome in ("Analyzed", "Quarantined", "Deleted", "Unchanged")}
    made |= {f"Trainings{status}" for status in ("Completed", "Refused", "Trial")}
    watched = {
        alarm["Properties"]["MetricName"]
        for alarm in alarms.values()
        if alarm["Properties"]["Namespace"] == "AvinashEye"
    }
    body = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    shown = set(re.findall(r'\["AvinashEye", "(\w+)"', body))

    assert watched <= made
    assert shown <= made
    assert watched <= shown
    documented = (ROOT / "docs" / "operations.md").read_text()
    assert all(f"`{name}`" in documented for name in made)


def test_the_dashboard_is_json(resources: Resources) -> None:
    body = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]

    widgets = json.loads(re.sub(r"\$\{[^}]+\}", "x", body))["widgets"]

    assert len({widget["properties"]["title"] for widget in widgets}) == len(widgets)


def test_everything_that_costs_is_tagged(
    resources: Resources, template: dict[str, Any], samconfig: dict[str, Any]
) -> None:
    tag = {"Key": "project", "Value": "avinash-eye"}

    assert template["Globals"]["Function"]["Tags"] == {"project": "avinash-eye"}
    assert samconfig["default"]["deploy"]["parameters"]["tags"] == "project=avinash-eye"
    for name, resource in resources.items():
        if resource["Type"] in TAGGED:
            assert resource["Properties"]["Tags"] in ([tag], {"project": "avinash-eye"}), name


def test_every_folder_of_the_library_is_named_in_the_privacy_document() -> None:
    keys = (ROOT / "shared" / "storage" / "keys.py").read_text()
    documented = (ROOT / "docs" / "privacy.md").read_text()

    folders = set(re.findall(r'^[A-Z]+ = "(\w+/)"$', keys, re.MULTILINE)) - {"erasing/"}

    assert len(folders) > 10
    assert [folder for folder in sorted(folders) if f"`{folder}`" not in documented] == []


def test_face_recognition_off_reaches_every_function(template: dict[str, Any]) -> None:
    variables = template["Globals"]["Function"]["Environment"]["Variables"]

    assert variables["FACE_ENGINE"] == {"Fn::If": ["NoFaces", "off", {"Ref": "FaceEngine"}]}
    assert template["Conditions"]["NoFaces"] == {"Fn::Equals": [{"Ref": "FaceRecognition"}, "off"]}
    assert template["Parameters"]["FaceRecognition"]["Default"] == "on"
