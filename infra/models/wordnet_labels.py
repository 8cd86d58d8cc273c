"""What each ImageNet and COCO class is a kind of, from WordNet 3.0, in which ImageNet's classes are defined.

ImageNet lists its classes in the order of their WordNet 3.0 offsets. A label's names often have several
senses ("crane"), but only one choice of senses has increasing offsets over all thousand labels.
"""

from bisect import bisect_right
from collections.abc import Sequence
from pathlib import Path

_HYPERNYM_POINTERS = ("@", "@i")


class Nouns:
    """Nouns of a WordNet `dict` folder: `index.noun` and `data.noun`."""

    def __init__(self, folder: Path) -> None:
        self._data = (folder / "data.noun").read_bytes()
        self._senses: dict[str, tuple[int, ...]] = {}
        for line in (folder / "index.noun").read_text(encoding="utf-8").splitlines():
            if not line.startswith(" "):
                fields = line.split()
                self._senses[fields[0]] = tuple(int(offset) for offset in fields[-int(fields[2]) :])

    def senses(self, name: str) -> tuple[int, ...]:
        """Offsets of a name's senses, most frequent first."""
        return self._senses.get(name.strip().lower().replace(" ", "_"), ())

    def hypernyms(self, offset: int, count: int) -> list[str]:
        """Names of what the sense is a kind of, nearest first."""
        names: list[str] = []
        while len(names) < count:
            fields = self._fields(offset)
            words = int(fields[3], 16)
            pointers = fields[5 + 2 * words :]
            parents = (
                int(pointers[at + 1])
                for at in range(0, 4 * int(fields[4 + 2 * words]), 4)
                if pointers[at] in _HYPERNYM_POINTERS and pointers[at + 2] == "n"
            )
            parent = next(parents, None)
            if parent is None:
                break
            offset = parent
            names.append(self._fields(offset)[4].replace("_", " "))
        return names

    def _fields(self, offset: int) -> list[str]:
        line = self._data[offset : self._data.index(b"\n", offset)].decode()
        return line.split(" | ")[0].split()


def choose_senses(labels: Sequence[Sequence[str]], nouns: Nouns) -> list[int | None]:
    """The sense of every ImageNet label: most labels with strictly increasing offsets, by patience sorting.

    Parameters
    ----------
    labels : sequence of sequence of str
        Names of each class, in ImageNet's order.

    Returns
    -------
    list of int or None
        An offset a label; None for the few that no increasing choice reaches.
    """
    tails: list[int] = []
    ends: list[tuple[int, int]] = []
    back: dict[tuple[int, int], tuple[int, int] | None] = {}
    for position, names in enumerate(labels):
        for offset in sorted(_candidates(names, nouns), reverse=True):
            at = bisect_right(tails, offset - 1)
            back[(position, offset)] = ends[at - 1] if at else None
            if at == len(tails):
                tails.append(offset)
                ends.append((position, offset))
            else:
                tails[at], ends[at] = offset, (position, offset)
    chosen: list[int | None] = [None] * len(labels)
    step = ends[-1] if ends else None
    while step is not None:
        chosen[step[0]] = step[1]
        step = back[step]
    return chosen


def _candidates(names: Sequence[str], nouns: Nouns) -> set[int]:
    """Senses that all known names of a label share, or failing that any sense of one of them."""
    known = [set(senses) for name in names if (senses := nouns.senses(name))]
    if not known:
        return set()
    return set.intersection(*known) or set.union(*known)
