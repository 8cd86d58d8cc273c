"""What the models alone say of a photo, before anything was learned: "two people and a dog"."""

from collections.abc import Sequence

from shared.domain.observation import Label, Observation, SeenObject
from shared.vision.coco import PERSON

_CERTAIN = 0.5
_LIKELY_LABEL, _POSSIBLE_LABEL = 0.4, 0.15
_SAME_THING = 0.7
"""Overlap from which on two boxes of different classes are two guesses at one thing."""
_MOST_THINGS = 4
NOTHING = "a photo"
"""Said where nothing is certain."""
_TAG_FLOOR = 0.15
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_PLURALS = {
    "person": "people",
    "mouse": "mice",
    "knife": "knives",
    "sheep": "sheep",
}
_UNCOUNTED = frozenset({"broccoli", "toilet paper", "hay"})
_SINGULAR_ENDINGS = ("ss", "us", "is")
_VOWEL_SOUNDLESS = ("uni", "use", "eu", "one")
_SAID_BY: dict[str, frozenset[str]] = {
    "airplane": frozenset({"airliner", "military plane", "wing"}),
    "bicycle": frozenset({"mountain bike", "tandem bicycle"}),
    "boat": frozenset({"speedboat", "sailboat", "canoe", "catamaran", "trimaran", "gondola", "lifeboat"}),
    "bus": frozenset({"minibus", "school bus", "trolleybus"}),
    "car": frozenset(
        {"sports car", "convertible", "station wagon", "minivan", "taxi", "limousine", "race car"}
    ),
    "cell phone": frozenset({"mobile phone", "iPod", "handheld computer"}),
    "clock": frozenset({"analog clock", "wall clock", "digital clock"}),
    "couch": frozenset({"sofa bed"}),
    "cow": frozenset({"ox"}),
    "cup": frozenset({"coffee mug", "espresso"}),
    "dining table": frozenset({"restaurant"}),
    "donut": frozenset({"bagel"}),
    "keyboard": frozenset({"computer keyboard", "typewriter keyboard", "space bar"}),
    "laptop": frozenset({"notebook", "handheld computer"}),
    "motorcycle": frozenset({"moped", "motor scooter"}),
    "mouse": frozenset({"computer mouse"}),
    "remote": frozenset({"remote control"}),
    "sports ball": frozenset(
        {"soccer ball", "basketball", "tennis ball", "volleyball", "baseball", "golf ball"}
    ),
    "tennis racket": frozenset({"racket"}),
    "toilet": frozenset({"toilet seat"}),
    "train": frozenset({"bullet train", "electric locomotive", "steam locomotive", "railway carriage"}),
    "truck": frozenset({"pickup truck", "tow truck", "moving van", "garbage truck", "fire truck"}),
    "tv": frozenset({"television", "screen", "monitor", "television cabinet"}),
}
"""ImageNet classes that say again what a detected object says."""


def generic_description(observation: Observation) -> str:
    """What the captioning model says, where the owner has put one in; else one phrase of what is certain.

    The phrase names people first, then things by the area they fill, then a label.

    Returns
    -------
    str
        `NOTHING` where nothing is certain enough to say.
    """
    if observation.caption:
        return observation.caption
    things = counted(observation)
    phrases = [counted_phrase(name, count) for name, count in things[:_MOST_THINGS]]
    label = _further_label(observation.labels, [name for name, _ in things])
    if label and label.score >= _LIKELY_LABEL:
        phrases.append(counted_phrase(label.name, 1))
    if phrases:
        return joined(phrases)
    if label and label.score >= _POSSIBLE_LABEL:
        return f"possibly {counted_phrase(label.name, 1)}"
    return NOTHING


def generic_tags(observation: Observation) -> tuple[tuple[str, float], ...]:
    """Names of objects and labels with the models' own scores, best first, each name once."""
    scores: dict[str, float] = {}
    for seen in distinct(observation.objects):
        scores[seen.name] = max(seen.score, scores.get(seen.name, 0.0))
    for label in observation.labels:
        if label.score >= _TAG_FLOOR:
            scores[label.name] = max(label.score, scores.get(label.name, 0.0))
    if observation.faces:
        scores[PERSON] = max(scores.get(PERSON, 0.0), *(face.score for face in observation.faces))
    ranked = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return tuple((name, round(score, 4)) for name, score in ranked)


def counted(observation: Observation) -> list[tuple[str, int]]:
    """How many of which thing: people first (as many as bodies or faces), then by area."""
    sure = [seen for seen in distinct(observation.objects) if seen.score >= _CERTAIN]
    areas: dict[str, float] = {}
    counts: dict[str, int] = {}
    for seen in sure:
        areas[seen.name] = areas.get(seen.name, 0.0) + seen.box.area
        counts[seen.name] = counts.get(seen.name, 0) + 1
    if observation.faces:
        counts[PERSON] = max(counts.get(PERSON, 0), len(observation.faces))
    order = sorted(counts, key=lambda name: (name != PERSON, -areas.get(name, 0.0), name))
    return [(name, counts[name]) for name in order]


def distinct(objects: Sequence[SeenObject]) -> tuple[SeenObject, ...]:
    """One guess a thing: of boxes in the same place, whatever their class, the best scored."""
    kept: list[SeenObject] = []
    for seen in sorted(objects, key=lambda seen: (-seen.score, seen.name)):
        if all(other.name == seen.name or other.box.iou(seen.box) < _SAME_THING for other in kept):
            kept.append(seen)
    return tuple(kept)


def plural(name: str) -> str:
    """The plural of an object's name."""
    if name in _PLURALS:
        return _PLURALS[name]
    if name.endswith(("s", "ch", "sh", "x")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def _further_label(labels: Sequence[Label], things: Sequence[str]) -> Label | None:
    """The best label, unless an object says the same."""
    if not labels:
        return None
    first = labels[0]
    said = any(
        first.name == thing or first.name in _SAID_BY.get(thing, ()) or _shares_head(first.name, thing)
        for thing in things
    )
    return None if said else first


def _shares_head(label: str, thing: str) -> bool:
    return label.split()[-1].lower() == thing.split()[-1]


def counted_phrase(name: str, count: int) -> str:
    """So many of a thing: "a dog", "two dogs"."""
    always_plural = name.endswith("s") and not name.endswith(_SINGULAR_ENDINGS)
    if name in _UNCOUNTED or always_plural:
        return name
    if count == 1:
        return f"{_article(name)} {name}"
    number = _NUMBERS[count] if count < len(_NUMBERS) else "many"
    return f"{number} {plural(name)}"


def _article(name: str) -> str:
    first = name.lower()
    return "an" if first[0] in "aeiou" and not first.startswith(_VOWEL_SOUNDLESS) else "a"


def joined(phrases: Sequence[str]) -> str:
    """Phrases as a list: "a cat, two dogs and a bird"."""
    if len(phrases) == 1:
        return phrases[0]
    return f"{', '.join(phrases[:-1])} and {phrases[-1]}"
