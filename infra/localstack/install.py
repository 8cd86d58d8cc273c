"""Make `.venv-localstack`, the environment of its own that LocalStack runs in."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from infra.pinned import ROOT, PinnedEnvironment
from shared.domain.errors import EyeError

SERVER = PinnedEnvironment(
    ROOT / ".venv-localstack", Path(__file__).with_name("requirements.txt"), version="3.13", only=True
)


def base() -> Path | None:
    """Find a Python 3.13, which this LocalStack needs; None where there is none.

    pyenv's are looked for by folder: its shim answers only for the version in force.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [shutil.which("python3.13"), *map(str, sorted(pyenv.glob("3.13.*/bin/python3.13"), reverse=True))]
    return next((Path(python) for python in found if python and _answers(python)), None)


def _answers(python: str) -> bool:
    version = [python, "-c", "import sys, venv; print(sys.version_info[:2])"]
    asked = subprocess.run(version, capture_output=True, text=True, check=False)  # noqa: S603
    return asked.stdout.strip() == "(3, 13)"


def install() -> Path:
    """Make the environment unless it is there already; returns its interpreter.

    Raises
    ------
    EyeError
        When there is no Python 3.13, or a package cannot be installed.
    """
    python = base()
    if python is None:
        raise EyeError("LocalStack needs Python 3.13, and there is none on this machine: install it.")
    return SERVER.install(python)


def main() -> None:
    """Install, or with ``--lock`` renew the pins."""
    parser = argparse.ArgumentParser(prog="python -m infra.localstack.install", description=__doc__)
    parser.add_argument("--lock", action="store_true", help="renew requirements.txt from requirements.in")
    if parser.parse_args().lock:
        SERVER.lock("python -m infra.localstack.install --lock")
    else:
        sys.stdout.write(f"LocalStack runs in {install()}\n")


if __name__ == "__main__":
    main()
