"""`python -m infra.verify_models FOLDER`: fail unless every model file is the one its manifest names."""

import sys
from pathlib import Path

from shared.vision.manifest import Manifest


def verify(folder: Path) -> int:
    """Check the SHA-256 of every file in a models folder.

    Returns
    -------
    int
        How many files there are.

    Raises
    ------
    ModelUnavailable
        Where one is missing or another than the manifest names.
    """
    manifest = Manifest.load(folder)
    files = [file for entry in manifest.entries for file in entry.files()]
    for file in files:
        manifest.path(file)
    return len(files)


if __name__ == "__main__":
    sys.stdout.write(f"{verify(Path(sys.argv[1]))} model files verified\n")
