"""Observation and owner's words to description, tags and people, under the patterns of a bundle or none.

What the owner wrote stands first, always. Pure, and milliseconds a photo.
"""

from shared.domain.named_faces import names_of
from shared.domain.observation import Exif, Observation
from shared.domain.occasions import when
from shared.domain.record import Appearance, Enhancement, OwnerWords, Sentence, Source, Standpoint, Tag
from shared.learning.drafting import Given, draft_words, sentence
from shared.learning.faces.patterns import NOBODY
from shared.learning.naming import View
from shared.learning.patterns import Patterns
from shared.vision.generic import generic_description, generic_tags

MODEL_TAG_FROM = 0.5
MODEL_SUGGESTIONS = 10


def enhance(observation: Observation, owner: OwnerWords, patterns: Patterns | None) -> Enhancement:
    """Make the most of what was seen and said.

    Parameters
    ----------
    observation : Observation
    owner : OwnerWords
    patterns : Patterns or None
        None before the first training: the models alone speak then.
    """
    generic = generic_description(observation)
    labels = generic_tags(observation)
    learned = patterns.people if patterns else NOBODY
    names = names_of(observation.faces, owner.faces)
    people = learned.appearances(observation.faces, observation.exif.taken_at, names)
    spoken_of = learned.applied(people)
    own = tuple(Tag(tag, Source.OWNER, 1.0, "your tag") for tag in owner.tags)
    if patterns is None or not patterns.learned:
        applied, offered = _model_tags(labels, owner)
        said = _said_by_models(observation, generic)
        return Enhancement(
            patterns.version if patterns else None,
            generic,
            _first(owner, said, observation.exif, spoken_of),
            own + applied,
            offered,
            people,
        )
    given = Given(owner.tags, owner.removed_tags, owner.dismissed, labels, generic)
    view = patterns.view(observation)
    tagging, draft = draft_words(patterns, view, given)
    said = sentence(draft, given, tagging) if draft else _said_by_models(observation, generic)
    return Enhancement(
        patterns.version,
        generic,
        _first(owner, said, observation.exif, spoken_of),
        own + tagging.applied,
        tagging.suggested,
        people,
        _stands(patterns, view),
    )


def _stands(patterns: Patterns, view: View) -> Standpoint:
    standing = patterns.stand(view)
    return Standpoint(standing.vectors[0], float(standing.offsets[0]))


def facts(exif: Exif, people: tuple[Appearance, ...]) -> str:
    """A sentence on who, where and when, from what is verified; empty where nothing is."""
    names = list(dict.fromkeys(person.name for person in people if person.name))
    where = f"in {exif.place.text}" if exif.place else ""
    time = when(exif.taken_at, exif.latitude) if exif.taken_at else ""
    taken = ", ".join(part for part in (where, time) if part)
    if names:
        listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
        shown = f"{listed} {'is' if len(names) == 1 else 'are'} in the photo"
        return f"{shown}, taken {taken}." if taken else f"{shown}."
    return f"Taken {taken}." if taken else ""


def _first(owner: OwnerWords, said: Sentence, exif: Exif, people: tuple[Appearance, ...]) -> Sentence:
    """The owner's own description, or what was made for the photo with its facts."""
    if owner.description:
        return Sentence(owner.description, Source.OWNER, 1.0, ("you wrote it",))
    known = facts(exif, people)
    if not known:
        return said
    why = (*said.why, "the camera's facts and the people you named")
    return Sentence(f"{_sentence(said.text)} {known}", said.source, said.score, why)


def _said_by_models(observation: Observation, generic: str) -> Sentence:
    why = "what the captioning model says" if observation.caption else "what the models are sure of"
    return Sentence(_sentence(generic), Source.MODEL, 0.5, (why,))


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def _model_tags(
    labels: tuple[tuple[str, float], ...], owner: OwnerWords
) -> tuple[tuple[Tag, ...], tuple[Tag, ...]]:
    barred = {tag.casefold() for tag in (*owner.tags, *owner.removed_tags, *owner.dismissed)}
    tags = [
        Tag(name, Source.MODEL, score, "seen by the models")
        for name, score in labels
        if name.casefold() not in barred
    ]
    sure = tuple(tag for tag in tags if tag.score >= MODEL_TAG_FROM)
    return sure, tuple(tag for tag in tags if tag.score < MODEL_TAG_FROM)[:MODEL_SUGGESTIONS]
