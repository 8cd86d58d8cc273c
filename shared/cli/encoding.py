"""Records as JSON for scripts: everything but vectors and encodings."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from shared.domain.record import Record
from shared.vision.generic import generic_description, generic_tags


def record(found: Record) -> dict[str, Any]:
    """A record before and after learning."""
    said: dict[str, Any] = {
        "photo_id": found.photo_id,
        "key": found.origin.key,
        "status": str(found.status),
        "reason": found.reason,
        "uploaded_at": _time(found.origin.uploaded_at),
        "owner": {"description": found.owner.description, "tags": list(found.owner.tags)},
    }
    if found.observation is None or found.enhancement is None:
        return said
    seen, after = found.observation, found.enhancement
    given = {face.face_id: asdict(face) for face in after.people}
    return said | {
        "width": seen.width,
        "height": seen.height,
        "taken_at": _time(seen.exif.taken_at),
        "camera": seen.exif.camera,
        "place": seen.exif.place.text if seen.exif.place else None,
        "models": list(seen.models),
        "before": {
            "description": generic_description(seen),
            "tags": [{"tag": name, "score": score} for name, score in generic_tags(seen)],
        },
        "bundle": after.bundle,
        "description": asdict(after.description),
        "tags": [asdict(tag) for tag in after.tags],
        "suggestions": [asdict(tag) for tag in after.suggestions],
        "faces": [
            {
                "face_id": face.face_id,
                "box": [face.box.left, face.box.top, face.box.right, face.box.bottom],
                "person": given.get(face.face_id),
            }
            for face in seen.faces
        ],
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
