"""How the library stands: counts, what could not be read, and which bundle is in use."""

from shared.domain.record import Status
from shared.services.api import views
from shared.services.browsing import Cards
from shared.storage.bundles import BundleRepository
from shared.storage.records import RecordRepository

MOST_SHOWN = 100


def health(
    cards: Cards, records: RecordRepository, bundles: BundleRepository, problem: str | None
) -> views.HealthView:
    """Counts over all photos.

    Parameters
    ----------
    problem : str or None
        Why the live bundle is not in use, where it is not.
    """
    alias = bundles.alias()
    analyzed = [card for card in cards if card.status is Status.ANALYZED]
    quarantine = tuple(
        views.QuarantineView(
            photo_id=note.photo_id, key=note.key, reason=note.reason, advice=note.advice, at=note.at
        )
        for note in records.quarantined()
    )
    return views.HealthView(
        photos=len(cards),
        analyzed=len(analyzed),
        quarantined=len(cards) - len(analyzed),
        located=sum(card.latitude is not None for card in analyzed),
        with_faces=sum(bool(card.faces) for card in analyzed),
        live=alias.version if alias else None,
        problem=problem,
        quarantine=quarantine[:MOST_SHOWN],
    )
