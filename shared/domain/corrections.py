"""What owners say of photos after upload, and the fold of all they said into one answer.

Corrections are create-only events. `fold` does not depend on the order they are given in, nor on how often
one is given: they apply in the order of their ids, and an undone one as if it had never been said.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from shared.domain.errors import InvalidCorrection
from shared.domain.observation import FileWords
from shared.domain.record import NamedFace, OwnerWords

TAG_LENGTH = 100
DESCRIPTION_LENGTH = 5_000


def tag_text(text: str) -> str:
    """A tag as it is kept: composed (NFC), white space trimmed and single, capitals as written.

    Raises
    ------
    InvalidCorrection
        Where nothing is left, it is longer than 100 characters, or it holds control characters.
    """
    tag = " ".join(unicodedata.normalize("NFC", text).split())
    if not tag:
        raise InvalidCorrection("A tag cannot be empty: write at least one letter")
    if len(tag) > TAG_LENGTH:
        raise InvalidCorrection(
            f"A tag has at most {TAG_LENGTH} characters, this one has {len(tag)}: shorten it"
        )
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in tag):
        raise InvalidCorrection("A tag cannot hold control characters: type it again")
    return tag


def description_text(text: str) -> str:
    """A description as it is kept: composed (NFC) and trimmed; empty to take it away.

    Raises
    ------
    InvalidCorrection
        Where it is longer than 5,000 characters.
    """
    description = unicodedata.normalize("NFC", text).strip()
    if len(description) > DESCRIPTION_LENGTH:
        raise InvalidCorrection(
            f"A description has at most {DESCRIPTION_LENGTH} characters, not {len(description)}: shorten it"
        )
    return description


@dataclass(frozen=True, slots=True)
class _OfTag:
    tag: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "tag", tag_text(self.tag))


@dataclass(frozen=True, slots=True)
class AddTag(_OfTag):
    """The photo has this tag."""

    kind: Literal["add_tag"] = "add_tag"


@dataclass(frozen=True, slots=True)
class RemoveTag(_OfTag):
    """The photo does not have this tag, whoever said so."""

    kind: Literal["remove_tag"] = "remove_tag"


@dataclass(frozen=True, slots=True)
class AcceptSuggestion(_OfTag):
    """A suggested tag is right: it becomes the owner's."""

    kind: Literal["accept_suggestion"] = "accept_suggestion"


@dataclass(frozen=True, slots=True)
class DismissSuggestion(_OfTag):
    """A suggested tag is not wanted here."""

    kind: Literal["dismiss_suggestion"] = "dismiss_suggestion"


@dataclass(frozen=True, slots=True)
class SetDescription:
    """The photo's description from now on; an empty one takes it away."""

    text: str
    kind: Literal["set_description"] = "set_description"

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", description_text(self.text))


@dataclass(frozen=True, slots=True)
class UndoCorrection:
    """An earlier correction is taken back, as if it had never been said."""

    correction_id: str
    kind: Literal["undo"] = "undo"


CorrectionWord = AddTag | RemoveTag | AcceptSuggestion | DismissSuggestion | SetDescription | UndoCorrection


@dataclass(frozen=True, slots=True)
class Correction:
    """One create-only event of a photo; `correction_id` is a ULID: sorting by id is sorting by time."""

    correction_id: str
    at: datetime
    word: CorrectionWord


def standing(corrections: Iterable[Correction]) -> list[Correction]:
    """The corrections no later one takes back, each once, in order; an undo can itself be undone."""
    by_id = {correction.correction_id: correction for correction in corrections}
    undone: set[str] = set()
    kept = []
    for correction_id in sorted(by_id, reverse=True):
        if correction_id in undone:
            continue
        word = by_id[correction_id].word
        if isinstance(word, UndoCorrection):
            undone.add(word.correction_id)
        else:
            kept.append(by_id[correction_id])
    return kept[::-1]


@dataclass(slots=True)
class _Said:
    """The fold under way; tags by their casefolded form."""

    description: str | None
    tags: dict[str, str] = field(default_factory=dict)
    removed: dict[str, str] = field(default_factory=dict)
    dismissed: dict[str, str] = field(default_factory=dict)

    def apply(self, word: CorrectionWord) -> None:
        match word:
            case SetDescription(text):
                self.description = text or None
            case AddTag(tag) | AcceptSuggestion(tag):
                self.add(tag)
            case RemoveTag(tag):
                self._forget(tag)
                self.removed[tag.casefold()] = tag
            case DismissSuggestion(tag) if tag.casefold() not in self.tags | self.removed:
                self.dismissed[tag.casefold()] = tag

    def add(self, tag: str) -> None:
        shown = self.tags.get(tag.casefold(), tag)
        self._forget(tag)
        self.tags[tag.casefold()] = shown

    def _forget(self, tag: str) -> None:
        for known in (self.tags, self.removed, self.dismissed):
            known.pop(tag.casefold(), None)


def fold(file_words: FileWords, corrections: Iterable[Correction]) -> OwnerWords:
    """The owner's words on a photo: its file's, then every correction.

    Parameters
    ----------
    file_words : FileWords
        Tags that could not be corrections (empty, too long) are left out.
    corrections : iterable of Correction
        In any order; one given twice counts once.

    Returns
    -------
    OwnerWords
        Tags sorted without regard to case, each in the form first written; without a text vector.
    """
    corrections = tuple(corrections)
    said = _Said(file_words.description)
    for text in file_words.tags:
        try:
            said.add(tag_text(text))
        except InvalidCorrection:
            continue
    for correction in standing(corrections):
        said.apply(correction.word)
    return OwnerWords(
        description=said.description,
        tags=_sorted(said.tags),
        removed_tags=_sorted(said.removed),
        dismissed=_sorted(said.dismissed),
        faces=tuple(NamedFace(region.name, region.box) for region in file_words.regions),
        applied=tuple(sorted({correction.correction_id for correction in corrections})),
    )


def _sorted(tags: dict[str, str]) -> tuple[str, ...]:
    return tuple(tags[key] for key in sorted(tags))
