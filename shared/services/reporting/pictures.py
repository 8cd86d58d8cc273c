"""Pictures for the report, out of the thumbnails: photos before and after, and a face of each person."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from shared.domain.dataset import Shard
from shared.domain.errors import ObjectMissing
from shared.domain.observation import Box
from shared.photos.thumbnails import cropped
from shared.services.measuring import Answers
from shared.services.reporting.content import Example, Somebody
from shared.storage import keys
from shared.storage.store import ObjectStore

EXAMPLES = 12
SUGGESTIONS = 5


@dataclass(frozen=True, slots=True)
class Pictures:
    """Looks thumbnails up in the library."""

    store: ObjectStore

    def examples(self, photos: Shard | None, answers: Answers | None) -> tuple[Example, ...]:
        """A few of the measured photos, those first of which most changed."""
        if photos is None or answers is None:
            return ()
        rows = sorted(range(len(photos)), key=lambda row: (-_changed(photos, answers, row), photos.ids[row]))
        return tuple(self._example(photos, answers, row) for row in rows[:EXAMPLES])

    def portraits(self, people: Sequence[Somebody], shards: Iterable[Shard]) -> dict[str, bytes]:
        """Square WebP pictures of the best faces, by face id; without those whose thumbnail is missing."""
        wanted = {person.best_face for person in people}
        found = {}
        for face, photo_id, box in _faces(shards, wanted):
            thumbnail = self._thumbnail(photo_id)
            if thumbnail:
                found[face] = cropped(thumbnail, box)
        return found

    def _example(self, photos: Shard, answers: Answers, row: int) -> Example:
        own = set(photos.tags[row])
        given = [((tag, score, tag in own), applied) for tag, score, applied in answers.tags[row]]
        return Example(
            photo_id=photos.ids[row],
            key=photos.keys[row],
            thumbnail=self._thumbnail(photos.ids[row]),
            generic=photos.generic[row],
            description=answers.descriptions[row],
            labels=tuple((name, name in own) for name, _ in photos.labels[row]),
            tags=tuple(tag for tag, applied in given if applied),
            suggested=tuple(tag for tag, applied in given if not applied)[:SUGGESTIONS],
            owner=photos.descriptions[row],
        )

    def _thumbnail(self, photo_id: str) -> bytes | None:
        for entry in self.store.list(keys.thumbnails(photo_id)):
            try:
                return self.store.get(entry.key).body
            except ObjectMissing:
                continue
        return None


def _changed(photos: Shard, answers: Answers, row: int) -> int:
    """Whether the description changed, and whether the applied tags did."""
    applied = {tag for tag, _, sure in answers.tags[row] if sure}
    said = answers.descriptions[row] != photos.generic[row]
    return said + (applied != {name for name, _ in photos.labels[row]})


def _faces(shards: Iterable[Shard], wanted: set[str]) -> Iterator[tuple[str, str, Box]]:
    for shard in shards:
        for row, face in enumerate(shard.faces.ids):
            if face in wanted:
                yield (
                    face,
                    shard.ids[int(shard.faces.photo[row])],
                    Box(*map(float, shard.faces.boxes[row].tolist())),
                )
