"""Dockerfile, template and the tree that `make check-image` assembles speak of the same image."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from infra import interpreter
from infra.image import importing
from infra.image.dockerfile import Copy, Dockerfile
from infra.image.tree import PLATFORM

ROOT = Path(__file__).parents[2]
FIRST_ON_AMAZON_LINUX_2023 = (3, 12)


@pytest.fixture(scope="module")
def dockerfile() -> Dockerfile:
    return Dockerfile.read(ROOT / "infra" / "Dockerfile")


def test_the_image_holds_models_and_code_where_the_functions_look(
    dockerfile: Dockerfile, template: dict[str, Any]
) -> None:
    assert dockerfile.copies == tuple(Copy(folder, folder) for folder in ("models/", "shared/", "functions/"))
    assert template["Globals"]["Function"]["Environment"]["Variables"]["MODELS_DIR"] == "models"


def test_the_docker_context_keeps_back_nothing_that_is_copied(dockerfile: Dockerfile) -> None:
    ignored = {line.rstrip("/") for line in (ROOT / ".dockerignore").read_text().split()}

    assert not ignored & {copy.source.rstrip("/") for copy in dockerfile.copies}
    assert not ignored & {"infra", "pyproject.toml", "uv.lock"}


def test_the_runtime_is_one_the_project_supports_on_amazon_linux_2023(dockerfile: Dockerfile) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lowest, below = (
        tuple(map(int, version.split(".")))
        for version in re.findall(r"[>=<]+([\d.]+)", project["requires-python"])
    )
    version = tuple(map(int, dockerfile.python.split(".")))

    assert lowest <= version < below
    assert version >= FIRST_ON_AMAZON_LINUX_2023
    assert PLATFORM == "x86_64-manylinux_2_34"


def test_what_is_installed_is_locked_and_without_the_tools_of_development(dockerfile: Dockerfile) -> None:
    assert {"--frozen", "--no-dev", "--no-emit-project"} <= set(dockerfile.export)


def test_every_handler_of_the_template_is_imported_from_the_tree(
    dockerfile: Dockerfile, functions: dict[str, dict[str, Any]]
) -> None:
    commands = {function["ImageConfig"]["Command"][0] for function in functions.values()}
    imported = {f"{name}.handler" for name in importing.names(ROOT) if name.endswith(".app")}

    assert commands == imported
    assert dockerfile.command in commands


def test_a_dockerfile_written_in_another_way_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "Dockerfile"
    other.write_text('ARG PYTHON=3.12\n\nFROM scratch\nCMD ["x"]\n')

    with pytest.raises(ValueError, match="no line like"):
        Dockerfile.read(other)


def test_an_interpreter_that_is_not_there_is_none() -> None:
    assert interpreter.find("3.0") is None
