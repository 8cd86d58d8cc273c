"""The README names every command, and only make targets that exist."""

import re
from pathlib import Path

import pytest

from shared.cli import COMMANDS as DECLARED

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
COMMANDS = sorted(DECLARED)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme(command: str) -> None:
    assert re.search(rf"\beye {command}\b", README)


def test_every_command_named_in_the_readme_exists() -> None:
    named = set(re.findall(r"`eye ([a-z]+)", README))
    assert named <= set(COMMANDS)


def test_every_make_target_named_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z.-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|\$ )make ([a-z-]+)", README)) <= targets


def test_every_folder_of_the_diagram_exists() -> None:
    diagram = README.split("## How it works")[1].split("```")[1]
    for folder in set(re.findall(r"\b((?:functions|shared|infra)/[a-z_/]+)", diagram)):
        assert (ROOT / folder).exists() or (ROOT / f"{folder}.py").exists(), folder


def test_the_output_shown_is_what_the_demo_printed() -> None:
    printed = {line.rstrip() for line in (ROOT / "docs" / "demo.txt").read_text().splitlines()}
    shown = README.split("<!-- demo -->")[1].split("<!-- /demo -->")[0].split("```")[1].splitlines()[1:]
    assert [line for line in shown if line not in {"", "[...]"} and line.rstrip() not in printed] == []
    assert len(shown) > 20
