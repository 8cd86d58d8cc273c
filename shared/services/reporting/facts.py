"""What the report says of the library and of the files that the phases solved."""

import json
from collections import Counter
from collections.abc import Mapping
from itertools import combinations

import numpy as np

from shared.domain.dataset import Shard
from shared.learning.faces import FacePatterns
from shared.services.evaluation.base import bootstrap_mean
from shared.services.reporting.content import CurvePoint, People, Somebody

PAIRS = 40
RELATED = 12
SHOWN = 12


def people_of(faces: FacePatterns) -> People:
    """How the faces were grouped, and the people with most of them."""
    seen = [person for person in faces.people if not person.hidden]
    return People(
        people=len(faces.people),
        named=sum(bool(person.name) for person in faces.people),
        faces=sum(len(person.faces) for person in faces.people) + len(faces.unassigned),
        unassigned=len(faces.unassigned),
        questions=len(faces.questions),
        most=tuple(Somebody(person.name, len(person.faces), person.best_face) for person in seen[:SHOWN]),
    )


def machine_made(improved: bytes) -> dict[str, int]:
    """How many descriptions and tags were made by machine: counted, never taught back."""
    answers = json.loads(improved)
    return {
        "descriptions": sum(answer["improved"] != answer["description"] for answer in answers),
        "suggested_tags": sum(len(answer["suggested_tags"]) for answer in answers),
    }


def count_pairs(shard: Shard) -> Counter[tuple[str, str]]:
    """Tags that stand on one photo together, with how many photos."""
    return Counter(pair for tags in shard.tags for pair in combinations(sorted(set(tags)), 2))


def leading_pairs(counted: Mapping[tuple[str, str], int]) -> tuple[tuple[str, str, int], ...]:
    """The pairs that go together most often."""
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:PAIRS]
    return tuple((first, second, count) for (first, second), count in ranked if count > 1)


def related_words(search_index: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Words with most related words."""
    synonyms = json.loads(search_index)["synonyms"]
    longest = sorted(synonyms.items(), key=lambda item: (-len(item[1]), item[0]))[:RELATED]
    return tuple((word, tuple(others)) for word, others in longest)


def learning_curve(category_patterns: bytes) -> tuple[CurvePoint, ...]:
    """How well tags are found after a few corrections, over the tags this was tried with."""
    tried = json.loads(category_patterns).get("corrections")
    if not tried:
        return ()
    precision = np.asarray(tried["average_precision"], dtype=np.float64)
    return tuple(
        CurvePoint(corrections, len(tried["tags"]), bootstrap_mean(precision[step]))
        for step, corrections in enumerate(tried["corrections"])
    )
