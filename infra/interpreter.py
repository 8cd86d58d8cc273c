"""The Python of another version on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path


def find(version: str) -> Path | None:
    """An interpreter of a version, as in ``3.12``; None where there is none.

    pyenv's are looked for by folder: its shim answers for the versions in force alone.
    """
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = [*sorted(pyenv.glob(f"{version}.*/bin/python{version}"), reverse=True)]
    on_path = shutil.which(f"python{version}")
    return next((one for one in [*found, *([Path(on_path)] if on_path else [])] if _answers(one)), None)


def _answers(python: Path) -> bool:
    done = subprocess.run([str(python), "-I", "-c", ""], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0
