"""Broken, odd and rotated files of other projects: each is read or refused with a reason, within bounds."""

import json
import os
import resource
import time
from pathlib import Path

import pytest

from shared.domain.errors import UnreadablePhoto
from shared.photos import decode

ROOT = Path(__file__).parents[2]
HARD = Path(os.environ.get("EYE_DATA", ROOT.parent / "shared" / "data")) / "hard"
MANIFEST = HARD / "manifest.jsonl"
REFUSED_ON_PURPOSE = {"ico"}
READ_FROM_DAMAGE = {"pillow__apng__chunk_no_fctl.png", "pillow__truncated_end_chunk.png"}

pytestmark = [
    pytest.mark.data,
    pytest.mark.skipif(not MANIFEST.exists(), reason=f"the hard files are not at {HARD}"),
]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_every_hard_file_is_read_or_refused_with_a_reason() -> None:
    read = refused = 0
    slowest = (0.0, "")
    surprises = []
    for line in MANIFEST.read_text().splitlines():
        entry = json.loads(line)
        name = Path(entry["file"]).name
        started = time.perf_counter()
        try:
            photo = decode((HARD / entry["file"]).read_bytes())
        except UnreadablePhoto as error:
            refused += 1
            outcome = False
            if len(str(error)) < 30:
                surprises.append((name, str(error)))
        else:
            read += 1
            outcome = photo.pixels.size > 0
        slowest = max(slowest, (time.perf_counter() - started, name))
        expected = entry["pillow13"] == "ok" and entry["sniffed"] not in REFUSED_ON_PURPOSE
        if outcome != (expected or name in READ_FROM_DAMAGE):
            surprises.append((name, entry["pillow13"]))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{read} read, {refused} refused; slowest {slowest[0]:.2f} s ({slowest[1]}); peak {peak:.0f} MB")
    assert surprises == []
    assert read + refused == 418
    assert slowest[0] < 20
