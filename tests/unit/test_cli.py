"""The command against a stack: CloudFormation, S3, SQS, Step Functions and Lambda as moto plays them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner

from shared.cli import COMMANDS, app
from shared.domain.record import Origin, Record, Status
from shared.storage import aws, keys
from shared.storage.bundles import BundleRepository
from shared.storage.config import settings
from shared.storage.records import RecordRepository
from shared.storage.store import S3Store
from tests.unit import api_records

STACK = "eye-test"
UPLOADS, LIBRARY = "test-uploads", "test-library"
OUTPUTS = {
    "UploadsBucket": UPLOADS,
    "LibraryBucket": LIBRARY,
    "TrainingStateMachine": "arn:aws:states:us-east-1:123456789012:stateMachine:training",
    "ReprocessStateMachine": "arn:aws:states:us-east-1:123456789012:stateMachine:reprocess",
    "EraseFunction": "arn:aws:lambda:us-east-1:123456789012:function:erase",
    "ApiUrl": "https://api.example/",
    "LogGroup": "/eye/test",
}


class Formation:
    """CloudFormation with one stack; moto's needs every other service of moto."""

    def __init__(self, outputs: dict[str, str]) -> None:
        self.outputs = outputs

    def describe_stacks(self, *, StackName: str):  # noqa: N803
        if StackName != STACK:
            said = f"Stack with id {StackName} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": said}}, "DescribeStacks")
        return {
            "Stacks": [{"Outputs": [{"OutputKey": k, "OutputValue": v} for k, v in self.outputs.items()]}]
        }


runner = CliRunner()


