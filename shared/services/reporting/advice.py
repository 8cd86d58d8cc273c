"""What an owner could do next to get more out of the library, most useful first."""

from collections.abc import Iterator, Sequence
from statistics import median

from shared.domain.dataset import ENOUGH_HELD_OUT, Shard
from shared.services.measuring import Answers
from shared.services.reporting.totals import Totals

FEW_WORDED = 100
UNBALANCED = 0.5
RARE = 3
MANY_RARE = 0.5
MANY_ALIKE = 0.1
NAMED = 3
DOUBTED_FROM = 5
USUAL = 0.4
DOUBTFUL = 0.02


def advise(totals: Totals, photos: Shard | None, answers: Answers | None) -> tuple[str, ...]:
    """Sentences for the owner.

    Parameters
    ----------
    totals : Totals
    photos, answers : Shard and Answers, or None
        The measured photos and what was said of them.
    """
    found = [*_amount(totals), *_balance(totals), *_near_duplicates(totals), *_blank(totals)]
    if photos is not None and answers is not None:
        found += [*_doubted(photos, answers), *_poorest(photos, answers)]
    return tuple(found)


def _amount(totals: Totals) -> Iterator[str]:
    missing = FEW_WORDED - totals.worded
    if missing > 0:
        yield (
            f"Describe or tag {missing} more photos: {totals.worded} have your words, and from about "
            f"{FEW_WORDED} on what is learned from them can be trusted"
        )
    elif totals.worded < 10 * ENOUGH_HELD_OUT:
        yield (
            f"{totals.worded} photos have your words; figures get sharper with every one more, "
            "and descriptions and tags with them"
        )


def _balance(totals: Totals) -> Iterator[str]:
    if not totals.worded or len(totals.tags) < 2:
        return
    tag, count = min(totals.tags.items(), key=lambda item: (-item[1], item[0]))
    if count / totals.worded > UNBALANCED:
        yield f"More than half of your tagged photos say “{tag}”: tag other things in them, too"
    rare = sorted(name for name, photos in totals.tags.items() if photos < RARE)
    if len(rare) > MANY_RARE * len(totals.tags):
        yield (
            f"{len(rare)} of your {len(totals.tags)} tags stand on fewer than {RARE} photos, too few to "
            f"learn them ({_some(rare)}): give them to more photos, or use one word for the same thing"
        )


def _near_duplicates(totals: Totals) -> Iterator[str]:
    spare = totals.images - len(totals.bursts)
    if totals.images and spare > MANY_ALIKE * totals.images:
        largest = sorted(totals.bursts.items(), key=lambda item: (-item[1], item[0]))[:NAMED]
        files = [f"{count} like {totals.named_by[burst]}" for burst, count in largest if count > 1]
        yield f"{spare} photos nearly repeat another and teach nothing new: keep the best ({_some(files)})"


def _blank(totals: Totals) -> Iterator[str]:
    if totals.blank:
        files = _some(sorted(totals.blank))
        yield f"{len(totals.blank)} photos show next to nothing: leave them out ({files})"


def _doubted(photos: Shard, answers: Answers) -> Iterator[str]:
    """Tags on photos that look unlike the others with the tag, where those are usually recognised."""
    chances: dict[str, list[tuple[float, str]]] = {}
    for row, own in enumerate(answers.own_tags):
        for tag, chance in own.items():
            chances.setdefault(tag, []).append((chance, photos.keys[row]))
    doubted = [
        (chance, tag, key)
        for tag, found in chances.items()
        if len(found) >= DOUBTED_FROM and median(one for one, _ in found) >= USUAL
        for chance, key in found
        if chance < DOUBTFUL
    ]
    for _, tag, key in sorted(doubted)[:NAMED]:
        yield f"Is “{tag}” right for {key}? It looks like none of your other photos with that tag"


def _poorest(photos: Shard, answers: Answers) -> Iterator[str]:
    """Photos whose own descriptions are shortest: the first to mend."""
    short = sorted(
        (len(text.split()), photos.keys[row])
        for row, text in enumerate(photos.descriptions)
        if text
        and answers.descriptions[row]
        and len(text.split()) < len(answers.descriptions[row].split()) / 2
    )
    for words, key in short[:NAMED]:
        yield f"Write more than {words} {'word' if words == 1 else 'words'} about {key}"


def _some(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
