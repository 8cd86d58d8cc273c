"""Task `few_words`: what a library gives whose owner has worded none, 20 or 100 of its photos."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from shared.domain.record import OwnerWords
from shared.domain.vectors import Array
from shared.enhance import enhance
from shared.learning.patterns import Patterns
from shared.learning.ridge import unit_rows
from shared.learning.words import content_lemmas
from shared.services.evaluation import descriptions, search, tags
from shared.services.evaluation.base import BEFORE, LEARNED, Figure, TaskResult
from shared.services.evaluation.photos import Item, Library, load, shard_of, train
from shared.vision.generic import generic_description

WORDED = (100, 20, 0)
LIBRARY = 200
SCORED = 150
NOTHING = OwnerWords()


def run(data: Path) -> TaskResult:
    """Score tags, descriptions and search of new photos by how many of 200 photos have words."""
    library = load(data)
    known = sorted(library.known, key=lambda item: item.photo_id)[:LIBRARY]
    new = sorted(library.new, key=lambda item: item.photo_id)[:SCORED]
    methods: dict[str, dict[str, Figure]] = {}
    notes = []
    for worded in WORDED:
        patterns = train(shard_of([*known[:worded], *map(_wordless, known[worded:])], library.encoder))
        methods[LEARNED if worded == max(WORDED) else f"words_{worded}"] = _figures(patterns, new, library)
        notes.append(f"with {worded} worded photos {_speaker(patterns)}")
    return TaskResult("few_words", len(new), methods | {BEFORE: _before(new, library)}, notes=tuple(notes))


def _speaker(patterns: Patterns) -> str:
    """Who describes photos whose owner wrote nothing."""
    if not (patterns.learned and patterns.categories.voice.describes):
        return "the models' sentences are used"
    if not patterns.categories.voice.speaks:
        return "the models' sentences are completed"
    return f"(the column “{LEARNED}”) learned sentences are used"


def _wordless(item: Item) -> Item:
    return replace(item, description="", tags=())


def _figures(patterns: Patterns, new: Sequence[Item], library: Library) -> dict[str, Figure]:
    found = [enhance(item.observation, NOTHING, patterns) for item in new]
    figures = _described([one.description.text for one in found], new)
    if not patterns.learned:
        return figures
    answers = [tags.learned_answer(patterns, item) for item in new]
    return figures | _found(answers, search.learned_scores(patterns, tuple(new), _queries(new, library)), new)


def _before(new: Sequence[Item], library: Library) -> dict[str, Figure]:
    """What the models alone say and find."""
    described = _described([generic_description(item.observation) for item in new], new)
    seen = np.stack([item.observation.text_vector for item in new])
    scores = _queries(new, library) @ unit_rows(seen - seen.mean(axis=0)).T
    return described | _found([tags.before_answer(item) for item in new], scores, new)


def _queries(new: Sequence[Item], library: Library) -> Array:
    return library.encode([item.others[search.QUERY] for item in new])


def _found(answers: Sequence[tags.Answer], scores: Array, new: Sequence[Item]) -> dict[str, Figure]:
    tagged = tags.figures(answers, [frozenset(item.tags) for item in new])
    figures = {
        "tags_f1": tagged["f1"],
        "applied_precision": tagged["applied_precision"],
        "applied_a_photo": tagged["applied_a_photo"],
        "search_r_at_10": search.figures(scores)["r_at_10"],
    }
    return {name: figure for name, figure in figures.items() if not math.isnan(figure.value)}


def _described(texts: Sequence[str], new: Sequence[Item]) -> dict[str, Figure]:
    truth = [frozenset(content_lemmas(" . ".join((item.description, *item.others)))) for item in new]
    every = [frozenset(content_lemmas(text)) for text in texts]
    figures = descriptions.figures(texts, truth, every)
    return {name: figures[name] for name in ("right", "precision", "words")}
