"""The template as AWS sees it: SAM expanded, references resolved, and who may do what by which policies."""

import copy
import json
import re
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from samtranslator.translator.transform import transform

from infra.local import install

ROOT = Path(__file__).parents[2]
ACCOUNT = "123456789012"
STACK = "avinash-eye"
PSEUDO = {
    "AWS::Partition": "aws",
    "AWS::Region": "us-east-1",
    "AWS::AccountId": ACCOUNT,
    "AWS::StackName": STACK,
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::NoValue": None,
}
ARNS = {
    "AWS::S3::Bucket": "arn:aws:s3:::{name}",
    "AWS::SQS::Queue": f"arn:aws:sqs:us-east-1:{ACCOUNT}:{{name}}",
    "AWS::Lambda::Function": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{{name}}",
    "AWS::StepFunctions::StateMachine": f"arn:aws:states:us-east-1:{ACCOUNT}:stateMachine:{{name}}",
    "AWS::IAM::Role": f"arn:aws:iam::{ACCOUNT}:role/{{name}}",
    "AWS::Logs::LogGroup": f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{{name}}:*",
    "AWS::Events::Rule": f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{{name}}",
    "AWS::KMS::Key": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/{{name}}",
}
REFERRED_BY_ARN = frozenset({"AWS::StepFunctions::StateMachine"})


@dataclass(frozen=True)
class Call:
    """One request to AWS."""

    role: str
    action: str
    arn: str
    context: Mapping[str, Any] = field(default_factory=dict)


class Expanded:
    """The resources of a SAM template, with names that stand for those that AWS gives."""

    def __init__(self, template: dict[str, Any]) -> None:
        plain: dict[str, Any] = json.loads(json.dumps(template, default=str))
        for resource in plain["Resources"].values():
            if "DefinitionUri" in resource.get("Properties", {}):
                resource["Properties"]["DefinitionUri"] = "s3://artifacts/definition"
        self._parameters = {name: one.get("Default", "") for name, one in plain["Parameters"].items()}
        self._conditions: dict[str, Any] = plain["Conditions"]
        expanded: dict[str, Any] = transform(copy.deepcopy(plain), {}, _ManagedPolicies())
        self.resources: dict[str, dict[str, Any]] = expanded["Resources"]

    def arn(self, name: str) -> str:
        """The ARN that a resource of the template will have."""
        return ARNS[self.resources[name]["Type"]].format(name=name.lower())

    def value(self, one: Any) -> Any:
        """A value of the template with its functions resolved."""
        match one:
            case {"Ref": name}:
                return self._ref(name)
            case {"Fn::GetAtt": [name, "Arn"]}:
                return self.arn(name)
            case {"Fn::GetAtt": [name, _]}:
                return name.lower()
            case {"Fn::Sub": [text, names]}:
                return self._sub(text, {key: self.value(value) for key, value in names.items()})
            case {"Fn::Sub": str(text)}:
                return self._sub(text, {})
            case {"Fn::If": [condition, yes, no]}:
                return self.value(yes if self._holds({"Condition": condition}) else no)
            case dict():
                return {key: self.value(value) for key, value in one.items()}
            case list():
                resolved = (self.value(value) for value in one)
                return [value for value in resolved if value is not None]
        return one

    def _ref(self, name: str) -> Any:
        if name in PSEUDO:
            return PSEUDO[name]
        if name in self._parameters:
            return self._parameters[name]
        by_arn = self.resources[name]["Type"] in REFERRED_BY_ARN
        return self.arn(name) if by_arn else name.lower()

    def _sub(self, text: str, names: Mapping[str, Any]) -> str:
        def put(match: re.Match[str]) -> str:
            name, _, attribute = match[1].partition(".")
            if name in names:
                return str(names[name])
            return str(self.value({"Fn::GetAtt": [name, attribute]} if attribute else {"Ref": name}))

        return re.sub(r"\$\{([\w:.]+)\}", put, text)

    def _holds(self, condition: Any) -> bool:
        match condition:
            case {"Condition": name}:
                return self._holds(self._conditions[name])
            case {"Fn::Equals": [one, other]}:
                return bool(self.value(one) == self.value(other))
            case {"Fn::Not": [one]}:
                return not self._holds(one)
            case {"Fn::And": parts}:
                return all(map(self._holds, parts))
        raise AssertionError(f"no such condition: {condition}")

    def types(self, **parameters: str) -> set[str]:
        """The types of resources that are made with parameters, where they differ from the defaults."""
        defaults = self._parameters
        self._parameters = {**defaults, **parameters}
        made = {one["Type"] for name, one in self.resources.items() if self.made(name)}
        self._parameters = defaults
        return made

    def made(self, name: str) -> bool:
        """Whether a resource is made with the parameters as they are."""
        condition = self.resources[name].get("Condition")
        return condition is None or self._holds({"Condition": condition})

    @cached_property
    def identity(self) -> dict[str, list[dict[str, Any]]]:
        """All policies of each role: those within it, and those that name it."""
        found: dict[str, list[dict[str, Any]]] = {}
        for name, resource in self.resources.items():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::IAM::Role":
                policies = self.value(properties.get("Policies", []))
                found.setdefault(name, []).extend(policy["PolicyDocument"] for policy in policies)
            if resource["Type"] == "AWS::IAM::Policy" and self.made(name):
                for role in properties["Roles"]:
                    found.setdefault(role["Ref"], []).append(self.value(properties["PolicyDocument"]))
        return found

    @cached_property
    def _on_resources(self) -> dict[str, dict[str, Any]]:
        """The policy that a bucket or a queue has itself, by its ARN."""
        found = {}
        for resource in self.resources.values():
            properties = resource.get("Properties", {})
            if resource["Type"] == "AWS::S3::BucketPolicy":
                found[self.arn(properties["Bucket"]["Ref"])] = self.value(properties["PolicyDocument"])
            if resource["Type"] == "AWS::SQS::QueuePolicy":
                for queue in properties["Queues"]:
                    found[self.arn(queue["Ref"])] = self.value(properties["PolicyDocument"])
        return found

    def decisions(self, calls: Iterable[Call]) -> list[str]:
        """Allow, Deny or ImplicitDeny for each call."""
        install.install()
        asked = [
            {
                "identity": self.identity[call.role],
                "resource": self._on_resources.get(call.arn.partition("/")[0]),
                "principal": self.arn(call.role),
                "action": call.action,
                "arn": call.arn,
                "context": dict(call.context),
            }
            for call in calls
        ]
        done = subprocess.run(
            [str(ROOT / ".venv-cloud" / "bin" / "python"), "-m", "tests.infra.simulate"],
            cwd=ROOT,
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=True,
        )
        decided: list[str] = json.loads(done.stdout)
        return decided


class _ManagedPolicies:
    """Managed policies by name, which the template names none of."""

    def load(self) -> dict[str, str]:
        return {}
