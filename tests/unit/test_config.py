from pathlib import Path

import pytest

from shared.domain.errors import InvalidInput
from shared.storage import aws
from shared.storage.config import read_settings


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UPLOADS_BUCKET", "LIBRARY_BUCKET", "MODELS_DIR", "FACE_ENGINE", "STATE_MACHINE_ARN"):
        monkeypatch.delenv(name, raising=False)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPLOADS_BUCKET", "uploads")
    monkeypatch.setenv("LIBRARY_BUCKET", "library")
    monkeypatch.setenv("FACE_ENGINE", "dlib")
    monkeypatch.setenv("MODELS_DIR", "")
    found = read_settings()
    assert (found.uploads_bucket, found.face_engine, found.models_dir) == ("uploads", "dlib", Path("models"))
    with pytest.raises(InvalidInput, match="STATE_MACHINE_ARN is not set"):
        _ = found.training_machine


def test_what_is_missing_is_named_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACE_ENGINE", "cnn")
    with pytest.raises(InvalidInput) as refused:
        read_settings()
    for name in ("UPLOADS_BUCKET", "LIBRARY_BUCKET", "FACE_ENGINE"):
        assert name in str(refused.value)


def test_clients_follow_the_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.delenv("LOCALSTACK_HOST", raising=False)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4999")
    local = aws.s3()
    assert local.meta.endpoint_url == "http://127.0.0.1:4999"
    assert local.meta.region_name == "eu-west-1"
    assert aws.s3() is local
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    assert "amazonaws.com" in aws.s3().meta.endpoint_url


def test_local_requests_carry_the_token_of_temporary_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4998")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "ASIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "token")
    signed = aws.s3().generate_presigned_url("get_object", Params={"Bucket": "b", "Key": "k"})
    assert "X-Amz-Security-Token=token" in signed
