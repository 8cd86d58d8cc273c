"""Who describes photos better, learned sentences or the models': chosen on photos not learned from."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shared.learning.calibration import NEVER
from shared.learning.category_model import SILENT, CategoryModel, Voice
from shared.learning.describe import Draft
from shared.learning.drafting import Evidence, Given, gather, listen
from shared.learning.pixels import Learned, PixelSums, measured_view
from shared.learning.tagging import tag_photo
from shared.learning.words import content_lemmas

WORDS_FROM = (0.1, 0.15, 0.25, 0.4)
MEASURED = 120
CAPTIONS = 60
"""Nearest captions looked at here: enough to choose by, and training stays fast."""

TELLING = 2.0
"""How much dearer a word left out is than one too many: one owner's words are only some of the right ones."""

Lemmas = frozenset[str]


def choose_voice(model: CategoryModel, sums: PixelSums, solutions: Mapping[int, Learned]) -> Voice:
    """Choose from what chance on learned words are said, and whether the models' sentences do better still.

    Parameters
    ----------
    model : CategoryModel
        Without a voice yet.
    sums : PixelSums
    solutions : mapping of int to Learned
        By fold, what has learned nothing from it.

    Returns
    -------
    Voice
        Of the chances whose F2 of content words against the owner's is as good as the best, the one that
        tells most; the models' sentences unless the learned ones have a better F1. These are completed
        where that has a better F1.

    References
    ----------
    Breiman, L. et al. (1984). Classification and Regression Trees, 3.4.3: the one-standard-error rule.
    """
    texts = sums.measured.texts
    by_id = sorted(range(len(sums.measured)), key=lambda row: sums.measured.ids[row])
    described = [row for row in by_id if texts["description"][row]][:MEASURED]
    found = dict(_evidence(model, sums, solutions, described))
    if not found:
        return SILENT
    truth = {
        row: _lemmas(" . ".join((texts["description"][row], *json.loads(texts["tags"][row]))))
        for row in found
    }
    generic = {row: _lemmas(texts["generic"][row]) for row in found}

    models = Score.of(generic, truth)
    whole = {row: _lemmas_of(evidence.completed(), generic[row]) for row, evidence in found.items()}
    completed = Score.of(whole, truth)
    completes = completed.surpasses(models)
    else_said, rival = (whole, completed) if completes else (generic, models)
    said, telling = {}, {}
    for words_from in WORDS_FROM:
        drafts = {row: evidence.draft(words_from) for row, evidence in found.items()}
        said[words_from] = {row: _lemmas_of(draft, else_said[row]) for row, draft in drafts.items()}
        telling[words_from] = Score.of(said[words_from], truth, TELLING)
    best = max(telling.values(), key=lambda score: score.value)
    words_from = min(chance for chance, score in telling.items() if not best.surpasses(score))
    learned = Score.of(said[words_from], truth)
    chosen = words_from if learned.surpasses(rival) else NEVER
    return Voice(chosen, learned.value, models.value, len(found), completed.value, float(completes))


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """F measure of content words over n photos, with what each photo adds to it or takes from it.

    Attributes
    ----------
    value : float
    influence : (n,) float64
        By the photos in one order; their mean is 0.
    """

    value: float
    influence: NDArray[np.float64]

    @classmethod
    def of(cls, said: Mapping[int, Lemmas], truth: Mapping[int, Lemmas], beta: float = 1.0) -> "Score":
        """Score what is said of photos against what is true of them; a recall `beta` times as dear."""
        share = beta**2
        right = np.asarray([len(said[row] & lemmas) for row, lemmas in truth.items()], dtype=np.float64)
        count = np.asarray([len(said[row]) + share * len(lemmas) for row, lemmas in truth.items()])
        value = float((1 + share) * right.sum() / max(count.sum(), 1))
        return cls(value, ((1 + share) * right - value * count) / max(count.mean(), 1))

    def surpasses(self, other: "Score") -> bool:
        """Whether it is higher by more than a standard error of the difference, photo by photo."""
        error = float(np.std(self.influence - other.influence)) / len(self.influence) ** 0.5
        return bool(self.value - other.value > error)


def _evidence(
    model: CategoryModel, sums: PixelSums, solutions: Mapping[int, Learned], described: Sequence[int]
) -> Iterator[tuple[int, Evidence]]:
    """Measured photos with what speaks for words, each under what has not learned from it."""
    texts = sums.measured.texts
    for fold, learned in sorted(solutions.items()):
        rows = [row for row in described if sums.measured.columns["fold"][row] == fold]
        if not rows:
            continue
        without = model.without(fold, learned)
        view = measured_view(sums, np.asarray(rows, dtype=np.intp), learned, without.memory, fold)
        likely, heard = without.tags.probabilities(view), listen(without, view, CAPTIONS)
        for at, row in enumerate(rows):
            labels = tuple((name, score) for name, score in json.loads(texts["labels"][row]))
            given = Given(labels=labels, alone=texts["generic"][row])
            one = view.take(slice(at, at + 1))
            tagging = tag_photo(without, one, likely[at])
            yield row, gather(without, given, tagging, likely[at], heard[at])


def _lemmas_of(draft: Draft | None, otherwise: Lemmas) -> Lemmas:
    return draft.lemmas if draft else otherwise


def _lemmas(text: str) -> Lemmas:
    return frozenset(content_lemmas(text))
