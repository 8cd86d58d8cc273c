"""Assemble the image's file tree: wheels for Amazon Linux by platform tag, and the checkout's folders."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from infra.image.dockerfile import Dockerfile

ROOT = Path(__file__).parents[2]
PLATFORM = "x86_64-manylinux_2_34"
"""Amazon Linux 2023, which `public.ecr.aws/lambda/python` stands on from 3.12 on, has glibc 2.34."""


def assemble(dockerfile: Dockerfile, target: Path, uv: Path) -> None:
    """Make the tree that the image has at its task root.

    Parameters
    ----------
    dockerfile
        What the image is made of.
    target
        An empty or missing directory.
    uv
        The program that installs, as in the image.
    """
    target.mkdir(parents=True, exist_ok=True)
    requirements = target.with_suffix(".txt")
    _run(uv, "export", *dockerfile.export, "--quiet", "--output-file", str(requirements))
    _run(
        uv,
        *("pip", "install", "--quiet", "--require-hashes"),
        *("--target", str(target), "--python-version", dockerfile.python, "--python-platform", PLATFORM),
        *("-r", str(requirements)),
    )
    for copy in dockerfile.copies:
        source, place = ROOT / copy.source, target / copy.target
        if source.is_dir():
            shutil.copytree(source, place, copy_function=_link, ignore=shutil.ignore_patterns("__pycache__"))


def _link(source: str, target: str) -> None:
    Path(target).symlink_to(source)


def _run(uv: Path, *arguments: str) -> None:
    subprocess.run([str(uv), *arguments], cwd=ROOT, check=True)  # noqa: S603  (our own installer)
