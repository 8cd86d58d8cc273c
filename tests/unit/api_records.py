"""Records for the tests of the API."""

from datetime import UTC, datetime

import numpy as np

from shared.domain.observation import Box, Exif, Face, Label, Observation
from shared.domain.record import Enhancement, Origin, Record, Sentence, Source, Status, Tag

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def face(face_id: str) -> Face:
    box = Box(0.1, 0.2, 0.3, 0.4)
    return Face(face_id, box, 0.9, np.ones(128, dtype=np.float32), 0.8)


def observation(*faces: str, exif: Exif | None = None) -> Observation:
    return Observation(
        content_sha256="0" * 64,
        width=400,
        height=300,
        format="JPEG",
        labels=(Label("beach", 0.8),),
        objects=(),
        faces=tuple(face(face_id) for face_id in faces),
        features={},
        text_vector=np.zeros(384, dtype=np.float32),
        dhash="0" * 16,
        exif=exif or Exif(),
        models=("labels@0",),
        encoding_space="dlib_resnet_128",
    )


def record(photo_id: str, *faces: str, exif: Exif | None = None) -> Record:
    return Record(
        photo_id=photo_id,
        origin=Origin("uploads", f"{photo_id[:4]}.jpg", "etag", 10, "01", NOW),
        status=Status.ANALYZED,
        observation=observation(*faces, exif=exif),
        enhancement=Enhancement(
            bundle=None,
            generic="a beach",
            description=Sentence("a beach", Source.MODEL, 0.8),
            tags=(Tag("beach", Source.MODEL, 0.8),),
        ),
    )
