"""Task `detection`: faces in real photos by both engines, against the boxes of people known to be there.

Photos of `faces/` have the box of one person each; whoever else is found may stand in the background. Those
of `photos/` have captions: a face where five people mention nobody is taken for a false one.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from shared.domain.errors import InvalidInput
from shared.domain.observation import Box
from shared.learning import lexicon
from shared.photos import decode
from shared.services.contact_sheets import Cut, Row, cut_out
from shared.services.evaluation import photos
from shared.services.evaluation.base import LEARNED, Figure, TaskResult, bootstrap_mean, bootstrap_ratio
from shared.services.evaluation.people import MANIFEST
from shared.vision.faces import DlibFaceEngine, EncodedFace, FaceEngine
from shared.vision.images import Pixels
from shared.vision.observer import Observer

LOOKED_AT = 150
"""Photos of `faces/` that each engine looks at, spread over the set."""

MENTIONS = lexicon.PERSONS | lexicon.MORE_PERSONS | lexicon.CROWDS
PER_SHEET, PER_ROW = 60, 10


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """A photo of `faces/` with the box of the person it is of."""

    file: str
    pixels: Pixels
    box: Box


@dataclass(frozen=True, slots=True)
class Look:
    """What one engine found in one portrait."""

    faces: tuple[EncodedFace, ...]
    found: bool
    seconds: float

    @property
    def others(self) -> int:
        """Faces that are not the person's."""
        return len(self.faces) - self.found


def run(data: Path) -> TaskResult:
    """Measure recall, other faces and time.

    Raises
    ------
    InvalidInput
        If the folder has no labelled faces or captioned photos.
    """
    portraits = _portraits(data)
    engines: dict[str, Callable[[], FaceEngine]] = {
        LEARNED: lambda: Observer.load(photos.MODELS).face_engine,
        "dlib": DlibFaceEngine,
    }
    looks = {name: look(portraits, make()) for name, make in engines.items()}
    methods = {name: _figures(looked) for name, looked in looks.items()}
    figures, cuts = _unmentioned(data)
    methods[LEARNED] |= figures
    rows = [cuts[at : at + PER_ROW] for at in range(0, min(PER_SHEET, len(cuts)), PER_ROW)]
    sheet = tuple(Row("Faces where nobody is mentioned", "", tuple(row)) for row in rows)
    note = (
        f"`{LEARNED}` is the default engine, on onnxruntime; times are one thread's; boxes of `faces/` are"
        " dlib's own, so that its recall says little"
    )
    dump = _dump(portraits, looks[LEARNED])
    return TaskResult("detection", len(portraits), methods, dump, (note,), {"unmentioned": sheet})


def look(portraits: Sequence[Portrait], engine: FaceEngine) -> list[Look]:
    """What an engine finds in each portrait; the first photo is looked at once before, to load models."""
    engine.faces(portraits[0].pixels)
    looks = []
    for portrait in portraits:
        start = time.thread_time()
        faces = engine.faces(portrait.pixels)
        seconds = time.thread_time() - start
        looks.append(Look(faces, any(f.box.holds_centre(portrait.box) for f in faces), seconds))
    return looks


def _figures(looks: Sequence[Look]) -> dict[str, Figure]:
    seconds = np.array([one.seconds for one in looks])
    faces = np.array([len(one.faces) for one in looks], dtype=np.float64)
    return {
        "recall": bootstrap_mean(np.array([float(one.found) for one in looks])),
        "other_faces_a_photo": bootstrap_mean(np.array([float(one.others) for one in looks])),
        "ms_a_photo": bootstrap_mean(1_000 * seconds),
        "ms_a_face": bootstrap_ratio(1_000 * seconds, faces),
    }


def _dump(portraits: Sequence[Portrait], looks: Sequence[Look]) -> tuple[dict[str, Any], ...]:
    """Each portrait with whether its person was found, and the scores of all faces, left to right."""
    return tuple(
        {"file": portrait.file, "found": one.found, "scores": [face.score for face in one.faces]}
        for portrait, one in zip(portraits, looks, strict=True)
    )


def _unmentioned(data: Path) -> tuple[dict[str, Figure], list[Cut]]:
    """Faces in captioned photos, and those in photos whose captions mention nobody."""
    items = photos.load(data).items
    faces = np.array([len(item.observation.faces) for item in items], dtype=np.float64)
    silent = [MENTIONS.isdisjoint(_words(item.description, *item.others)) for item in items]
    cuts = []
    for item in (item for item, quiet in zip(items, silent, strict=True) if quiet):
        if item.observation.faces:
            image = Image.fromarray(decode((data / "photos" / item.file).read_bytes()).pixels)
            cuts += [Cut(cut_out(image, f.box), f"{f.score:.2f}") for f in item.observation.faces]
    return {
        "faces_a_photo_of_photos": bootstrap_mean(faces),
        "faces_a_photo_where_nobody_is_mentioned": bootstrap_mean(faces[np.array(silent)]),
    }, cuts


def _words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.findall("[a-z]+", text.lower())}


def _portraits(data: Path) -> list[Portrait]:
    path = data / MANIFEST
    if not path.is_file():
        raise InvalidInput(f"There is no {MANIFEST} in {data}: give the folder of the evaluation data.")
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row.get("box_ltrb") and not row.get("box_is_fallback")]
    some = sorted({round(at) for at in np.linspace(0, len(rows) - 1, min(LOOKED_AT, len(rows)))})
    return [_portrait(data, rows[at]) for at in some]


def _portrait(data: Path, row: dict[str, Any]) -> Portrait:
    file = str(row["file"])
    photo = decode((data / "faces" / file).read_bytes())
    left, top, right, bottom = row["box_ltrb"]
    width, height = photo.width, photo.height
    return Portrait(file, photo.pixels, Box(left / width, top / height, right / width, bottom / height))
