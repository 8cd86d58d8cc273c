"""Looking at a photo tells nobody of it."""

import os
import subprocess
import sys
from pathlib import Path


def test_the_runtime_of_the_models_keeps_nothing_of_its_own(tmp_path: Path) -> None:
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_"))}

    subprocess.run(
        [sys.executable, "-c", "import shared.vision.session"],
        env={**plain, "HOME": str(tmp_path)},
        check=True,
    )

    assert not [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name]
