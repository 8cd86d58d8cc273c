"""The cloud a demo plays in: a fresh one, which never holds an owner's own library."""

from pathlib import Path

from infra.local import cloud
from shared.cli.demo.casting import FOLDER
from shared.cli.target import Target
from shared.domain.errors import EyeError


def fresh(data: Path | None) -> Target:
    """Start an embedded cloud for a demo; one that an earlier demo left running is replaced.

    Raises
    ------
    EyeError
        Where the cloud that runs holds other photos than a demo's.
    """
    status = cloud.status()
    if status.running and status.endpoints:
        standing = Target.of_local(status.endpoints).enter()
        strange = any(not entry.key.startswith(f"{FOLDER}/") for entry in standing.uploads.list())
        if strange or not status.endpoints.temporary:
            raise EyeError("The embedded cloud that runs holds a library of yours: run `eye down` first")
        cloud.down()
    return Target.of_local(cloud.up(data)).enter()
