"""Task `descriptions`: sentences made for new photos against what five people wrote of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from shared.domain.record import OwnerWords
from shared.enhance import enhance
from shared.learning.drafting import Evidence, Given, gather, listen
from shared.learning.patterns import Patterns
from shared.learning.tagging import tag_photo
from shared.learning.words import content_lemmas
from shared.services.evaluation.base import (
    BEFORE,
    LEARNED,
    Figure,
    TaskResult,
    bootstrap_mean,
    bootstrap_ratio,
)
from shared.services.evaluation.photos import Item, learn, load
from shared.vision.generic import generic_description, generic_tags

NOTHING = OwnerWords()


def run(data: Path) -> TaskResult:
    """Score descriptions of new photos: learned, generic, and the nearest caption as it stands."""
    library = load(data)
    patterns = learn(library)
    made = [enhance(item.observation, NOTHING, patterns).description.text for item in library.new]
    generic = [generic_description(item.observation) for item in library.new]
    found = [evidence(patterns, item) for item in library.new]
    nearest = [one.near[0].text if one.near else "" for one in found]
    references = [
        frozenset(content_lemmas(" . ".join((item.description, *item.others)))) for item in library.new
    ]
    allowed = [one.supported(patterns.categories.voice.words_from) for one in found]
    methods = {
        LEARNED: figures(made, references, allowed),
        BEFORE: figures(generic, references, allowed),
        "nearest_caption": figures(nearest, references, allowed),
    }
    dump = [
        {"file": item.file, "generic": plain, "description": text}
        for item, plain, text in zip(library.new, generic, made, strict=True)
    ]
    return TaskResult("descriptions", len(made), methods, tuple(dump))


def figures(
    texts: Sequence[str], references: Sequence[frozenset[str]], allowed: Sequence[frozenset[str]]
) -> dict[str, Figure]:
    """Right content words a description, their precision, words nothing supports, and length."""
    said = [frozenset(content_lemmas(text)) for text in texts]
    right = np.asarray([len(s & r) for s, r in zip(said, references, strict=True)], dtype=np.float64)
    count = np.asarray([len(s) for s in said], dtype=np.float64)
    loose = np.asarray([len(s - a) for s, a in zip(said, allowed, strict=True)], dtype=np.float64)
    return {
        "right": bootstrap_mean(right),
        "precision": bootstrap_ratio(right, count),
        "unsupported": Figure(float(loose.mean())),
        "words": Figure(float(np.mean([len(text.split()) for text in texts]))),
    }


def evidence(patterns: Patterns, item: Item) -> Evidence:
    """What speaks for words in the description of a photo."""
    view = patterns.view(item.observation)
    model = patterns.categories
    probability = model.tags.probabilities(view)[0]
    alone = generic_description(item.observation)
    given = Given(labels=generic_tags(item.observation), alone=alone)
    return gather(model, given, tag_photo(model, view, probability), probability, listen(model, view)[0])
