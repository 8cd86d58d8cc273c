"""Make `.venv-cloud`, the environment of its own that the embedded cloud's server runs in."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from infra.pinned import ROOT, PinnedEnvironment

SERVER = PinnedEnvironment(ROOT / ".venv-cloud", Path(__file__).with_name("requirements.txt"), version="3.11")


def install() -> Path:
    """Make the environment unless it is there already; returns its interpreter."""
    return SERVER.install(Path(sys.executable))


def main() -> None:
    """Install, or with ``--lock`` renew the pins."""
    parser = argparse.ArgumentParser(prog="python -m infra.local.install", description=__doc__)
    parser.add_argument("--lock", action="store_true", help="renew requirements.txt from requirements.in")
    if parser.parse_args().lock:
        SERVER.lock("python -m infra.local.install --lock")
    else:
        sys.stdout.write(f"The embedded cloud's server runs in {install()}\n")


if __name__ == "__main__":
    main()
