"""The template and the state machines as plain dictionaries."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from cfnlint.decode import cfn_yaml

ROOT = Path(__file__).parents[2]
INFRA = ROOT / "infra"


@pytest.fixture(scope="session")
def template() -> dict[str, Any]:
    return dict(cfn_yaml.load(str(INFRA / "template.yaml")))


@pytest.fixture(scope="session")
def resources(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return dict(template["Resources"])


@pytest.fixture(scope="session")
def functions(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Each function's properties, with what Globals say where it says nothing."""
    common = template["Globals"]["Function"]
    return {
        name: {**common, **resource["Properties"]}
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


@pytest.fixture(scope="session", params=["training", "reprocess"])
def machine(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    """Name and definition of each state machine."""
    return request.param, json.loads((INFRA / "statemachine" / f"{request.param}.asl.json").read_text())


@pytest.fixture(scope="session")
def samconfig() -> dict[str, Any]:
    return tomllib.loads((ROOT / "samconfig.toml").read_text())
