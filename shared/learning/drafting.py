"""The words of one photo under the learned patterns: tags, and the best description its evidence supports."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.domain.record import Sentence, Source
from shared.learning.describe import Draft, common_lemmas, describe, neighbours
from shared.learning.naming import View
from shared.learning.patterns import Patterns
from shared.learning.tagging import Tagging, by_name, tag_photo
from shared.learning.words import content_lemmas

SURE_LABEL = 0.5


@dataclass(frozen=True, slots=True)
class Given:
    """What is known of a photo besides its pixels' places.

    Attributes
    ----------
    tags, removed, dismissed : sequence of str
        The owner's.
    labels : sequence of (str, float)
        What the models say, with their scores.
    facts : sequence of str
        Verified people, place and date, as text.
    """

    tags: Sequence[str] = ()
    removed: Sequence[str] = ()
    dismissed: Sequence[str] = ()
    labels: Sequence[tuple[str, float]] = ()
    facts: Sequence[str] = ()


def draft_words(patterns: Patterns, view: View, given: Given) -> tuple[Tagging, Draft | None]:
    """Tag one photo and describe it.

    Parameters
    ----------
    patterns : Patterns
    view : View
        Of this photo alone.
    given : Given
    """
    model = patterns.categories
    probability = model.tags.probabilities(view)[0]
    tagging = tag_photo(model, view, probability, given.tags, given.removed, given.dismissed)
    near = neighbours(model.memory, view.near)
    chance = dict(by_name(model.words.names, model.words.probabilities(view)[0]))
    supported = support(tagging, given) | common_lemmas(near).keys()
    return tagging, describe(near, supported, chance)


def support(tagging: Tagging, given: Given) -> set[str]:
    """Content lemmas that a tag, a sure label or a fact supports."""
    sure = [name for name, score in given.labels if score >= SURE_LABEL]
    said = [*given.tags, *(tag.tag for tag in tagging.applied), *sure, *given.facts]
    return set(content_lemmas(" . ".join(said)))


def reasons(draft: Draft, given: Given, tagging: Tagging) -> tuple[str, ...]:
    """Why a drafted sentence says what it says."""
    found = [f'made from "{draft.source.text.strip()}", a description of a photo like this one']
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
