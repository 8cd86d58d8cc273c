"""What an owner could do next to get more out of the library, most useful first."""

from shared.domain.dataset import Shard
from shared.learning.planning import FOLDS_BELOW
from shared.services.measuring import Answers
from shared.services.reporting.totals import Totals

FEW_WORDED = 100
UNBALANCED = 0.5
POOREST = 3


def advise(totals: Totals, photos: Shard | None, answers: Answers | None) -> tuple[str, ...]:
    """Sentences for the owner.

    Parameters
    ----------
    totals : Totals
    photos, answers : Shard and Answers, or None
        The measured photos and what was said of them.
    """
    found = []
    missing = FEW_WORDED - totals.worded
    if missing > 0:
        found.append(
            f"Describe or tag {missing} more photos: {totals.worded} have your words, and from about "
            f"{FEW_WORDED} on what is learned from them can be trusted"
        )
    elif totals.worded < 10 * FOLDS_BELOW:
        found.append(
            f"{totals.worded} photos have your words; figures get sharper with every one more, "
            "and descriptions and tags with them"
        )
    if totals.images and totals.top_categories:
        tag, count = totals.tags.most_common(1)[0]
        if totals.worded and count / totals.worded > UNBALANCED and len(totals.tags) > 1:
            found.append(f"More than half of your tagged photos say “{tag}”: tag other things in them, too")
    if photos is not None and answers is not None:
        found.extend(_poorest(photos, answers))
    return tuple(found)


def _poorest(photos: Shard, answers: Answers) -> list[str]:
    """Photos whose own descriptions are shortest: the first to mend."""
    short = sorted(
        (len(text.split()), photos.keys[row])
        for row, text in enumerate(photos.descriptions)
        if text
        and answers.descriptions[row]
        and len(text.split()) < len(answers.descriptions[row].split()) / 2
    )
    return [f"Write more than {words} words about {key}" for words, key in short[:POOREST]]
