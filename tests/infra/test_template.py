"""The template keeps the rules that AWS has and no emulator enforces."""

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from infra.local.endpoints import Endpoints
from tests.infra.policies import Expanded

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
OFFLINE = {
    **os.environ,
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_SECRET_ACCESS_KEY": "none",
    "SAM_CLI_TELEMETRY": "0",
}
Resources = dict[str, dict[str, Any]]


def statements(function: dict[str, Any]) -> list[dict[str, Any]]:
    return [statement for policy in function.get("Policies", ()) for statement in policy["Statement"]]


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def grants(function: dict[str, Any], action: str) -> set[str]:
    """What a function may do an S3 action to, as `Bucket/prefix`."""
    return {
        resource["Fn::Sub"].replace("${", "").replace(".Arn}", "")
        for statement in statements(function)
        if action in as_list(statement["Action"])
        for resource in as_list(statement["Resource"])
        if "Fn::Sub" in resource
    }


@pytest.mark.parametrize(
    "command",
    [("sam", "validate", "--lint"), ("cfn-lint", "infra/template.yaml")],
    ids=" ".join,
)
def test_the_template_is_valid(command: tuple[str, ...], tmp_path: Path) -> None:
    result = subprocess.run(
        [str(BIN / command[0]), *command[1:]],
        cwd=ROOT,
        env={**OFFLINE, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 0, result.stdout + result.stderr


def test_a_message_stays_hidden_six_times_as_long_as_the_function_may_take(
    resources: Resources, functions: Resources
) -> None:
    assert resources["Queue"]["Properties"]["VisibilityTimeout"] >= 6 * functions["Analyze"]["Timeout"]


def test_a_message_is_tried_five_times_and_then_kept_for_people(resources: Resources) -> None:
    redrive = resources["Queue"]["Properties"]["RedrivePolicy"]

    assert redrive == {
        "deadLetterTargetArn": {"Fn::GetAtt": ["DeadLetterQueue", "Arn"]},
        "maxReceiveCount": 5,
    }
    assert resources["DeadLetterQueue"]["Properties"]["MessageRetentionPeriod"] == 14 * 24 * 3600


def test_analyze_takes_batches_with_partial_failures_and_bounded_concurrency(functions: Resources) -> None:
    (event,) = functions["Analyze"]["Events"].values()

    assert event["Type"] == "SQS"
    assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert "MaximumConcurrency" in event["Properties"]["ScalingConfig"]


def test_only_the_upload_rule_may_fill_the_queue(resources: Resources) -> None:
    allowed = [
        statement
        for statement in resources["QueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
    ]

    assert [statement["Condition"] for statement in allowed] == [
        {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["UploadRule", "Arn"]}}}
    ]


def test_the_upload_rule_sees_creations_and_deletions_of_the_uploads_alone(resources: Resources) -> None:
    pattern = resources["UploadRule"]["Properties"]["EventPattern"]

    assert pattern["detail-type"] == ["Object Created", "Object Deleted"]
    assert pattern["detail"] == {"bucket": {"name": [{"Ref": "UploadsBucket"}]}}
    uploads = resources["UploadsBucket"]["Properties"]["NotificationConfiguration"]
    assert uploads == {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}
    assert "NotificationConfiguration" not in resources["LibraryBucket"]["Properties"]


@pytest.mark.parametrize("name", ["UploadsBucket", "LibraryBucket"])
def test_a_bucket_is_private_encrypted_and_outlives_the_stack(resources: Resources, name: str) -> None:
    bucket, properties = resources[name], resources[name]["Properties"]

    assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain"
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert properties["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    assert properties["BucketEncryption"]
    rules = properties["LifecycleConfiguration"]["Rules"]
    assert any("AbortIncompleteMultipartUpload" in rule for rule in rules)
    (policy,) = (
        resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::S3::BucketPolicy" and resource["Properties"]["Bucket"] == {"Ref": name}
    )
    statement = policy["PolicyDocument"]["Statement"][0]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}


def test_the_library_keeps_old_versions_for_a_while_and_forgets_what_can_be_made_again(
    resources: Resources,
) -> None:
    library = resources["LibraryBucket"]["Properties"]
    rules = library["LifecycleConfiguration"]["Rules"]

    assert library["VersioningConfiguration"] == {"Status": "Enabled"}
    expiry = {rule["Prefix"]: rule["ExpirationInDays"] for rule in rules if "Prefix" in rule}
    assert expiry == {"sums/": 45, "changes/": 3, "runs/": 90}
    assert any(rule.get("NoncurrentVersionExpiration") and "Prefix" not in rule for rule in rules)


def test_a_customer_key_admits_eventbridge_and_s3(resources: Resources) -> None:
    key = resources["Key"]
    services = [
        service
        for statement in key["Properties"]["KeyPolicy"]["Statement"]
        for service in as_list(statement["Principal"].get("Service", []))
    ]

    assert set(services) == {"events.amazonaws.com", "s3.amazonaws.com"}
    assert key["DeletionPolicy"] == "Retain"
    roles = {role["Ref"] for role in resources["KeyUse"]["Properties"]["Roles"]}
    made = {
        f"{name}Role"
        for name, resource in resources.items()
        if resource["Type"] in ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
    }
    assert roles == made


def test_no_function_asks_for_more_than_a_new_account_has(functions: Resources) -> None:
    assert all(function["MemorySize"] <= 3_008 for function in functions.values())
    assert all(function["Timeout"] <= 900 for function in functions.values())


@pytest.mark.parametrize(("prefix", "writers"), [("bundles", {"Report"}), ("aliases", {"Report", "Api"})])
def test_only_report_publishes_and_promotes_and_the_api_rolls_back(
    functions: Resources, prefix: str, writers: set[str]
) -> None:
    assert writers == {
        name
        for name, function in functions.items()
        if any(re.match(rf"LibraryBucket/({prefix}|\*)", grant) for grant in grants(function, "s3:PutObject"))
    }


def test_analyze_reads_uploads_and_writes_only_what_it_makes(functions: Resources) -> None:
    analyze = functions["Analyze"]

    assert "UploadsBucket/*" in grants(analyze, "s3:GetObject")
    assert grants(analyze, "s3:PutObject") == {
        f"LibraryBucket/{prefix}/*" for prefix in ("records", "quarantine", "changes", "thumbs")
    }


@pytest.mark.parametrize(
    "name", ["Categories", "Descriptions", "Faces", "SearchIndex", "ImprovedDescriptions"]
)
def test_a_phase_never_sees_uploads_or_records(functions: Resources, name: str) -> None:
    phase = functions[name]

    assert grants(phase, "s3:PutObject") == {"LibraryBucket/runs/*", "LibraryBucket/sums/*"}
    read = grants(phase, "s3:GetObject")
    assert not any(grant.startswith(("UploadsBucket", "LibraryBucket/records")) for grant in read)


def test_nobody_deletes_uploads_or_changes_them_but_their_owner(functions: Resources) -> None:
    for name, function in functions.items():
        assert not any(grant.startswith("UploadsBucket") for grant in grants(function, "s3:DeleteObject"))
        written = {grant for grant in grants(function, "s3:PutObject") if grant.startswith("UploadsBucket")}
        assert written == ({"UploadsBucket/inbox/*"} if name == "Api" else set())


def test_no_function_may_do_everything_or_to_everything(functions: Resources) -> None:
    for function in functions.values():
        for statement in statements(function):
            assert not any("*" in action for action in as_list(statement["Action"]))
            assert "*" not in as_list(statement["Resource"])


@pytest.mark.parametrize("machine_name", ["Training", "Reprocessing"])
def test_a_machine_may_run_its_own_maps_by_a_policy_of_its_own(
    resources: Resources, machine_name: str
) -> None:
    policy = resources[f"{machine_name}Maps"]

    assert policy["Properties"]["Roles"] == [{"Ref": f"{machine_name}Role"}]
    start, ask = policy["Properties"]["PolicyDocument"]["Statement"]
    assert (start["Action"], start["Resource"]) == ("states:StartExecution", {"Ref": machine_name})
    assert "states:DescribeExecution" in ask["Action"]
    inside = json.dumps(resources[machine_name]["Properties"]["Policies"], default=str)
    assert "states:" not in inside, "would make the machine and its role depend on each other"


def test_a_machine_may_invoke_every_function_it_names(resources: Resources) -> None:
    for machine in ("Training", "Reprocessing"):
        properties = resources[machine]["Properties"]
        named = {value["Fn::GetAtt"][0] for value in properties["DefinitionSubstitutions"].values()}
        allowed = {
            policy["LambdaInvokePolicy"]["FunctionName"]["Ref"]
            for policy in properties["Policies"]
            if "LambdaInvokePolicy" in policy
        }
        assert named == allowed


def test_the_schedule_and_the_quarter_hour_ask_retrain(
    functions: Resources, template: dict[str, Any]
) -> None:
    events = functions["Retrain"]["Events"].values()

    assert {event["Type"] for event in events} == {"Schedule"}, "the kind that fires on every engine"
    rates = [event["Properties"]["Schedule"] for event in events]
    assert rates == [{"Ref": "TrainingSchedule"}, "cron(0/15 * * * ? *)"]
    assert template["Parameters"]["TrainingSchedule"]["Default"] == "cron(0 2 ? * SUN *)"
    asked = [
        name
        for name, function in functions.items()
        if "states:StartExecution" in json.dumps(function, default=str)
    ]
    assert asked == ["Retrain", "Api"]
    told = functions["Api"]["Environment"]["Variables"]["TRAINING_SCHEDULES"]
    assert told == {"Fn::Sub": f"${{TrainingSchedule}};{rates[1]}"}, "the page says when it is asked"


def test_people_sign_in_by_code_with_pkce_where_neither_token_nor_issuer_is_given(
    template: dict[str, Any], resources: Resources
) -> None:
    nothing_given = [{"Fn::Equals": [{"Ref": name}, ""]} for name in ("ApiTokenSha256", "OidcIssuer")]
    assert template["Conditions"]["HasPool"] == {"Fn::And": nothing_given}
    client = resources["PageClient"]["Properties"]
    assert client["AllowedOAuthFlows"] == ["code"]
    assert client["GenerateSecret"] is False, "a page can keep none: PKCE stands in for it"
    assert client["CallbackURLs"] == [{"Fn::GetAtt": ["ApiUrl", "FunctionUrl"]}]
    assert resources["Pool"]["Properties"]["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}


def test_the_api_has_a_public_url_that_browsers_may_call(functions: Resources) -> None:
    url = functions["Api"]["FunctionUrlConfig"]

    assert url["AuthType"] == "NONE", "the handler verifies the token"
    assert url["Cors"]["AllowMethods"]


def test_what_engines_lack_is_made_on_aws_unless_switched_off(
    resources: Resources, template: dict[str, Any]
) -> None:
    lacking = {"AWS::CloudWatch::": "Monitored", "AWS::SNS::": "Monitored", "AWS::Cognito::": "HasPool"}

    assert all(
        resource.get("Condition") == condition
        for resource in resources.values()
        for prefix, condition in lacking.items()
        if resource["Type"].startswith(prefix)
    )
    assert template["Parameters"]["Monitoring"]["Default"] == "on"
    assert template["Globals"]["Function"]["Tracing"] == {"Fn::If": ["Monitored", "Active", "PassThrough"]}


def test_logs_do_not_last_for_ever(resources: Resources, template: dict[str, Any]) -> None:
    assert template["Globals"]["Function"]["LoggingConfig"] == {"LogGroup": {"Ref": "FunctionLogs"}}
    assert resources["FunctionLogs"]["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


def test_every_function_runs_the_one_image_and_a_handler_that_is_there(functions: Resources) -> None:
    for function in functions.values():
        assert (function["PackageType"], function["ImageUri"]) == ("Image", {"Ref": "ImageUri"})
        (command,) = function["ImageConfig"]["Command"]
        module, _, name = command.rpartition(".")
        found = importlib.util.find_spec(module)
        assert found, f"{module} is not there"
        assert f"def {name}(" in Path(str(found.origin)).read_text()


def test_the_image_holds_what_the_handlers_need(functions: Resources) -> None:
    dockerfile = (ROOT / "infra" / "Dockerfile").read_text()
    final = dockerfile[dockerfile.rindex("\nFROM ") :]

    assert "public.ecr.aws/lambda/python" in final
    for folder in ("shared/", "functions/"):
        assert f"COPY {folder} ${{LAMBDA_TASK_ROOT}}/{folder}" in final
    assert "COPY --from=build /build/models/ ${LAMBDA_TASK_ROOT}/models/" in final
    assert "python -m infra.verify_models models" in dockerfile
    (command,) = re.findall(r'^CMD \["(.+)"\]$', final, re.MULTILINE)
    assert [command] in [function["ImageConfig"]["Command"] for function in functions.values()]


def test_sam_builds_the_one_image_for_every_function(resources: Resources, functions: Resources) -> None:
    for name in functions:
        metadata = resources[name]["Metadata"]
        context = (ROOT / "infra" / metadata["DockerContext"]).resolve()
        assert context == ROOT
        assert (context / metadata["Dockerfile"]).is_file()


def test_the_outputs_say_where_everything_is(template: dict[str, Any]) -> None:
    outputs = dict.fromkeys(template["Outputs"], "https://id.lambda-url.us-east-1.on.aws/")

    endpoints = Endpoints.of_stack(outputs, endpoint="http://x", token="t", pid=1, data=ROOT, temporary=True)

    assert endpoints.api_url == "http://x/_aws/lambda-url/id/"


def test_samconfig_names_files_that_are_there(samconfig: dict[str, Any]) -> None:
    default = samconfig["default"]

    assert (ROOT / default["validate"]["parameters"]["template_file"]).is_file()
    assert (ROOT / default["build"]["parameters"]["template_file"]).is_file()
    assert default["deploy"]["parameters"]["resolve_image_repos"]


def test_a_local_engine_goes_without_these_and_aws_without_nothing(
    template: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    left_out = {
        "AWS::CloudWatch::Alarm": "emulators keep no metrics to judge",
        "AWS::CloudWatch::Dashboard": "nobody looks at it there; `eye doctor` answers instead",
        "AWS::SNS::Topic": "there are no alarms to tell of",
        "AWS::Cognito::UserPool": "one token stands for signing in",
        "AWS::Cognito::UserPoolClient": "as above",
        "AWS::Cognito::UserPoolDomain": "as above",
        "AWS::SSM::Parameter": "it names the page's client of the user pool",
    }
    expanded = Expanded(template)
    aws, local = expanded.types(), expanded.types(Monitoring="off", ApiTokenSha256="0" * 64)

    assert aws - local == set(left_out)
    assert local <= aws
    asked_for = {name for name, one in template["Parameters"].items() if "Default" not in one}
    assert not asked_for, "every condition's default is AWS"