@pytest.fixture
def stack(monkeypatch, tmp_path):
    for name in ("AWS_ENDPOINT_URL", "LOCALSTACK_HOST", "AWS_PROFILE", "EYE_PROFILE", "EYE_STACK"):
        monkeypatch.delenv(name, raising=False)
    for name in ("UPLOADS_BUCKET", "LIBRARY_BUCKET", "STATE_MACHINE_ARN", "REPROCESS_STATE_MACHINE_ARN"):
        monkeypatch.setenv(name, "unset")  # set, so that what a command sets is undone
    monkeypatch.setenv("MODELS_DIR", str(tmp_path / "models"))
    monkeypatch.setenv("EYE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with mock_aws():
        aws._client.cache_clear()
        for bucket in (UPLOADS, LIBRARY):
            aws.s3().create_bucket(Bucket=bucket)
        queues = {
            output: aws.sqs().create_queue(QueueName=output)["QueueUrl"]
            for output in ("UploadQueueUrl", "DeadLetterQueueUrl")
        }
        formation = Formation(OUTPUTS | queues)
        monkeypatch.setattr(aws, "cloudformation", lambda: formation)
        yield STACK
    aws._client.cache_clear()
    settings.cache_clear()


def eye(*words: str):
    return runner.invoke(app, ["--stack", STACK, *words])


def store_record(key: str, **parts) -> Record:
    photo_id = keys.photo_id(UPLOADS, key)
    origin = Origin(UPLOADS, key, "e" * 32, 10, "00", datetime(2026, 1, 1, tzinfo=UTC))
    record = Record(photo_id, origin, **{"status": Status.QUARANTINED, "reason": "not a photo", **parts})
    return RecordRepository(S3Store(LIBRARY)).update(photo_id, lambda _: record)


def publish(version: str, **files: bytes) -> None:
    bundles = BundleRepository(S3Store(LIBRARY))
    bundles.publish(version, "run", files or {"training_report.html": b"<p>report</p>"}, {"photos": 3})
    alias = bundles.alias()
    bundles.promote(version, alias.etag if alias else None)


def test_without_a_cloud_the_command_says_to_start_one(monkeypatch, tmp_path):
    monkeypatch.setenv("EYE_HOME", str(tmp_path))
    monkeypatch.delenv("EYE_STACK", raising=False)
    monkeypatch.delenv("EYE_PROFILE", raising=False)
    result = runner.invoke(app, ["people"])
    assert result.exit_code == 1
    assert "eye up" in result.stderr
    assert "Traceback" not in result.output


def test_an_unknown_stack_is_one_sentence(stack):
    result = runner.invoke(app, ["--stack", "nowhere", "people"])
    assert result.exit_code == 1
    assert result.stderr.startswith("The stack nowhere cannot be read")
    assert isinstance(result.exception, SystemExit)


def test_added_photos_keep_the_path_below_their_folder_and_are_not_sent_twice(stack, tmp_path):
    folder = tmp_path / "my photos"
    (folder / "2024").mkdir(parents=True)
    (folder / "2024" / "海+50%.jpg").write_bytes(b"one")
    (folder / "b.png").write_bytes(b"two")
    (folder / "notes.txt").write_text("no photo")
    first = eye("add", str(folder))
    assert first.exit_code == 0, first.output
    assert "2 new" in first.output
    assert "notes.txt" in first.output
    listed = {entry.key for entry in S3Store(UPLOADS).list()}
    assert listed == {"my photos/2024/海+50%.jpg", "my photos/b.png"}
    (folder / "b.png").write_bytes(b"three")
    second = eye("add", str(folder))
    assert "1 replaced, 1 unchanged" in second.output
    assert "2 sent again" in eye("add", str(folder), "--again").output


def test_add_refuses_two_files_of_one_key(stack, tmp_path):
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.jpg").write_bytes(name.encode())
    result = eye("add", str(tmp_path / "x" / "a.jpg"), str(tmp_path / "y" / "a.jpg"))
    assert result.exit_code == 1
    assert "--under" in result.stderr
    assert list(S3Store(UPLOADS).list()) == []


def test_watch_ends_when_every_photo_has_a_record(stack):
    S3Store(UPLOADS).put("a.jpg", b"x")
    store_record("a.jpg")
    result = eye("watch")
    assert result.exit_code == 0, result.output


def test_show_finds_a_photo_by_key_by_id_and_by_file(stack, tmp_path):
    (tmp_path / "a b.jpg").write_bytes(b"pixels")
    S3Store(UPLOADS).put("2024/a b.jpg", b"pixels")
    record = store_record("2024/a b.jpg")
    for name in ("2024/a b.jpg", record.photo_id[:6], str(tmp_path / "a b.jpg")):
        result = eye("show", name)
        assert result.exit_code == 0, result.output
        assert "2024/a b.jpg" in result.output
        assert "not a photo" in result.output
    assert json.loads(eye("show", "2024/a b.jpg", "--json").output)["photo_id"] == record.photo_id


def test_show_of_an_unknown_photo_says_what_to_do(stack):
    result = eye("show", "nowhere.jpg")
    assert result.exit_code == 1
    assert "eye add" in result.stderr


def test_export_writes_sidecars_and_leaves_those_of_other_programs(stack, tmp_path):
    folder = tmp_path / "sidecars"
    store_record("broken.jpg")
    assert "no photo is analyzed yet" in eye("export", "--xmp", str(folder)).output
    for key in ("2024/a.jpg", "b.jpg"):
        made = api_records.record(keys.photo_id(UPLOADS, key))
        store_record(
            key,
            status=Status.ANALYZED,
            reason=None,
            observation=made.observation,
            enhancement=made.enhancement,
        )
    (folder / "b.jpg.xmp").parent.mkdir(parents=True, exist_ok=True)
    (folder / "b.jpg.xmp").write_text("<x:xmpmeta xmlns:x='adobe:ns:meta/' x:xmptk='XMP Core 4.4.0-Exiv2'/>")

    first = eye("export", "--xmp", str(folder))

    assert first.exit_code == 0, first.output
    assert "1 written, 1 left" in first.output
    assert b"Avinash-EYE|beach" in (folder / "2024" / "a.jpg.xmp").read_bytes()
    assert b"Exiv2" in (folder / "b.jpg.xmp").read_bytes()
    assert "1 written, 1 unchanged" in eye("export", "--xmp", str(folder), "--replace").output
    assert eye("export").exit_code == 1
    assert eye("export", "--xmp", str(folder / "2024" / "a.jpg.xmp")).exit_code == 1


def test_bundles_rollback_and_report(stack):
    assert "eye train" in eye("bundles").output
    assert eye("report").exit_code == 1
    publish("v1")
    publish("v2")
    listed = json.loads(eye("bundles", "--json").output)
    assert [(b["version"], b["state"]) for b in listed] == [("v2", "live"), ("v1", "published")]
    report = eye("report", "--no-open")
    assert Path(report.output.strip()).read_text() == "<p>report</p>"
    assert "v1 is live" in eye("rollback").output
    assert "v1" in eye("report", "--no-open").output
    assert eye("rollback", "v9").exit_code == 1


def test_train_refuses_a_wrong_input_before_it_starts(stack):
    result = eye("train", "--limit", "0")
    assert result.exit_code == 1
    assert "limit" in result.stderr


def test_people_before_a_training_says_to_train(stack):
    result = eye("people")
    assert result.exit_code == 1
    assert "eye train" in result.stderr


def test_doctor_answers_every_question_and_fails_where_something_is_to_be_done(stack):
    result = eye("doctor", "--json")
    found = {finding["question"]: finding for finding in json.loads(result.output)}
    assert result.exit_code == 1
    assert "make models" in found["Models"]["said"]
    assert not found["Triggers"]["well"]
    assert found["Endpoint"]["well"]
    assert "eye train" in found["No improvements visible?"]["said"]
    assert {"No training data exported yet?", "Not enough memory?", "Faces not grouped?"} <= found.keys()


def test_help_names_every_command():
    shown = runner.invoke(app, ["--help"])
    assert shown.exit_code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in shown.output
        assert f"eye {command}" in runner.invoke(app, [command, "--help"], prog_name="eye").output


def test_an_unknown_command_is_refused():
    assert runner.invoke(app, ["fly"]).exit_code == 2
