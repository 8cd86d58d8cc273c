"""Environments of their own, made from pinned and hashed packages.

An emulator pins libraries that the functions need in other versions, so the two never share an environment.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from shared.domain.errors import EyeError

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class PinnedEnvironment:
    """A virtual environment that holds exactly what a lock file names.

    Attributes
    ----------
    folder
        Where it is.
    requirements
        Its lock file; `requirements.in` beside it says what is wanted.
    version
        The Python it runs on, as in ``3.13``; later ones too, unless it is the `only` one.
    """

    folder: Path
    requirements: Path
    version: str
    only: bool = False

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def is_installed(self) -> bool:
        """Whether it holds what the lock file names."""
        return self._stamp.is_file() and self._stamp.read_text() == self._digest()

    @property
    def _stamp(self) -> Path:
        return self.folder / "requirements.sha256"

    def _digest(self) -> str:
        return hashlib.sha256(self.requirements.read_bytes()).hexdigest()

    def install(self, base: Path) -> Path:
        """Make it, unless it is there already.

        Parameters
        ----------
        base
            The interpreter to make it from.

        Returns
        -------
        pathlib.Path
            Its own interpreter.

        Raises
        ------
        EyeError
            When `uv` is missing or a package cannot be installed.
        """
        if self.is_installed:
            return self.python
        uv = _uv()
        make = [uv, "venv", "--quiet", "--clear", "--python", str(base), str(self.folder)]
        fill = [uv, "pip", "install", "--quiet", "--require-hashes", "--python", str(self.python)]
        try:
            subprocess.run(make, check=True)  # noqa: S603
            subprocess.run([*fill, "--requirement", str(self.requirements)], check=True)  # noqa: S603
        except subprocess.CalledProcessError as failure:
            message = f"{self.folder.name} was not installed, uv says why above: {failure}."
            raise EyeError(message) from failure
        self._stamp.write_text(self._digest())
        return self.python

    def lock(self, command: str) -> None:
        """Resolve `requirements.in` anew into exact versions with hashes.

        Parameters
        ----------
        command
            What renews it, for the file's head.
        """
        source = self.requirements.with_suffix(".in")
        limits = source.with_name("constraints.txt")
        resolve = [_uv(), "pip", "compile", "--quiet", "--python-version", self.version]
        everywhere = [] if self.only else ["--universal"]
        form = ["--generate-hashes", "--no-emit-index-url", "--custom-compile-command", command]
        limited = ["--constraints", str(limits)] if limits.is_file() else []
        output = ["--upgrade", "--output-file", str(self.requirements), str(source)]
        subprocess.run([*resolve, *everywhere, *form, *limited, *output], check=True)  # noqa: S603


def _uv() -> str:
    places = [Path(sys.executable).parent, ROOT / ".venv-uv" / "bin"]
    search = os.pathsep.join([*map(str, places), os.environ.get("PATH", "")])
    found = os.environ.get("UV") or shutil.which("uv", path=search)
    if found is None:
        raise EyeError("uv was not found: install it with `pip install uv`, then run this again.")
    return found
