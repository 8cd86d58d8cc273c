"""Check the functions' image without a container: `make check-image`."""

from __future__ import annotations

import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from infra import interpreter
from infra.image.dockerfile import Dockerfile
from infra.image.tree import PLATFORM, ROOT, assemble

UV = ROOT / ".venv-uv" / "bin" / "uv"
IMPORTING = ROOT / "infra" / "image" / "importing.py"
MOST_BYTES = 10 * 2**30


def main() -> int:
    """Assemble the tree, and import every handler from it where its Python is here."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        print(f"Skipped: wheels for {PLATFORM} can be imported on Linux on x86-64 alone")
        return 0
    dockerfile = Dockerfile.read(ROOT / "infra" / "Dockerfile")
    with tempfile.TemporaryDirectory(prefix="image-") as folder:
        tree = Path(folder) / "task"
        assemble(dockerfile, tree, UV)
        size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())
        print(f"Assembled for Python {dockerfile.python} on {PLATFORM}: {size / 2**20:.0f} MB")
        if size > MOST_BYTES:
            print("Lambda takes images of 10 GB at most")
            return 1
        python = interpreter.find(dockerfile.python)
        if python is None:
            print(f"Skipped importing: there is no Python {dockerfile.python} on this machine")
            return 0
        done = subprocess.run(  # noqa: S603  (isolated: no site packages, no environment)
            [str(python), "-I", "-S", "-B", str(IMPORTING), str(tree)], cwd=tree, check=False
        )
        return done.returncode


if __name__ == "__main__":
    sys.exit(main())
