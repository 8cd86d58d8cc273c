"""What WordNet knows of words: the same, kinds of it, what it is a kind of.

A reader of the `index.*` and `data.*` files that looks only at what it is asked for.

References
----------
Miller, G. A. (1995). WordNet: A Lexical Database for English. Communications of the ACM 38(11).
"""

from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, Self

PARTS = ("noun", "verb", "adj")
SENSES = 2
DEPTH = 2
UNSEEN = 0.3
OTHER_PART = 0.4
_PART_OF = {"n": "noun", "v": "verb", "a": "adj", "s": "adj"}
_UP = frozenset({"@", "@i"})
_DOWN = frozenset({"~", "~i"})
_ALIKE = frozenset({"&"})


class Relation(StrEnum):
    """How one word stands to another."""

    OWNER = "owner"
    SPELLING = "spelling"
    SAME = "same"
    NARROWER = "narrower"
    BROADER = "broader"
    TOGETHER = "together"


class Related(NamedTuple):
    """A word WordNet relates: strength is at most 1, less by step, by sense, and where unusual."""

    word: str
    relation: Relation
    strength: float


@dataclass(frozen=True, slots=True)
class _Sense:
    part: str
    offset: int
    trust: float


@dataclass(frozen=True, slots=True)
class _Synset:
    words: tuple[str, ...]
    pointers: tuple[tuple[str, str, int], ...]


class WordNet:
    """The nouns, verbs and adjectives of a WordNet `dict` folder.

    Parameters
    ----------
    index : mapping of str to list of bytes
        Lines of the index file of each part of speech, which are in the order of their words.
    data : mapping of str to bytes
        The data files.
    """

    def __init__(self, index: Mapping[str, list[bytes]], data: Mapping[str, bytes]) -> None:
        self._index = index
        self._data = data
        self._read = lru_cache(maxsize=50_000)(self._parse)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read the files, which are parsed where something is asked for.

        Raises
        ------
        FileNotFoundError
            If the folder lacks one of them.
        """
        return cls(
            {part: _entries((folder / f"index.{part}").read_bytes()) for part in PARTS},
            {part: (folder / f"data.{part}").read_bytes() for part in PARTS},
        )

    def __contains__(self, word: str) -> bool:
        return any(self._line(part, word) for part in PARTS)

    def _line(self, part: str, word: str) -> bytes | None:
        start = word.replace(" ", "_").encode() + b" "
        lines = self._index[part]
        place = bisect_left(lines, start)
        return lines[place] if place < len(lines) and lines[place].startswith(start) else None

    def _senses(self, word: str) -> list["_Sense"]:
        """The first senses of a word in each part of speech, trusted less where it is rarely used so."""
        found: list[_Sense] = []
        for part in PARTS:
            line = self._line(part, word)
            if line is None:
                continue
            fields = line.decode().split()
            count = int(fields[2])
            trust = (1.0 if int(fields[-count - 1]) else UNSEEN) * (OTHER_PART if found else 1.0)
            offsets = fields[-count:][:SENSES]
            found += [_Sense(part, int(offset), trust / rank) for rank, offset in enumerate(offsets, 1)]
        return found

    def related(self, word: str) -> dict[str, Related]:
        """Words related to one, each once with its strongest relation; the word itself is not among them."""
        found: dict[str, Related] = {}
        for sense in self._senses(word):
            for related in self._around(sense.part, sense.offset, sense.trust):
                known = found.get(related.word)
                if related.word != word and (known is None or related.strength > known.strength):
                    found[related.word] = related
        return found

    def _around(self, part: str, offset: int, strength: float) -> Iterator[Related]:
        synset = self._read(part, offset)
        yield from (Related(word, Relation.SAME, strength) for word in synset.words)
        for symbol, other, target in synset.pointers:
            if symbol in _ALIKE:
                words = self._read(other, target).words
                yield from (Related(word, Relation.SAME, strength / 2) for word in words)
        for symbols, relation in ((_UP, Relation.BROADER), (_DOWN, Relation.NARROWER)):
            for words, depth in self._walk(part, offset, symbols):
                yield from (Related(word, relation, strength * 0.5**depth) for word in words)

    def _walk(self, part: str, offset: int, symbols: frozenset[str]) -> Iterator[tuple[tuple[str, ...], int]]:
        layer = [(part, offset)]
        for depth in range(1, DEPTH + 1):
            layer = [
                (other, target)
                for place in layer
                for symbol, other, target in self._read(*place).pointers
                if symbol in symbols
            ]
            yield from ((self._read(*place).words, depth) for place in layer)

    def _parse(self, part: str, offset: int) -> _Synset:
        data = self._data[part]
        fields = data[offset : data.index(b"|", offset)].decode().split()
        count = int(fields[3], 16)
        words = tuple(fields[4 + 2 * at].split("(")[0].replace("_", " ").lower() for at in range(count))
        first = 4 + 2 * count
        pointers = fields[first + 1 : first + 1 + 4 * int(fields[first])]
        return _Synset(
            words,
            tuple(
                (pointers[at], _PART_OF[pointers[at + 2]], int(pointers[at + 1]))
                for at in range(0, len(pointers), 4)
                if pointers[at + 2] in _PART_OF
            ),
        )


def _entries(index: bytes) -> list[bytes]:
    """Lines of an index file; those of its licence begin with a space."""
    return [line for line in index.split(b"\n") if line.strip() and not line.startswith(b" ")]
