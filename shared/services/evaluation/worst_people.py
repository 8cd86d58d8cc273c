"""The groups of task `people` that are most wrong, as rows of a contact sheet: to be looked at."""

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from shared.domain.observation import Box
from shared.photos import decode
from shared.services.contact_sheets import Cut, Row, cut_out

GROUPS, FACES = 10, 14


def sheet(manifest: Path, given: Sequence[Mapping[str, str]]) -> tuple[Row, ...]:
    """The ten groups that cost most, with the faces that are not who most of the group are first.

    Parameters
    ----------
    manifest : Path
        Of labelled faces; their photos stand beside it.
    given : sequence of {face, person}
        What the task dumps.
    """
    rows = {row["file"]: row for row in map(json.loads, manifest.read_text(encoding="utf-8").splitlines())}
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in given:
        groups[line["person"]].append(rows[line["face"]])
    ranked = sorted(groups.items(), key=lambda item: (-cost([row["identity"] for row in item[1]]), item[0]))
    return tuple(_row(manifest.parent, person[:8], members) for person, members in ranked[:GROUPS])


def cost(identities: Sequence[str]) -> float:
    """How many faces' worth of B-cubed precision a group loses."""
    counts = Counter(identities)
    return len(identities) - sum(count**2 for count in counts.values()) / len(identities)


def _row(folder: Path, person: str, members: Sequence[dict[str, Any]]) -> Row:
    counts = Counter(row["identity"] for row in members)
    order = sorted(members, key=lambda row: (counts[row["identity"]], row["identity"], row["file"]))
    listed = ", ".join(f"{_short(name)} {count}" for name, count in counts.most_common(8))
    return Row(
        title=f"{person}: {len(members)} faces of {len(counts)} people",
        note=listed,
        cuts=tuple(_cut(folder, row) for row in order[:FACES]),
    )


def _cut(folder: Path, row: Mapping[str, Any]) -> Cut:
    photo = decode((folder / row["file"]).read_bytes())
    left, top, right, bottom = row["box_ltrb"]
    box = Box(left / row["width"], top / row["height"], right / row["width"], bottom / row["height"])
    return Cut(cut_out(Image.fromarray(photo.pixels), box), _short(row["identity"])[:18])


def _short(identity: str) -> str:
    return identity.rpartition(":")[2]
