"""The search engine as a warm reader holds it: fed by what the library hears, taught by the live bundle."""

from collections.abc import Callable
from dataclasses import dataclass, field

from shared.domain.vectors import Array
from shared.learning.search_index import FILE, MEANINGS, load_cut, load_words
from shared.learning.search_vectors import CUT
from shared.search.engine import Engine
from shared.search.entry import Entry
from shared.storage.bundle import Bundle

NEEDS = (FILE, MEANINGS)


@dataclass(slots=True)
class SearchIndex:
    """Answers with an engine that knows all that was heard of.

    Parameters
    ----------
    bundle : callable
        The live bundle; None before the first training.
    vectorise : callable or None
        From a text to its sentence vector.
    heard : dict
        What the library heard of since the engine was last asked for, by photo id; None for photos gone.
    """

    bundle: Callable[[], Bundle | None] = lambda: None
    vectorise: Callable[[str], Array] | None = None
    heard: dict[str, Entry | None] = field(default_factory=dict)
    _engine: Engine = field(init=False)
    _version: str | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._engine = Engine(None, self.vectorise)

    def engine(self) -> Engine:
        """The engine with all that was heard of."""
        self._learn()
        if self.heard:
            found = [entry for entry in self.heard.values() if entry is not None]
            gone = [photo for photo, entry in self.heard.items() if entry is None]
            self._engine.put(found, gone)
            self.heard.clear()
        return self._engine

    def _learn(self) -> None:
        bundle = self.bundle()
        version = bundle.version if bundle else None
        if version != self._version:
            self._version = version
            words, cut = (load_words(bundle.files), load_cut(bundle.files)) if bundle else (None, CUT)
            self._engine.teach(words, self.vectorise, cut)
