"""What `eye evaluate` says of faces in real photos, and which groups it shows as the worst."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shared.domain.observation import Box
from shared.services import contact_sheets
from shared.services.evaluation import detection, worst_people
from shared.services.evaluation.detection import Portrait, look
from shared.vision.faces import EncodedFace
from shared.vision.images import Pixels


class Engine:
    """Finds the same two faces everywhere."""

    def faces(self, pixels: Pixels) -> tuple[EncodedFace, ...]:  # noqa: ARG002
        boxes = (Box(0.1, 0.1, 0.4, 0.4), Box(0.6, 0.1, 0.9, 0.4))
        return tuple(EncodedFace(box, 1.0, np.zeros(128, np.float32), 1.0) for box in boxes)


def test_the_person_of_a_portrait_is_found_and_others_are_counted() -> None:
    pixels = np.zeros((10, 10, 3), np.uint8)
    there, not_there = Box(0.15, 0.1, 0.35, 0.4), Box(0.4, 0.6, 0.6, 0.8)

    portraits = [Portrait("a", pixels, there), Portrait("b", pixels, not_there)]

    found, missed = look(portraits, Engine())

    assert (found.found, found.others) == (True, 1)
    assert (missed.found, missed.others) == (False, 2)
    figures = detection._figures([found, missed])
    assert figures["recall"].value == 0.5
    assert figures["other_faces_a_photo"].value == 1.5
    assert detection._dump(portraits, [found, missed]) == (
        {"file": "a", "found": True, "scores": [1.0, 1.0]},
        {"file": "b", "found": False, "scores": [1.0, 1.0]},
    )


def test_a_group_costs_what_its_faces_lose() -> None:
    assert worst_people.cost(["a", "a", "a"]) == 0
    assert worst_people.cost(["a", "a", "b"]) == pytest.approx(2 / 3 + 2 / 3)


def test_the_worst_group_comes_first_with_its_strays_in_front(tmp_path: Path) -> None:
    groups = {"good": ["ann"] * 3, "bad": ["ben", "ben", "cy"], "worse": ["di", "di", "ed", "ed"]}
    rows, given = [], []
    for person, identities in groups.items():
        for at, identity in enumerate(identities):
            file = f"{person}{at}.png"
            Image.new("RGB", (40, 40), (9, 9, 200)).save(tmp_path / file)
            row = {"file": file, "identity": f"lfw:{identity}", "width": 40, "height": 40}
            rows.append({**row, "box_ltrb": [10, 10, 30, 30]})
            given.append({"face": file, "person": person})
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text("\n".join(map(json.dumps, rows)))

    worse, bad, good = worst_people.sheet(manifest, given)

    assert worse.title == "worse: 4 faces of 2 people"
    assert (bad.note, bad.cuts[0].caption) == ("ben 2, cy 1", "cy")
    assert good.title.endswith("of 1 people")
    contact_sheets.write([worse, bad], tmp_path / "sheet.png")
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width > 4 * contact_sheets.SIDE


def test_a_cut_is_square_and_keeps_to_the_face() -> None:
    pixels = np.zeros((200, 100, 3), np.uint8)
    pixels[60:140, 30:70] = 255

    cut = np.asarray(contact_sheets.cut_out(Image.fromarray(pixels), Box(0.3, 0.3, 0.7, 0.7), 50))

    assert cut.shape == (50, 50, 3)
    assert cut[25, 25].min() > 200
    assert cut[25, 2].max() < 60
