"""What the contract suite calls functions by says what they answered, where no container engine shows it."""

import json
import sys
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_dump, yaml_parse

from tests.unit.transports import ROOT, FunctionFailed, SamLocal, with_variables

SAM = """
import json, pathlib, sys
words = dict(zip(sys.argv[4::2], sys.argv[5::2]))
given = json.loads(pathlib.Path(words["--env-vars"]).read_text())["Parameters"]
print("Invoking Container created from analyze:latest", file=sys.stderr)
print("START RequestId: 1 Version: $LATEST")
event = json.load(sys.stdin)
asked = {"asked": sys.argv[1:4], "event": event, "variables": given}
print(json.dumps({"errorType": "InvalidInput", "errorMessage": "no"} if event.get("wrong") else asked))
"""


@pytest.fixture
def sam(tmp_path: Path) -> SamLocal:
    program = tmp_path / "sam.py"
    program.write_text(SAM)
    return SamLocal(
        (sys.executable, str(program)), tmp_path / "template.yaml", {"AWS_ENDPOINT_URL": "http://x"}
    )


def test_a_function_is_called_by_its_name_in_the_template_and_its_last_line_is_its_answer(
    sam: SamLocal,
) -> None:
    answer = sam.call("search_index", {"action": "solve"})

    assert answer["asked"] == ["local", "invoke", "SearchIndex"]
    assert answer["event"] == {"action": "solve"}
    assert answer["variables"] == {"AWS_ENDPOINT_URL": "http://x"}


def test_an_error_keeps_its_name(sam: SamLocal) -> None:
    with pytest.raises(FunctionFailed) as failed:
        sam.call("analyze", {"wrong": True})

    assert failed.value.kind == "InvalidInput"


def test_a_built_template_gets_the_variables_it_does_not_name_and_keeps_the_others() -> None:
    template = yaml_parse((ROOT / "infra" / "template.yaml").read_text())
    before = template["Globals"]["Function"]["Environment"]["Variables"]

    changed = with_variables(yaml_dump(template), ["AWS_ENDPOINT_URL", "MODELS_DIR", "LATEST_SECONDS"])

    after = yaml_parse(changed)["Globals"]["Function"]["Environment"]["Variables"]
    assert set(after) == {*before, "AWS_ENDPOINT_URL", "LATEST_SECONDS"}
    assert json.dumps({name: after[name] for name in before}) == json.dumps(before)
