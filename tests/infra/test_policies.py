"""Who may do what: calls decided by the template's own policies, each function's own and those of buckets."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.infra.policies import Call, Expanded

Context = dict[str, Any]
CREATE: Context = {"s3:if-none-match": "*"}
EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:training:run"
FUNCTIONS = (
    "Analyze", "Export", "Categories", "Descriptions", "Faces", "SearchIndex", "ImprovedDescriptions",
    "Report", "Retrain", "Reprocess", "Erase", "Api",
)  # fmt: skip
PHASES = FUNCTIONS[2:7]
WRITERS = {
    "records/p.json": {"Analyze", "Export", "Reprocess", "Erase", "Api"},
    "corrections/p/u.json": {"Erase", "Api"},
    "people/u.json": {"Erase", "Api"},
    "quarantine/p.json": {"Analyze"},
    "thumbs/p/e.webp": {"Analyze", "Erase"},
    "dataset/all/d.parquet": {"Export"},
    "catalogue/1/all.parquet": {"Export", "Reprocess", "Erase"},
    "sums/faces/d.npz": {*PHASES},
    "runs/r/plan.json": {"Export", *PHASES, "Report", "Reprocess"},
    "bundles/v/manifest.json": {"Report"},
    "aliases/latest.json": {"Report", "Api"},
    "locks/training.json": {"Export", "Report"},
    "suppressions/p.json": {"Erase"},
    "erasing/u.json": {"Erase"},
    "erasures/u.json": {"Erase"},
}
"""Who may write what of the library: nobody else may, nor anything else."""
STAR = frozenset(
    {
        "xray:PutTraceSegments",
        "xray:PutTelemetryRecords",
        "xray:GetSamplingRules",
        "xray:GetSamplingTargets",
    }
)
"""Actions for which AWS knows no resources."""


@pytest.fixture(scope="module")
def expanded(template: dict[str, Any]) -> Iterator[Expanded]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield Expanded(template)


def library(expanded: Expanded, key: str = "") -> str:
    return expanded.arn("LibraryBucket") + (f"/{key}" if key else "")


def uploads(expanded: Expanded, key: str) -> str:
    return f"{expanded.arn('UploadsBucket')}/{key}"


def who(expanded: Expanded, action: str, arn: str, context: Context | None = None) -> set[str]:
    """The functions that may."""
    calls = [Call(f"{name}Role", action, arn, context or {}) for name in FUNCTIONS]
    decided = expanded.decisions(calls)
    return {name for name, decision in zip(FUNCTIONS, decided, strict=True) if decision == "Allow"}


def test_every_part_of_the_library_has_its_writers_and_nobody_else(expanded: Expanded) -> None:
    keys = [*WRITERS, "elsewhere/x", "records"]
    calls = [
        Call(f"{name}Role", "s3:PutObject", library(expanded, key), CREATE)
        for key in keys
        for name in FUNCTIONS
    ]

    decided = iter(expanded.decisions(calls))

    found = {key: {name for name in FUNCTIONS if next(decided) == "Allow"} for key in keys}
    assert found == {**WRITERS, "elsewhere/x": set(), "records": set()}


def test_the_api_alone_creates_uploads_under_inbox_and_nobody_changes_others(expanded: Expanded) -> None:
    assert who(expanded, "s3:PutObject", uploads(expanded, "inbox/u.jpg"), CREATE) == {"Api"}
    assert who(expanded, "s3:PutObject", uploads(expanded, "2024/photo.jpg"), CREATE) == set()
    for action in ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectAcl"):
        assert who(expanded, action, uploads(expanded, "inbox/u.jpg")) == set()


def test_originals_are_read_by_who_looks_at_them_and_who_shows_them(expanded: Expanded) -> None:
    assert who(expanded, "s3:GetObject", uploads(expanded, "2024/photo.jpg")) == {"Analyze", "Api"}


@pytest.mark.parametrize("context", [{}, {"s3:if-match": "an etag"}], ids=["plainly", "if-match"])
def test_nobody_overwrites_a_bundle(expanded: Expanded, context: Context) -> None:
    assert who(expanded, "s3:PutObject", library(expanded, "bundles/v/face_clusters.pkl"), context) == set()


def test_nobody_hides_a_bundle_and_only_erase_takes_versions_away(expanded: Expanded) -> None:
    assert who(expanded, "s3:DeleteObject", library(expanded, "bundles/v/manifest.json")) == set()
    for key in ("bundles/v/manifest.json", "records/p.json", "thumbs/p/e.webp"):
        assert who(expanded, "s3:DeleteObjectVersion", library(expanded, key)) == {"Erase"}
        assert who(expanded, "s3:GetObjectVersion", library(expanded, key)) == {"Erase"}
    assert who(expanded, "s3:ListBucketVersions", library(expanded)) == {"Erase"}


def test_even_who_may_everything_cannot_overwrite_bundles_or_take_versions_away(expanded: Expanded) -> None:
    anything = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    expanded.identity["ApiRole"] = [*(before := expanded.identity["ApiRole"]), anything]
    manifest = library(expanded, "bundles/v/manifest.json")

    decided = expanded.decisions(
        [
            Call("ApiRole", "s3:PutObject", manifest),
            Call("ApiRole", "s3:DeleteObject", manifest),
            Call("ApiRole", "s3:DeleteObjectVersion", manifest),
            Call("ApiRole", "s3:PutObject", manifest, CREATE),
        ]
    )
    expanded.identity["ApiRole"] = before

    assert decided == ["Deny", "Deny", "Deny", "Allow"]


@pytest.mark.parametrize(
    ("action", "bucket"),
    [("s3:GetObject", "LibraryBucket"), ("s3:GetObject", "UploadsBucket"), ("s3:PutObject", "LibraryBucket")],
)
def test_nothing_goes_without_tls(expanded: Expanded, action: str, bucket: str) -> None:
    arn = f"{expanded.arn(bucket)}/records/p.json"

    assert who(expanded, action, arn)
    assert who(expanded, action, arn, {"secure": False}) == set()


def test_a_phase_sees_neither_originals_nor_records_nor_corrections(expanded: Expanded) -> None:
    for key in ("records/p.json", "corrections/p/u.json", "thumbs/p/e.webp"):
        assert not who(expanded, "s3:GetObject", library(expanded, key)) & set(PHASES)
    assert who(expanded, "s3:GetObject", library(expanded, "people/u.json")) >= {"Faces"}


def test_trainings_are_started_by_retrain_and_by_people_on_the_page(expanded: Expanded) -> None:
    assert who(expanded, "states:StartExecution", expanded.arn("Training")) == {"Retrain", "Api"}
    assert who(expanded, "states:StopExecution", EXECUTION) == {"Api"}


def test_dead_letters_are_read_by_erase_alone(expanded: Expanded) -> None:
    dead = expanded.arn("DeadLetterQueue")

    assert who(expanded, "sqs:DeleteMessage", dead) == {"Erase"}
    assert who(expanded, "sqs:ReceiveMessage", expanded.arn("Queue")) <= {"Analyze"}


@pytest.mark.parametrize("role", ["TrainingRole", "ReprocessingRole"])
def test_a_state_machine_reads_its_items_and_writes_nothing(expanded: Expanded, role: str) -> None:
    calls = [
        Call(role, "s3:GetObject", library(expanded, "runs/r/shards.json")),
        Call(role, "s3:GetObject", library(expanded, "records/p.json")),
        Call(role, "s3:PutObject", library(expanded, "runs/r/shards.json"), CREATE),
        Call(role, "lambda:InvokeFunction", expanded.arn("Erase")),
    ]

    assert expanded.decisions(calls) == ["Allow", "ImplicitDeny", "ImplicitDeny", "ImplicitDeny"]


def test_every_resource_is_named_but_for_actions_that_know_none(expanded: Expanded) -> None:
    for role, policies in expanded.identity.items():
        for statement in (one for policy in policies for one in policy["Statement"]):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            resources = json.dumps(statement["Resource"])
            assert not any("*" in action for action in actions), role
            assert '"*"' not in resources or set(actions) <= STAR, (role, actions)
