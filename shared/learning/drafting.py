"""The words of one photo under the learned patterns: tags, and the best description its evidence supports."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from shared.domain.record import Sentence, Source
from shared.domain.vectors import Array
from shared.learning.category_model import CategoryModel, Voice
from shared.learning.completing import complete
from shared.learning.describe import CANDIDATES, Draft, Neighbour, common_lemmas, describe, neighbours
from shared.learning.naming import View
from shared.learning.patterns import Patterns
from shared.learning.tagging import Tagging, tag_photo
from shared.learning.words import content_lemmas, content_of

SURE_LABEL = 0.5
LIKELY = 0.15
"""Calibrated chance from which on a tag tells of its words."""
TAG_CHANCE = 0.9
GUESS = "possibly"
SEVERAL = "people"


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a photo besides its pixels' places.

    Attributes
    ----------
    tags, removed, dismissed : sequence of str
        The owner's.
    labels : sequence of (str, float)
        What the models say, with their scores.
    alone : str
        What the models alone say of the photo.
    """

    tags: Sequence[str] = ()
    removed: Sequence[str] = ()
    dismissed: Sequence[str] = ()
    labels: Sequence[tuple[str, float]] = ()
    alone: str = ""

    @property
    def fact(self) -> str | None:
        """What the models say, unless they only guess."""
        return None if self.alone.startswith(GUESS) else self.alone


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """What the library would say of a photo.

    Attributes
    ----------
    expected : (W,) float32
        Probabilities of the model's words.
    near : list of Neighbour
        The nearest captions.
    """

    expected: Array
    near: list[Neighbour]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for words in a description.

    Attributes
    ----------
    near : list of Neighbour
        The nearest captions.
    certain : frozenset of str
        Content lemmas of tags, of model labels above their thresholds, of facts, and of three of the ten
        nearest captions.
    chance : dict of str to float
        Probability that a person would say a lemma.
    several : bool
        Whether more than one person is seen.
    given : Given
        What is known besides.
    """

    near: list[Neighbour]
    certain: frozenset[str]
    chance: dict[str, float]
    several: bool
    given: Given

    def supported(self, words_from: float) -> frozenset[str]:
        """Content lemmas that may be said: the certain ones, and learned words of enough chance."""
        return self.certain | {word for word, likely in self.chance.items() if likely >= words_from}

    def draft(self, words_from: float) -> Draft | None:
        """The best description; None where nothing can be said."""
        return describe(self.near, self.supported(words_from), self.chance, several=self.several)

    def completed(self) -> Draft | None:
        """What the models say with what the library makes likely; None where there is nothing to add."""
        barred = {*self.given.removed, *self.given.dismissed}
        return complete(self.given.fact, self.given.labels, self.chance, barred)

    def told(self, voice: Voice) -> Draft | None:
        """The description that this library's voice gives; None where the models' own stays."""
        draft = self.draft(voice.words_from) if voice.speaks else None
        return draft or (self.completed() if voice.completes else None)


def draft_words(
    patterns: Patterns,
    view: View,
    given: Given,
    *,
    describing: bool = True,
    likely: Array | None = None,
    heard: Heard | None = None,
) -> tuple[Tagging, Draft | None]:
    """Tag one photo and describe it.

    Parameters
    ----------
    patterns : Patterns
    view : View
        Of this photo alone.
    given : Given
    describing : bool
        Whether a description is wanted: not where the owner wrote one.
    likely : (V,) float32, optional
        Probabilities of the model's tags, where they are known already.
    heard : Heard, optional
        What `listen` gives for this photo, likewise.
    """
    model = patterns.categories
    probability = model.tags.probabilities(view)[0] if likely is None else likely
    tagging = tag_photo(model, view, probability, given.tags, given.removed, given.dismissed)
    if not describing or not model.voice.describes:
        return tagging, None
    evidence = gather(model, given, tagging, probability, heard or listen(model, view)[0])
    return tagging, evidence.told(model.voice)


def listen(model: CategoryModel, view: View, captions: int = CANDIDATES) -> list[Heard]:
    """Words to expect of n photos, and so many of the captions nearest to each."""
    expected = model.words.probabilities(view)
    near = neighbours(model.memory, model.words.witnesses, view.learned, expected, captions)
    return [Heard(*each) for each in zip(expected, near, strict=True)]


def gather(
    model: CategoryModel, given: Given, tagging: Tagging, probability: Array, heard: Heard
) -> Evidence:
    """What speaks for words in the description of one photo.

    Parameters
    ----------
    probability : (V,) float32
        Of the model's tags.
    """
    chance = dict(zip(model.words.names, heard.expected.tolist(), strict=True))
    for number in np.flatnonzero(probability >= np.float32(LIKELY)).tolist():
        _raise(chance, model.tags.names[number], float(probability[number]))
    sure = [name for name, score in given.labels if score >= SURE_LABEL]
    certain = (*given.tags, *(tag.tag for tag in tagging.applied))
    for tag in certain:
        _raise(chance, tag, TAG_CHANCE)
    fact = content_lemmas(given.fact or "")
    said = {*fact, *content_of((*certain, *sure)), *common_lemmas(heard.near)}
    return Evidence(heard.near, frozenset(said), chance, SEVERAL in fact, given)


def _raise(chance: dict[str, float], name: str, likely: float) -> None:
    for lemma in content_lemmas(name):
        chance[lemma] = max(chance.get(lemma, 0.0), likely)


def reasons(draft: Draft, given: Given, tagging: Tagging) -> tuple[str, ...]:
    """Why a drafted sentence says what it says."""
    texts = dict.fromkeys(source.text.strip() for source in draft.sources)
    found = [f'made from "{text}", a description of a photo like this one' for text in texts]
    if draft.added:
        found.append(
            f"what the models are sure of, with what your words make likely: {', '.join(draft.added)}"
        )
    if draft.left_out:
        found.append(f"left out, for nothing here supports it: {'; '.join(draft.left_out)}")
    tags = [tag for tag in (*given.tags, *(tag.tag for tag in tagging.applied)) if _said(tag, draft.lemmas)]
    if tags:
        found.append(f"tags support: {', '.join(tags)}")
    return tuple(found)


def sentence(draft: Draft, given: Given, tagging: Tagging) -> Sentence:
    """A drafted description with its likeness as score, and why."""
    return Sentence(draft.text, Source.LEARNED, round(draft.sureness, 4), reasons(draft, given, tagging))


def _said(tag: str, lemmas: Collection[str]) -> bool:
    return bool(set(content_lemmas(tag)) & set(lemmas))
