"""Make `.venv-cloud`, the environment of its own that the embedded cloud's server runs in.

The emulator pins libraries that the functions need in other versions, so the two never share an environment.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from shared.domain.errors import EyeError

ROOT = Path(__file__).parents[2]
ENVIRONMENT = ROOT / ".venv-cloud"
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_STAMP = ENVIRONMENT / "requirements.sha256"


def python() -> Path:
    """Return the interpreter of the server's environment."""
    return ENVIRONMENT / "bin" / "python"


def is_installed() -> bool:
    """Tell whether the environment holds exactly what `requirements.txt` names."""
    return _STAMP.is_file() and _STAMP.read_text() == _digest()


def _digest() -> str:
    return hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()


def _uv() -> str:
    beside = Path(sys.executable).parent
    search = os.pathsep.join([str(beside), os.environ.get("PATH", "")])
    found = os.environ.get("UV") or shutil.which("uv", path=search)
    if found is None:
        raise EyeError("uv was not found: install it with `pip install uv`, then run this again.")
    return found


def install() -> Path:
    """Make the environment from pinned and hashed packages, unless it is there already.

    Returns
    -------
    pathlib.Path
        Its interpreter.

    Raises
    ------
    EyeError
        When `uv` is missing or a package cannot be installed.
    """
    if is_installed():
        return python()
    uv = _uv()
    make = [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(ENVIRONMENT)]
    fill = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(python())]
    try:
        subprocess.run(make, check=True)  # noqa: S603
        subprocess.run([*fill, "--requirement", str(_REQUIREMENTS)], check=True)  # noqa: S603
    except subprocess.CalledProcessError as failure:
        raise EyeError(f"The embedded cloud was not installed, uv says why above: {failure}.") from failure
    _STAMP.write_text(_digest())
    return python()


def lock() -> None:
    """Resolve `requirements.in` anew into exact versions with hashes."""
    resolve = [_uv(), "pip", "compile", "--quiet", "--universal", "--python-version", "3.11"]
    form = ["--generate-hashes", "--no-emit-index-url", "--custom-compile-command"]
    command = "python -m infra.local.install --lock"
    source = str(_REQUIREMENTS.with_suffix(".in"))
    subprocess.run(  # noqa: S603
        [*resolve, *form, command, "--upgrade", "--output-file", str(_REQUIREMENTS), source], check=True
    )


def main() -> None:
    """Install, or with ``--lock`` renew the pins."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.install", description=__doc__)
    parser.add_argument("--lock", action="store_true", help="renew requirements.txt from requirements.in")
    if parser.parse_args().lock:
        lock()
    else:
        sys.stdout.write(f"The embedded cloud's server runs in {install()}\n")


if __name__ == "__main__":
    main()
