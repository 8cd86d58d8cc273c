"""Faces that are animals': a face detector takes a dog that looks at the camera for somebody."""

from collections.abc import Iterable, Sequence

from shared.domain.observation import Box, SeenObject
from shared.vision.coco import ANIMALS, PERSON
from shared.vision.faces import EncodedFace

MOSTLY = 0.5
SURE = 0.8
"""Score from which a face counts wherever it is. Of 858 faces in the evaluation's photos, 14 lay mostly in an
animal and in no person, scored .52 to .77, and were animals' one and all."""


def of_people(faces: Iterable[EncodedFace], objects: Sequence[SeenObject]) -> tuple[EncodedFace, ...]:
    """The faces without those that lie mostly in an animal's box and in no person's, unless they are sure."""
    animals = [seen.box for seen in objects if seen.name in ANIMALS]
    people = [seen.box for seen in objects if seen.name == PERSON]
    return tuple(
        face
        for face in faces
        if face.score >= SURE or not _mostly_in(animals, face.box) or _mostly_in(people, face.box)
    )


def _mostly_in(boxes: Iterable[Box], face: Box) -> bool:
    return any(face.shared(box) >= MOSTLY * face.area for box in boxes)
