"""A light phrase grammar of captions: where the phrases of a sentence end, and which of them can go.

The grammar knows the closed classes of English, participles by their endings and the verbs of everyday
scenes. Where it is unsure it offers nothing to leave out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from shared.learning import lexicon
from shared.learning.speech import Part, closes, tag
from shared.learning.words import lemma, normalise

_CONSONANT = re.compile(r"uni(?![dmn])|us[aei]|u$|eu|onc?e")
_SILENT = re.compile(r"hour|hono|hones|heir")
_HEADS = frozenset({Part.NOMINAL, Part.PRONOUN})
_BEFORE_NOUNS = frozenset({Part.DETERMINER, Part.ADVERB})
_BEFORE_MODIFIERS = frozenset({Part.DETERMINER, Part.PREPOSITION, Part.GERUND, Part.VERB})
_PREPOSITIONS = frozenset({Part.PREPOSITION})
_PARTICIPLES = frozenset({Part.GERUND, Part.PARTICIPLE})
_FINITE = frozenset({Part.VERB, Part.AUXILIARY})
_PREDICATES = _FINITE | {Part.GERUND}
_STOPS = _FINITE | {Part.COMMA, Part.STOP, Part.SUBORDINATOR}
_TIED = frozenset({Part.PREPOSITION, Part.AUXILIARY, Part.PARTICIPLE})
_INSEPARABLE = frozenset({"of", "than", "like", "as", "up", "off", "out", "between"})
_APART = re.compile(r"\s+(?='s\b)")
_BEFORE_MARK = re.compile(r"\s+([^\w\s(\"'&#-])")
_DOUBLE_MARK = re.compile(r"[,;:]+(?=[.!?]|$)")
_ARTICLE = re.compile(r"\b([Aa])n? (?=(\w+))")
_PIECE = re.compile(r"\w+(?:['’.-]\w+)*|[^\w\s]")


@dataclass(frozen=True)
class Parse:
    """A sentence as pieces (words and punctuation) with their parts of speech.

    Attributes
    ----------
    pieces : tuple of str
    parts : tuple of Part
    """

    pieces: tuple[str, ...]
    parts: tuple[Part, ...]

    @cached_property
    def modifiers(self) -> tuple[tuple[int, int], ...]:
        """Where adjectives before nouns begin and end (exclusive): all of them can go."""
        following = enumerate(zip(self.parts, self.pieces[1:], strict=False), 1)
        starts = [
            row
            for row, (part, piece) in following
            if part in _BEFORE_MODIFIERS and piece.lower() in lexicon.ADJECTIVES
        ]
        spans = [(start, _modifier_end(self.pieces, start)) for start in starts]
        return tuple((start, end) for start, end in spans if end > start)


def sentences(description: str) -> tuple[str, ...]:
    """The sentences of a description, without their full stops."""
    parts = description.replace("! ", ". ").replace("? ", ". ").replace(" . ", ". ").split(". ")
    return tuple(part.strip(" .") for part in parts if part.strip(" ."))


def parse(sentence: str) -> Parse:
    """Take one sentence apart into pieces with their parts of speech."""
    pieces = _pieces(sentence)
    return Parse(pieces, tag(pieces))


def mended(sentence: str) -> str:
    """A sentence with spaces, commas, articles, capital and full stop as they should be."""
    return _write(_pieces(sentence))


def _pieces(sentence: str) -> tuple[str, ...]:
    return tuple(_PIECE.findall(_APART.sub("", normalise(sentence))))


def can_go(parsed: Parse, row: int) -> bool:
    """Whether the prepositional phrase at `row`, which words stand before, can be left out."""
    pieces, parts = parsed.pieces, parsed.parts
    before = pieces[row - 1].lower()
    if parts[row - 1] in _TIED or before in lexicon.NEEDS_PHRASE or lemma(before) in lexicon.NEEDS_PHRASE:
        return False
    end, predicate = phrase_end(pieces, parts, row), _predicate(parts)
    if row in {end, predicate} or pieces[row].lower() in _INSEPARABLE:
        return False
    return end == len(parts) or parts[end] is not Part.CONJUNCTION or predicate < row


def _predicate(parts: tuple[Part, ...]) -> int:
    """Where the main predicate starts: the first finite verb of the main clause, else the first participle.

    A fragment without either ("a dog in the forest") has its first prepositional phrase as predicate.
    """
    clause = next((row for row, part in enumerate(parts) if part is Part.SUBORDINATOR and row), len(parts))
    relative = False
    for row, part in enumerate(parts[:clause]):
        relative = relative or part is Part.RELATIVE
        if part in _FINITE:
            if not relative:
                return row
            relative = False
    for kinds in (_PARTICIPLES, _PREPOSITIONS):
        for row, part in enumerate(parts[:clause]):
            if part in kinds:
                return row
    return len(parts)


def noun_phrase_end(parts: tuple[Part, ...], row: int) -> int:
    """End of the noun phrase that starts at `row`; `row` itself where none does."""
    start = row
    while row < len(parts) and parts[row] in _BEFORE_NOUNS:
        row += 1
    first = row
    while row < len(parts) and parts[row] in _HEADS:
        row += 1
    joined = row + 1 < len(parts) and parts[row] is Part.CONJUNCTION and row > first
    if joined and parts[row + 1] is Part.NOMINAL:
        row = noun_phrase_end(parts, row + 1)
    return row if row > first else start


def phrase_end(pieces: tuple[str, ...], parts: tuple[Part, ...], row: int) -> int:
    """End of the prepositional phrase whose preposition stands at `row`; `row` where there is none."""
    after = row
    while after < len(parts) and parts[after] is Part.PREPOSITION:
        after += 1
    end = noun_phrase_end(parts, after)
    if end == after:
        return row
    while end < len(parts) and pieces[end].lower() == "of":
        deeper = noun_phrase_end(parts, end + 1)
        if deeper == end + 1:
            return row
        end = deeper
    attached = {Part.PARTICIPLE, Part.RELATIVE}
    if pieces[row].lower() == "with":
        attached |= {Part.GERUND, Part.PREPOSITION}
    if end < len(parts) and parts[end] in attached:
        end = _segment_end(parts, end + 1)
    return end


def _modifier_end(pieces: tuple[str, ...], start: int) -> int:
    """End of the adjectives from `start` on that a noun follows; `start` where none does."""
    end, last = start, len(pieces) - 1
    while end <= last and (
        pieces[end].lower() in lexicon.ADJECTIVES
        or (start < end < last and pieces[end] == "and" and pieces[end + 1].lower() in lexicon.ADJECTIVES)
    ):
        end += 1
    if end > last or closes(pieces[end].lower()):
        end -= 1
    while end > start and pieces[end - 1] == "and":
        end -= 1
    return max(start, end)


def _segment_end(parts: tuple[Part, ...], row: int) -> int:
    """Where a phrase that is under way at `row` must stop at the latest: at the next clause."""
    relative = False
    while row < len(parts):
        if parts[row] is Part.RELATIVE:
            relative = True
        elif relative and parts[row] in _FINITE:
            relative = row + 1 < len(parts) and parts[row + 1] in _FINITE
        elif parts[row] in _STOPS or (parts[row] is Part.CONJUNCTION and not _joins_nouns(parts, row)):
            break
        row += 1
    return row


def _joins_nouns(parts: tuple[Part, ...], row: int) -> bool:
    end = noun_phrase_end(parts, row + 1)
    open_end = end < len(parts) and parts[end] in _PREDICATES
    return end > row + 1 and not open_end


def _write(pieces: Sequence[str]) -> str:
    text = _BEFORE_MARK.sub(r"\1", " ".join(pieces))
    text = _DOUBLE_MARK.sub("", text)
    text = _ARTICLE.sub(_article, text).strip(" ,;:")
    return text[:1].upper() + text[1:] if text else text


def _article(match: re.Match[str]) -> str:
    word = match.group(2).lower()
    vowel = (word[0] in "aeiou" and not _CONSONANT.match(word)) or _SILENT.match(word)
    return f"{match.group(1)}{'n' if vowel else ''} "
