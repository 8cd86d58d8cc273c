"""A light phrase grammar of captions: which whole phrases of a sentence can go and leave good English.

The grammar knows the closed classes of English, participles by their endings and the verbs of everyday
scenes. Where it is unsure it offers nothing to drop.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
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
_JOINERS = frozenset({Part.CONJUNCTION, Part.SUBORDINATOR})
_TIED = frozenset({Part.PREPOSITION, Part.AUXILIARY, Part.PARTICIPLE})
_APART = re.compile(r"\s+(?='s\b)")
_BEFORE_MARK = re.compile(r"\s+([^\w\s(\"'&#-])")
_DOUBLE_MARK = re.compile(r"[,;:]+(?=[.!?]|$)")
_ARTICLE = re.compile(r"\b([Aa])n? (?=(\w+))")
_PIECE = re.compile(r"\w+(?:['’.-]\w+)*|[^\w\s]")


class Kind(StrEnum):
    """What a droppable span is."""

    PREPOSITIONAL = "prepositional"
    PARTICIPLE = "participle"
    RELATIVE = "relative"
    CONJUNCT = "conjunct"
    CLAUSE = "clause"
    MODIFIER = "modifier"


@dataclass(frozen=True, slots=True)
class Span:
    """Pieces `start` to `end` (exclusive) of a parse, which can go as a whole."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True)
class Parse:
    """A sentence as pieces (words and punctuation) and the phrases that can be left out.

    Attributes
    ----------
    pieces : tuple of str
    parts : tuple of Part
    """

    pieces: tuple[str, ...]
    parts: tuple[Part, ...]

    @cached_property
    def spans(self) -> tuple[Span, ...]:
        """What can be left out, by start, longer first; they may nest, never cross."""
        size = len(self.pieces)
        found = {(s, e): kind for s, e, kind in _droppable(self.pieces, self.parts) if 0 < e - s < size}
        spans = [Span(start, end, kind) for (start, end), kind in found.items()]
        return tuple(sorted(spans, key=lambda span: (span.start, -span.end)))

    def without(self, dropped: Collection[Span]) -> str:
        """The sentence without some spans: spaces, commas, articles, capital and full stop mended."""
        gone = {row for span in dropped for row in range(span.start, span.end)}
        return _write([piece for row, piece in enumerate(self.pieces) if row not in gone])


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


def _droppable(pieces: tuple[str, ...], parts: tuple[Part, ...]) -> Iterator[tuple[int, int, Kind]]:
    predicate = _predicate(parts)
    for row, part in enumerate(parts):
        if part is Part.PREPOSITION:
            yield from _prepositional(pieces, parts, row, predicate)
        elif part in _PARTICIPLES:
            yield from _participle(parts, row, predicate)
        elif part is Part.RELATIVE and row > 0:
            end = _segment_end(parts, row)
            if end == len(parts) or parts[end] not in _JOINERS:
                yield *_with_commas(parts, row, end), Kind.RELATIVE
        elif part is Part.SUBORDINATOR and predicate < row:
            yield *_with_commas(parts, row, _sentence_end(parts, row)), Kind.CLAUSE
        elif part is Part.CONJUNCTION and predicate < row:
            yield from _conjunct(parts, row)
        if part in _BEFORE_MODIFIERS:
            yield from _modifier(pieces, row)


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


def _prepositional(
    pieces: tuple[str, ...], parts: tuple[Part, ...], row: int, predicate: int
) -> Iterator[tuple[int, int, Kind]]:
    if row == predicate or (row > 0 and (parts[row - 1] in _TIED or _needs(pieces[row - 1]))):
        return
    if pieces[row].lower() in {"of", "than", "like", "as", "up", "off", "out", "between"}:
        return
    end = phrase_end(pieces, parts, row)
    if end == row:
        return
    if row == 0:
        if end < len(parts) and parts[end] is Part.COMMA and predicate > end:
            yield 0, end + 1, Kind.PREPOSITIONAL
        return
    closed = end == len(parts) or parts[end] is not Part.CONJUNCTION or predicate < row
    if closed:
        yield *_with_commas(parts, row, end), Kind.PREPOSITIONAL


def _needs(word: str) -> bool:
    return lemma(word.lower()) in lexicon.NEEDS_PHRASE or word.lower() in lexicon.NEEDS_PHRASE


def _participle(parts: tuple[Part, ...], row: int, predicate: int) -> Iterator[tuple[int, int, Kind]]:
    starts = row > 0 and parts[row - 1] in {Part.NOMINAL, Part.PRONOUN, Part.COMMA}
    if row == predicate or not starts:
        return
    end = _segment_end(parts, row + 1)
    if end < len(parts) and parts[end] is Part.CONJUNCTION and predicate > end:
        return
    yield *_with_commas(parts, row, end), Kind.PARTICIPLE


def _conjunct(parts: tuple[Part, ...], row: int) -> Iterator[tuple[int, int, Kind]]:
    following = parts[row + 1] if row + 1 < len(parts) else Part.STOP
    if following in {Part.VERB, Part.GERUND, Part.AUXILIARY}:
        yield *_with_commas(parts, row, _segment_end(parts, row + 2)), Kind.CONJUNCT
        return
    end = noun_phrase_end(parts, row + 1)
    if end == row + 1 or following is not Part.DETERMINER:
        return
    if end < len(parts) and parts[end] in _PREDICATES:
        yield *_with_commas(parts, row, _sentence_end(parts, row)), Kind.CLAUSE
    elif end == len(parts) or parts[end] in {Part.STOP, Part.COMMA, Part.PREPOSITION}:
        yield *_with_commas(parts, row, _segment_end(parts, end)), Kind.CONJUNCT


def _modifier(pieces: tuple[str, ...], row: int) -> Iterator[tuple[int, int, Kind]]:
    end = row + 1
    while end < len(pieces) and (
        pieces[end].lower() in lexicon.ADJECTIVES
        or (pieces[end] == "and" and end > row + 1 and pieces[end + 1].lower() in lexicon.ADJECTIVES)
    ):
        end += 1
    if end == len(pieces) or closes(pieces[end].lower()):
        end -= 1
    while end > row + 1 and pieces[end - 1] == "and":
        end -= 1
    if end > row + 1:
        yield row + 1, end, Kind.MODIFIER


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


def _sentence_end(parts: tuple[Part, ...], row: int) -> int:
    while row < len(parts) and parts[row] is not Part.STOP:
        row += 1
    return row


def _with_commas(parts: tuple[Part, ...], start: int, end: int) -> tuple[int, int]:
    """The span with the comma before it, and the one after it where a pair encloses it."""
    if start > 0 and parts[start - 1] is Part.COMMA:
        start -= 1
        if end < len(parts) and parts[end] is Part.COMMA:
            end += 1
    return start, end


def _write(pieces: Sequence[str]) -> str:
    text = _BEFORE_MARK.sub(r"\1", " ".join(pieces))
    text = _DOUBLE_MARK.sub("", text)
    text = _ARTICLE.sub(_article, text).strip(" ,;:")
    return text[:1].upper() + text[1:] if text else text


def _article(match: re.Match[str]) -> str:
    word = match.group(2).lower()
    vowel = (word[0] in "aeiou" and not _CONSONANT.match(word)) or _SILENT.match(word)
    return f"{match.group(1)}{'n' if vowel else ''} "
