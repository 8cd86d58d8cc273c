"""Captions as clauses: who, what they have on or with them, what they do, and where.

The parts of a clause are whole phrases of the owner's sentence. A part of one sentence fits another where the
library has put it beside the same kind of subject or the same verb.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from shared.learning import lexicon
from shared.learning.phrases import Parse, can_go, noun_phrase_end, parse, phrase_end
from shared.learning.speech import Part
from shared.learning.words import content_lemmas, lemma

PERSON = "person"
_VERBS = frozenset({Part.VERB, Part.GERUND})
_NOMINAL = frozenset({Part.DETERMINER, Part.NOMINAL, Part.ADVERB, Part.CONJUNCTION, Part.PREPOSITION})
_ENDS = frozenset(
    {
        Part.PREPOSITION,
        Part.STOP,
        Part.COMMA,
        Part.SUBORDINATOR,
        Part.CONJUNCTION,
        Part.GERUND,
        Part.PARTICIPLE,
        Part.RELATIVE,
    }
)
_SINGULAR_FORMS = frozenset({"is", "was", "has", "does"})
_PLURAL_FORMS = frozenset({"are", "were", "have", "do"})


class Number(StrEnum):
    """Grammatical number; `ANY` fits both."""

    ONE = "one"
    MANY = "many"
    ANY = "any"

    def agrees(self, other: "Number") -> bool:
        """Whether subject and verb go together."""
        return self is other or self is Number.ANY or other is Number.ANY


_DOING = {
    "does": Number.ONE,
    "has": Number.ONE,
    "do": Number.MANY,
    "have": Number.MANY,
    "doing": Number.ANY,
    "having": Number.ANY,
}
"""Auxiliaries that are verbs of their own before a noun."""


@dataclass(frozen=True, slots=True)
class Words:
    """A phrase in a form that may be said.

    Attributes
    ----------
    text : str
    lemmas : frozenset of str
        Its content lemmas.
    tied : bool
        Whether it refers to a subject of its own.
    """

    text: str
    lemmas: frozenset[str]
    tied: bool

    @classmethod
    def of(cls, text: str) -> "Words":
        """Read a phrase."""
        tied = not lexicon.REFERRING.isdisjoint(text.lower().split())
        return cls(text, frozenset(content_lemmas(text)), tied)


@dataclass(frozen=True, slots=True)
class Phrase:
    """Some whole words of a caption.

    Attributes
    ----------
    forms : tuple of Words
        As it stands, and without the adjectives that can go.
    noun : str
        Lemma of its last word.
    """

    forms: tuple[Words, ...]
    noun: str

    @property
    def full(self) -> str:
        """As it stands."""
        return self.forms[0].text

    @property
    def lemmas(self) -> frozenset[str]:
        """Content lemmas of it as it stands."""
        return self.forms[0].lemmas

    @property
    def plain_lemmas(self) -> frozenset[str]:
        """Content lemmas that stay without the adjectives."""
        return self.forms[-1].lemmas

    @classmethod
    def of(cls, parsed: Parse, start: int, end: int) -> "Phrase":
        """The words from `start` to `end` (exclusive)."""
        gone = {
            row
            for first, last in parsed.modifiers
            if start <= first and last <= end
            for row in range(first, last)
        }
        full = " ".join(parsed.pieces[start:end])
        plain = " ".join(parsed.pieces[row] for row in range(start, end) if row not in gone)
        forms = (full,) if plain == full else (full, plain)
        return cls(tuple(Words.of(form) for form in forms), lemma(parsed.pieces[end - 1]))


@dataclass(frozen=True, slots=True)
class Clause:
    """One caption taken apart.

    Attributes
    ----------
    subject : Phrase
    head : str
        Lemma of the subject's noun.
    kind : str
        `PERSON`, or the head.
    number : Number
        Of the subject.
    worn : tuple of Phrase
        What follows the subject before the verb: "in a red shirt", "with a ball".
    act : Phrase or None
        The verb with what it cannot do without.
    verb : str
        Lemma of the verb; empty where there is no act.
    form : Number
        Of the verb; a participle fits any subject.
    around : tuple of Phrase
        Prepositional phrases after the act, or after the subject where there is none.
    """

    subject: Phrase
    head: str
    kind: str
    number: Number
    worn: tuple[Phrase, ...]
    act: Phrase | None
    verb: str
    form: Number
    around: tuple[Phrase, ...]


@lru_cache(maxsize=50_000)
def clause(sentence: str) -> Clause | None:
    """Take one sentence apart; None where it has another form."""
    parsed = parse(sentence)
    begun = _subject(parsed)
    if begun is None or _hides_a_verb(parsed, 0, begun[0]):
        return None
    end, head, number = begun
    kind = PERSON if head in _PERSONS else head
    after, worn = _prepositional(parsed, end)
    start = Phrase.of(parsed, 0, end)
    if after == len(parsed.parts) or parsed.parts[after] is Part.STOP:
        return Clause(start, head, kind, number, (), None, "", Number.ANY, worn)
    acted = _act(parsed, after)
    if acted is None:
        return None
    act_end, verb, form = acted
    _, around = _prepositional(parsed, act_end)
    return Clause(start, head, kind, number, worn, Phrase.of(parsed, after, act_end), verb, form, around)


_PERSONS = lexicon.PERSONS | lexicon.MORE_PERSONS | {lemma(word) for word in lexicon.PERSONS}
_GROUPS = frozenset({"group", "couple", "pair", "crowd", "team", "bunch"})
_ONE = frozenset({"a", "an", "one", "another"})


def _subject(parsed: Parse) -> tuple[int, str, Number] | None:
    """End of the noun phrase that a sentence begins with, its noun and number; None where it has none."""
    parts, pieces = parsed.parts, parsed.pieces
    end = noun_phrase_end(parts, 0)
    if end == 0 or {Part.PRONOUN, Part.ADVERB} & set(parts[:end]):
        return None
    if pieces[end : end + 1] == ("of",):
        inner = noun_phrase_end(parts, end + 1)
        grouped = inner > end + 1 and lemma(pieces[end - 1]) in _GROUPS
        return (inner, lemma(pieces[inner - 1]), Number.ANY) if grouped else None
    joined = parts[end : end + 2] == (Part.CONJUNCTION, Part.DETERMINER)
    if joined:
        end = noun_phrase_end(parts, end + 1)
    nouns = [row for row in range(end) if parts[row] is Part.NOMINAL]
    head = lemma(pieces[end - 1])
    if joined or any(_joins(parsed, row) for row in range(end)):
        both = {lemma(pieces[row]) for row in nouns} & _PERSONS
        return (end, head, Number.MANY) if len(both) > 1 else None
    first = pieces[0].lower()
    if first in _ONE and pieces[1].lower() not in lexicon.MANY:
        return end, head, Number.ONE
    last = pieces[end - 1].lower()
    counted = lexicon.MANY & {first, pieces[min(1, end - 1)].lower()}
    several = bool(counted) or last in lexicon.CROWDS or last != head
    return end, head, Number.MANY if several else Number.ONE


def _joins(parsed: Parse, row: int) -> bool:
    """Whether an "and" joins nouns, not adjectives."""
    return parsed.parts[row] is Part.CONJUNCTION and parsed.pieces[row - 1].lower() not in lexicon.ADJECTIVES


def _prepositional(parsed: Parse, row: int) -> tuple[int, tuple[Phrase, ...]]:
    """Plain prepositional phrases from `row` on, and where they end."""
    found = []
    while row < len(parsed.parts) and parsed.parts[row] is Part.PREPOSITION:
        end = phrase_end(parsed.pieces, parsed.parts, row)
        plain = end > row and set(parsed.parts[row:end]) <= _NOMINAL
        if not plain or _hides_a_verb(parsed, row, end):
            break
        found.append(Phrase.of(parsed, row, end))
        row = end
    return row, tuple(found)


def _act(parsed: Parse, row: int) -> tuple[int, str, Number] | None:
    """End of the predicate at `row`, its verb's lemma and number; None where it is not plain."""
    parts, pieces = parsed.parts, parsed.pieces
    form, main = Number.ANY, row
    following = parts[row + 1] if row + 1 < len(parts) else Part.STOP
    if pieces[row].lower() in _DOING and following in {Part.DETERMINER, Part.NOMINAL}:
        form = _DOING[pieces[row].lower()]
    elif parts[row] is Part.AUXILIARY:
        if pieces[row].lower() not in _SINGULAR_FORMS | _PLURAL_FORMS:
            return None
        form = Number.ONE if pieces[row].lower() in _SINGULAR_FORMS else Number.MANY
        main = row + 1
        if main == len(parts) or parts[main] is not Part.GERUND:
            return None
    elif parts[row] is Part.VERB:
        form = Number.ONE if pieces[row].lower().endswith("s") else Number.MANY
    elif parts[row] is not Part.GERUND:
        return None
    end = main + 1
    if end < len(parts) and parts[end] is Part.PREPOSITION and not can_go(parsed, end):
        closed = phrase_end(pieces, parts, end)
        if closed == end or not set(parts[end:closed]) <= _NOMINAL:
            return None
        end = closed
    elif end < len(parts) and parts[end] in {Part.DETERMINER, Part.NOMINAL}:
        end = noun_phrase_end(parts, end)
        if pieces[end : end + 1] == ("of",):
            end = noun_phrase_end(parts, end + 1)
    if end < len(parts) and parts[end] not in _ENDS:
        return None
    if _hides_a_verb(parsed, main + 1, end):
        return None
    return end, lemma(pieces[main]), form


def _hides_a_verb(parsed: Parse, start: int, end: int) -> bool:
    """Whether a noun behind a noun may be a verb ("watching a dog climb"): not where the verb follows."""
    if parsed.parts[end : end + 1] in {(Part.AUXILIARY,), (Part.VERB,)}:
        return False
    return any(
        parsed.parts[row] is Part.NOMINAL
        and parsed.parts[row - 1] is Part.NOMINAL
        and parsed.pieces[row - 1].lower() not in lexicon.ADJECTIVES
        and lemma(parsed.pieces[row]) in lexicon.VERBS
        for row in range(start + 1, end)
    )
