"""Make `.venv-localstack`, the environment of its own that LocalStack runs in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra import interpreter
from infra.pinned import ROOT, PinnedEnvironment
from shared.domain.errors import EyeError

SERVER = PinnedEnvironment(
    ROOT / ".venv-localstack", Path(__file__).with_name("requirements.txt"), version="3.13", only=True
)


def base() -> Path | None:
    """Find the Python that this LocalStack needs; None where there is none."""
    return interpreter.find(SERVER.version)


def install() -> Path:
    """Make the environment unless it is there already; returns its interpreter.

    Raises
    ------
    EyeError
        When there is no Python 3.13, or a package cannot be installed.
    """
    python = base()
    if python is None:
        raise EyeError(
            f"LocalStack needs Python {SERVER.version}, and there is none on this machine: install it."
        )
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
