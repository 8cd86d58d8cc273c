"""The catalogue: of each photo what lists, filters and the grid need, much smaller than its record."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

from shared.domain.likeness import alike
from shared.domain.observation import Box
from shared.domain.record import Appearance, Record, Status


@dataclass(frozen=True, slots=True)
class Spot:
    """A face on a photo: where it is, and whom the record's bundle takes it for."""

    face_id: str
    box: Box
    appearance: Appearance | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """One photo as lists, filters and the grid need it.

    Attributes
    ----------
    etag : str
        Of the version that was analyzed; names its thumbnail.
    at : float
        When it was taken, else uploaded: seconds since the epoch. Lists go by it, newest first.
    taken : bool
        Whether the photo tells when it was taken.
    zone : int or None
        Minutes by which the camera's clock was ahead of UTC, where the photo tells.
    tags : tuple of str
        Applied ones, the owner's first.
    faces : tuple of Spot
    dhash : int
        64 bits; photos that differ little are near-duplicates.
    """

    photo_id: str
    key: str
    status: Status
    etag: str
    at: float
    width: int = 0
    height: int = 0
    taken: bool = False
    zone: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    place: str | None = None
    camera: str | None = None
    description: str = ""
    tags: tuple[str, ...] = ()
    faces: tuple[Spot, ...] = ()
    dhash: int = 0

    @classmethod
    def of(cls, record: Record) -> "Card":
        """The card of a record."""
        origin, seen, after = record.origin, record.observation, record.enhancement
        if seen is None:
            return cls(
                record.photo_id, origin.key, record.status, origin.etag, origin.uploaded_at.timestamp()
            )
        taken_at = seen.exif.taken_at
        given = {one.face_id: one for one in after.people} if after else {}
        at = taken_at or origin.uploaded_at
        return cls(
            photo_id=record.photo_id,
            key=origin.key,
            status=record.status,
            etag=origin.etag,
            at=(at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp(),
            width=seen.width,
            height=seen.height,
            taken=taken_at is not None,
            zone=_zone(taken_at),
            latitude=seen.exif.latitude,
            longitude=seen.exif.longitude,
            place=seen.exif.place.text if seen.exif.place else None,
            camera=seen.exif.camera,
            description=after.description.text if after else "",
            tags=tuple(tag.tag for tag in after.tags) if after else record.owner.tags,
            faces=tuple(Spot(face.face_id, face.box, given.get(face.face_id)) for face in seen.faces),
            dhash=int(seen.dhash or "0", 16),
        )

    @property
    def taken_at(self) -> datetime | None:
        """When it was taken by the camera's clock, with its zone where the photo tells."""
        if not self.taken:
            return None
        at = datetime.fromtimestamp(self.at, UTC)
        if self.zone is None:
            return at.replace(tzinfo=None)
        return at.astimezone(timezone(timedelta(minutes=self.zone)))

    @property
    def place_in_list(self) -> tuple[float, str]:
        """What lists are sorted by: newest first, then by id."""
        return (-self.at, self.photo_id)

    def like(self, other: "Card") -> bool:
        """Whether both are one picture; never of photos that show nothing to compare."""
        seconds = self.at - other.at if self.taken and other.taken else math.nan
        return bool(self.dhash and other.dhash) and alike((self.dhash ^ other.dhash).bit_count(), seconds)


def _zone(at: datetime | None) -> int | None:
    ahead = at.utcoffset() if at else None
    return None if ahead is None else round(ahead.total_seconds() / 60)
