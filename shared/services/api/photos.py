"""Photos as clients see them: records and cards with people as they are known now, and addresses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from shared.domain.catalogue import Card
from shared.domain.corrections import UndoCorrection, standing
from shared.domain.errors import ObjectMissing
from shared.domain.observation import Exif, Observation
from shared.domain.record import Appearance, OwnerWords, Record, Source, Status
from shared.services.api import views
from shared.services.browsing import Cards
from shared.services.correcting import Corrected, Corrector
from shared.services.people import People
from shared.storage import keys
from shared.storage.presigned import Presigner
from shared.storage.records import RecordRepository
from shared.vision.generic import generic_description, generic_tags

ADVICE = "Export it again as JPEG, PNG or HEIC and upload it under the same name"


@dataclass(frozen=True, slots=True)
class Photos:
    """Shows photos."""

    records: RecordRepository
    uploads: Presigner
    library: Presigner

    def record(self, photo_id: str) -> Record:
        """The record of a photo.

        Raises
        ------
        ObjectMissing
            Where the library has no such photo, or none any more.
        """
        stored = self.records.get(photo_id)
        if stored is None:
            raise ObjectMissing(f"The library has no photo {photo_id}: it may not be analyzed yet")
        if stored.record.status is Status.DELETED:
            raise ObjectMissing(f"The photo {photo_id} was deleted: upload it again to have it back")
        return stored.record

    def view(self, record: Record, people: People) -> views.PhotoView:
        """A photo, whole."""
        origin, seen, after = record.origin, record.observation, record.enhancement
        shown = views.PhotoView(
            photo_id=record.photo_id,
            key=origin.key,
            status=record.status,
            owner=_owner(record.owner),
            reason=record.reason,
            advice=ADVICE if record.status is Status.QUARANTINED else None,
            uploaded_at=origin.uploaded_at,
            size=origin.size,
            etag=origin.etag,
            original_url=self.uploads.read(origin.key),
        )
        if seen is None:
            return shown
        seen_view = {
            "faces": _faces(record, seen, people),
            "before": _before(seen),
            "width": seen.width,
            "height": seen.height,
            "format": seen.format,
            "notes": seen.notes,
            "models": seen.models,
            "thumbnail_url": self.thumbnail(record.photo_id, origin.etag),
            **_camera(seen.exif),
        }
        if after is None:
            return shown.model_copy(update={**seen_view, "description": generic_description(seen)})
        sentence = after.description
        return shown.model_copy(
            update={
                **seen_view,
                "description": sentence.text,
                "described": views.SentenceView(
                    text=sentence.text, source=str(sentence.source), score=sentence.score, why=sentence.why
                ),
                "tags": tuple(map(views.TagView.of, after.tags)),
                "suggestions": tuple(map(views.TagView.of, after.suggestions)),
                "bundle": after.bundle,
            }
        )

    def thumbnail(self, photo_id: str, etag: str) -> str:
        """The address of a thumbnail."""
        return self.library.read(keys.thumbnail(photo_id, etag))

    def thumbnails(self, photo_ids: Iterable[str], cards: Cards) -> views.Thumbnails:
        """Addresses of the thumbnails of many photos."""
        found = (card for photo_id in photo_ids if (card := cards.get(photo_id)))
        return views.Thumbnails(
            thumbnails={
                card.photo_id: self.thumbnail(card.photo_id, card.etag)
                for card in found
                if card.status is Status.ANALYZED
            }
        )

    def corrected(self, done: Iterable[Corrected], people: People) -> views.CorrectedList:
        """What became of corrections."""
        return views.CorrectedList(
            photos=tuple(
                views.CorrectedView(
                    photo_id=one.photo_id,
                    correction_ids=tuple(said.correction_id for said in one.corrections),
                    problem=one.problem,
                    photo=self.view(one.record, people) if one.record else None,
                )
                for one in done
            )
        )


def card_view(stack: Sequence[Card]) -> views.CardView:
    """A photo in a list, with the others of its burst."""
    card, *others = stack
    return views.CardView(
        photo_id=card.photo_id,
        key=card.key,
        status=card.status,
        width=card.width,
        height=card.height,
        at=datetime.fromtimestamp(card.at, UTC),
        description=card.description,
        tags=card.tags,
        faces=len(card.faces),
        place=card.place,
        latitude=card.latitude,
        longitude=card.longitude,
        also=tuple(other.photo_id for other in others),
    )


def tag_counts(cards: Cards, limit: int) -> views.Tags:
    """The library's tags, most frequent first."""
    counts: Counter[str] = Counter()
    for card in cards:
        counts.update(card.tags)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return views.Tags(tags=tuple(views.TagCount(tag=tag, photos=n) for tag, n in ranked[:limit]))


def history(corrector: Corrector, photo_id: str) -> views.Corrections:
    """All that was said of a photo, in order, with what was taken back."""
    said = corrector.history(photo_id)
    kept = {correction.correction_id for correction in standing(said)}
    return views.Corrections(
        corrections=tuple(
            views.CorrectionView(
                correction_id=one.correction_id,
                at=one.at,
                word={name: getattr(one.word, name) for name in _fields(one.word)},
                undone=one.correction_id not in kept and not isinstance(one.word, UndoCorrection),
            )
            for one in said
        )
    )


def _fields(word: object) -> tuple[str, ...]:
    return tuple(getattr(type(word), "__dataclass_fields__", {}))


def _owner(owner: OwnerWords) -> views.OwnerView:
    return views.OwnerView(
        description=owner.description,
        tags=owner.tags,
        removed_tags=owner.removed_tags,
        dismissed=owner.dismissed,
    )


def _before(seen: Observation) -> views.Before:
    return views.Before(
        description=generic_description(seen),
        tags=tuple(
            views.TagView(tag=name, source=str(Source.MODEL), score=round(score, 4))
            for name, score in generic_tags(seen)
        ),
    )


def _camera(exif: Exif) -> dict[str, object]:
    return {
        "taken_at": exif.taken_at,
        "camera": exif.camera,
        "place": exif.place.text if exif.place else None,
        "latitude": exif.latitude,
        "longitude": exif.longitude,
    }


def _faces(record: Record, seen: Observation, people: People) -> tuple[views.FaceView, ...]:
    given = {one.face_id: one for one in record.enhancement.people} if record.enhancement else {}
    return tuple(
        views.FaceView(
            face_id=face.face_id,
            box=views.box_view(face.box),
            quality=round(face.quality, 3),
            person=_person(people.of_face(face.face_id, given.get(face.face_id)), people),
        )
        for face in seen.faces
    )


def _person(found: Appearance | None, people: People) -> views.PersonRef | None:
    """Who a face is; without an id where a file names somebody whom no training has made a person of."""
    if found is None:
        return None
    return views.PersonRef(
        person_id=found.person_id if found.person_id in people.known else None,
        name=found.name,
        score=round(found.score, 4),
        source=str(found.source),
    )
