"""What infra/Dockerfile says of the image: its Python, what it installs, what it copies, what it runs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

TASK_ROOT = "${LAMBDA_TASK_ROOT}/"
_STAGED = {"/opt/runtime/": "", "/build/models/": "models/"}
"""Where the build stage leaves things, and what of the checkout they are; the runtime is installed."""


@dataclass(frozen=True)
class Copy:
    """One COPY of the final stage: a folder of the checkout to a folder below the task root."""

    source: str
    target: str


@dataclass(frozen=True)
class Dockerfile:
    """The parts of the Dockerfile that decide on the image's file tree.

    Attributes
    ----------
    python
        Version of the runtime, as in ``3.12``.
    export
        Arguments of `uv export` that list what is installed.
    copies
        Folders of the checkout that the final stage holds.
    command
        The handler it runs where the template names none.
    """

    python: str
    export: tuple[str, ...]
    copies: tuple[Copy, ...]
    command: str

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read it from the file; `ValueError` where it is written in another way than this one knows."""
        text = path.read_text()
        final = text[text.rindex("\nFROM ") :]
        return cls(
            python=_one(r"^ARG PYTHON=([\d.]+)$", text),
            export=tuple(_one(r"^RUN uv export (.+?) --output-file \S+ \\$", text).split()),
            copies=tuple(_copies(final)),
            command=_one(r'^CMD \["(.+)"\]$', final),
        )


def _copies(final: str) -> list[Copy]:
    found = []
    for staged, source, target in re.findall(r"^COPY (--from=build )?(\S+) (\S+)$", final, re.MULTILINE):
        folder = target.removeprefix(TASK_ROOT)
        if folder == target:
            raise ValueError(f"{target} is not below the task root")
        here = _STAGED[source] if staged else source
        if here:
            found.append(Copy(here, folder))
    return found


def _one(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise ValueError(f"The Dockerfile has no line like {pattern}")
    return match[1]
