"""Phase 5: for every photo a better description where its own evidence supports one, tags to offer, and why.

A map over shards with the patterns of the phases before; the sums are the photos' answers side by side.
File: `improved_descriptions.json`.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.domain.dataset import Shard
from shared.learning.drafting import Given, draft_words, listen, reasons
from shared.learning.patterns import Patterns
from shared.learning.sketch import pack_texts, unpack_texts

FILE = "improved_descriptions.json"


@dataclass(frozen=True, slots=True, eq=False)
class ImprovedSums:
    """Answers by photo id, each one JSON object."""

    answers: dict[str, str]

    def __add__(self, other: "ImprovedSums") -> "ImprovedSums":
        return ImprovedSums(self.answers | other.answers)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """What `from_arrays` reads back."""
        ids = sorted(self.answers)
        return {"ids": pack_texts(ids), "answers": pack_texts([self.answers[photo] for photo in ids])}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[np.generic]]) -> "ImprovedSums":
        """Read back what `arrays` gave."""
        return cls(dict(zip(unpack_texts(arrays["ids"]), unpack_texts(arrays["answers"]), strict=True)))


@dataclass(frozen=True, slots=True, eq=False)
class ImprovedPatterns:
    """The answers, as the one file of the phase."""

    answers: dict[str, str]

    def files(self) -> dict[str, bytes]:
        """Bundle file name with its bytes: an array, one photo a line, by id."""
        lines = ",\n".join(self.answers[photo] for photo in sorted(self.answers))
        return {FILE: f"[\n{lines}\n]\n".encode()}


def observe(shard: Shard, patterns: Patterns) -> ImprovedSums:
    """Answer for the photos of one shard."""
    if not patterns.learned:
        rows = range(len(shard))
        return ImprovedSums(
            {shard.ids[row]: _answer(shard, row, shard.descriptions[row], (), ()) for row in rows}
        )
    view = patterns.view_shard(shard)
    likely = patterns.categories.tags.probabilities(view)
    silent = np.flatnonzero([not text for text in shard.descriptions])
    describes = patterns.categories.voice.describes
    heard = listen(patterns.categories, view.take(silent)) if describes else []
    told = dict(zip(silent.tolist(), heard, strict=describes))
    answers = {}
    for row, photo in enumerate(shard.ids):
        alone = shard.generic[row]
        given = Given(shard.tags[row], shard.removed_tags[row], labels=shard.labels[row], alone=alone)
        own = shard.descriptions[row]
        tagging, draft = draft_words(
            patterns,
            view.take(slice(row, row + 1)),
            given,
            describing=not own,
            likely=likely[row],
            heard=told.get(row),
        )
        suggested = tuple(tag.tag for tag in (*tagging.applied, *tagging.suggested))
        if own:
            answers[photo] = _answer(shard, row, own, suggested, ("you wrote it",))
        elif draft:
            answers[photo] = _answer(shard, row, draft.text, suggested, reasons(draft, given, tagging))
        else:
            answers[photo] = _answer(shard, row, None, suggested, ())
    return ImprovedSums(answers)


def solve(sums: ImprovedSums) -> ImprovedPatterns:
    """Put the answers in order."""
    return ImprovedPatterns(sums.answers)


def _answer(
    shard: Shard, row: int, improved: str | None, suggested: tuple[str, ...], why: tuple[str, ...]
) -> str:
    plain = shard.generic[row]
    known = {
        "id": shard.ids[row],
        "description": shard.descriptions[row] or plain,
        "improved": improved or plain,
        "suggested_tags": list(suggested),
        "why": list(why) or ["the models alone: nothing the library taught fits"],
    }
    return json.dumps(known, ensure_ascii=False, sort_keys=True)
