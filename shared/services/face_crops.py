"""Faces of the library cut out of the thumbnails of their photos."""

from collections.abc import Iterable
from io import BytesIO
from itertools import islice

from PIL import Image, UnidentifiedImageError

from shared.domain.catalogue import Card, Spot
from shared.domain.errors import InvalidInput, ObjectMissing
from shared.services.browsing import Cards
from shared.services.contact_sheets import Cut, cut_out
from shared.storage import keys
from shared.storage.concurrency import mapped
from shared.storage.store import ObjectStore

DIGITS = 8
SHORTEST_ID = 4


class FaceCrops:
    """Finds faces in a library and cuts them out.

    Parameters
    ----------
    store : ObjectStore
        The library bucket.
    cards : Cards
    """

    def __init__(self, store: ObjectStore, cards: Cards) -> None:
        self._store = store
        self._places = {spot.face_id: (card, spot) for card in cards for spot in card.faces}

    def of(self, faces: Iterable[str], most: int) -> tuple[Cut, ...]:
        """The first faces that can be shown; those of photos that are gone are left out."""
        here = (self._places[face] for face in faces if face in self._places)
        cuts = mapped(lambda place: self._cut(*place), islice(here, most))
        return tuple(cut for cut in cuts if cut is not None)

    def place(self, face_id: str) -> tuple[Card, Spot] | None:
        """The photo a face is on, and where; None where there is none."""
        return self._places.get(face_id)

    def face(self, text: str) -> str:
        """The id of the face that an id or its beginning means.

        Raises
        ------
        ObjectMissing
            Where no photo has such a face.
        InvalidInput
            Where several have.
        """
        if text in self._places:
            return text
        found = [face for face in self._places if face.startswith(text)] if len(text) >= SHORTEST_ID else []
        if not found:
            raise ObjectMissing(f"No photo has a face {text!r}: `eye person ID` lists a person's faces")
        if len(found) > 1:
            raise InvalidInput(f"{text!r} begins the ids of {len(found)} faces: give more digits")
        return found[0]

    def _cut(self, card: Card, spot: Spot) -> Cut | None:
        try:
            body = self._store.get(keys.thumbnail(card.photo_id, card.etag)).body
            with Image.open(BytesIO(body), formats=("WEBP",)) as image:
                return Cut(cut_out(image, spot.box), spot.face_id[:DIGITS])
        except (ObjectMissing, UnidentifiedImageError):
            return None
