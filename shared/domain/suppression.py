"""What must not be seen again: the faces of an erased person, and the words that named them.

A suppression names places in a photo and hashes of a name, never an encoding or the name itself: it can keep
somebody out, and nobody can be recognised by it.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Protocol

import numpy as np

from shared.domain.observation import Box, FileWords, Observation, Region
from shared.domain.record import NamedFace

SOMEONE = "someone"
"""Stands in a sentence where the name stood."""
OVERLAP = 0.3
PERSON_FEATURE = "person_crop"
"""The feature block that shows one person of the photo alone."""
_WORD = re.compile(r"\w+")
_LEAST_PART = 2


class _Named(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def box(self) -> Box: ...


@dataclass(frozen=True, slots=True)
class HiddenName:
    """A name, or one word of it, as a salted hash.

    Attributes
    ----------
    salt : str
    words : int
        How many words the name has.
    digest : str
        32 hex digits.
    part : bool
        Whether it is one word, which many sentences hold in another sense ("Rose", "Will"): in sentences it
        counts only where it is written with a capital.
    """

    salt: str
    words: int
    digest: str
    part: bool

    @classmethod
    def of(cls, words: Sequence[str], salt: str) -> "HiddenName":
        """The hash of a name's words."""
        return cls(salt, len(words), _digest(salt, words), len(words) == 1)

    def at(self, words: Sequence[str], start: int) -> bool:
        """Whether the name stands in plain words from `start` on."""
        window = words[start : start + self.words]
        return len(window) == self.words and _digest(self.salt, window) == self.digest


@dataclass(frozen=True, slots=True)
class Suppression:
    """What of one photo must not be seen or said again.

    Attributes
    ----------
    boxes : tuple of Box
        Faces of erased people.
    names : tuple of HiddenName
    """

    boxes: tuple[Box, ...] = ()
    names: tuple[HiddenName, ...] = ()

    def __or__(self, other: "Suppression") -> "Suppression":
        return Suppression(
            tuple(dict.fromkeys((*self.boxes, *other.boxes))),
            tuple(dict.fromkeys((*self.names, *other.names))),
        )

    def hides(self, box: Box) -> bool:
        """Whether a box is one of the faces."""
        return any(_same_place(box, hidden) for hidden in self.boxes)

    def seen(self, observation: Observation) -> Observation:
        """An observation without the faces: neither their encodings nor what shows one person alone."""
        if not self.boxes:
            return observation
        features = {
            name: np.zeros_like(block) if name == PERSON_FEATURE else block
            for name, block in observation.features.items()
        }
        faces = tuple(face for face in observation.faces if not self.hides(face.box))
        return replace(observation, faces=faces, features=features)

    def said(self, words: FileWords) -> FileWords:
        """A file's words without the name."""
        return FileWords(
            self.sentence(words.description) if words.description else words.description,
            self.tags(words.tags),
            tuple(Region(one.name, one.box) for one in words.regions if not self._is_named(one)),
        )

    def named(self, faces: Iterable[NamedFace]) -> tuple[NamedFace, ...]:
        """Named faces but those hidden."""
        return tuple(face for face in faces if not self._is_named(face))

    def sentence(self, text: str) -> str:
        """A sentence with "someone" in the name's place."""
        return without_names(text, self.names)

    def tags(self, tags: Iterable[str]) -> tuple[str, ...]:
        """Tags but those that hold the name."""
        return tuple(tag for tag in tags if not self.is_name(tag))

    def is_name(self, tag: str) -> bool:
        """Whether a tag is the name in any case of letters, or holds it as a sentence would."""
        written = _WORD.findall(tag)
        words = [_plain(word) for word in written]
        return any(
            name.at(words, start) and (len(words) == 1 or _meant(name, written[start]))
            for name in self.names
            for start in range(len(words))
        )

    def _is_named(self, one: _Named) -> bool:
        return self.hides(one.box) or self.is_name(one.name)


def hidden_names(names: Iterable[str], salt: str, *, parts: bool) -> tuple[HiddenName, ...]:
    """Hashes of names.

    Parameters
    ----------
    names : iterable of str
    salt : str
    parts : bool
        Whether each word of a name counts by itself, too: on photos that show the person.
    """
    found: dict[HiddenName, None] = {}
    for name in sorted(names):
        words = words_of(name)
        if words:
            found[HiddenName.of(words, salt)] = None
        if parts:
            found.update((HiddenName.of([word], salt), None) for word in words if len(word) >= _LEAST_PART)
    return tuple(sorted(found, key=lambda name: (-name.words, name.digest)))


def without_names(text: str, names: Collection[HiddenName]) -> str:
    """A text with "someone" wherever a name stood, the longest names first."""
    spans = list(_WORD.finditer(text))
    plain = [_plain(span.group()) for span in spans]
    pieces, end, at = [], 0, 0
    while at < len(spans):
        name = next((name for name in names if name.at(plain, at) and _meant(name, spans[at].group())), None)
        if name is None:
            at += 1
            continue
        pieces += [text[end : spans[at].start()], SOMEONE]
        at += name.words
        end = spans[at - 1].end()
    return "".join([*pieces, text[end:]])


def words_of(text: str) -> list[str]:
    """The words of a text, composed and without regard to case."""
    return [_plain(word) for word in _WORD.findall(text)]


def _meant(name: HiddenName, word: str) -> bool:
    return not name.part or not word[0].islower()


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold()


def _digest(salt: str, words: Sequence[str]) -> str:
    return sha256(f"{salt}/{' '.join(words)}".encode()).hexdigest()[:32]


def _same_place(one: Box, other: Box) -> bool:
    return one.iou(other) >= OVERLAP or one.holds_centre(other) or other.holds_centre(one)
