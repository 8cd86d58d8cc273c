"""The live bundle at work: owner's words are folded and encoded, observations enhanced."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from shared.domain.corrections import fold
from shared.domain.observation import FileWords, Observation
from shared.domain.record import Enhancement, OwnerWords, Record
from shared.enhance import enhance
from shared.learning.patterns import Patterns
from shared.storage.bundles import Bundle, LatestBundle
from shared.storage.corrections import CorrectionRepository
from shared.storage.observability import logger
from shared.vision.text import TextEncoder, words_vector

LEARNED = "Enhanced analysis module loaded - using learned patterns"
UNLEARNED = "Analysis module loaded - no learned patterns exist yet"


@dataclass(slots=True)
class Enhancer:
    """Applies the latest bundle; holds its parsed patterns between photos.

    Parameters
    ----------
    latest : LatestBundle
        Answers with the live bundle, refreshed at most once a minute.
    corrections : CorrectionRepository
    encoder : callable returning TextEncoder
        Called only where there are words to encode.
    """

    latest: LatestBundle
    corrections: CorrectionRepository
    encoder: Callable[[], TextEncoder]
    _loaded: tuple[Bundle, Patterns] | None = field(default=None, init=False)

    def patterns(self) -> Patterns | None:
        """The patterns of the live bundle; None before the first training."""
        bundle = self.latest.current()
        if bundle is None:
            self._loaded = None
            return None
        if self._loaded is None or self._loaded[0].version != bundle.version:
            self._loaded = (bundle, Patterns.load(bundle.version, bundle.files))
        return self._loaded[1]

    def announce(self) -> None:
        """Log whether learned patterns are in use, and which."""
        patterns = self.patterns()
        if patterns is None:
            logger.info(UNLEARNED)
        else:
            logger.info(LEARNED, extra={"bundle": patterns.version})

    def enhance(self, observation: Observation, owner: OwnerWords) -> Enhancement:
        """What the live bundle, or none, makes of a photo."""
        return enhance(observation, owner, self.patterns())

    def fold_words(self, photo_id: str, file_words: FileWords) -> OwnerWords:
        """The owner's words of a photo: its file's, then every correction in order, with their vector."""
        owner = fold(file_words, self.corrections.of(photo_id))
        if not owner.any:
            return owner
        return replace(owner, text_vector=words_vector(self.encoder(), owner.description, owner.tags))

    def refresh(self, record: Record) -> Record:
        """A record with its owner's words folded anew and enhanced by the live bundle; no model runs."""
        if record.observation is None:
            return record
        owner = self.fold_words(record.photo_id, record.file_words)
        return replace(record, owner=owner, enhancement=self.enhance(record.observation, owner))
