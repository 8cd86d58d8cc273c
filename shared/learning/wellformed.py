"""A strict grammar of caption sentences: what it accepts is good English, what it does not know it refuses.

It stands behind every sentence made by leaving phrases out or filling slots: there are always other
sentences to choose from, so refusing a good one costs little.
"""

import re
from itertools import pairwise

from shared.learning import lexicon
from shared.learning.phrases import Parse
from shared.learning.speech import Part
from shared.learning.words import lemma

_NOUN_PHRASE = r"(?:D*M?(?:J(?:[C,]?J)*)?N+(?:SN+)?|O)"
_NOUNS = rf"(?:{_NOUN_PHRASE}(?:(?:,{_NOUN_PHRASE})*,?C{_NOUN_PHRASE})?)"
_PREPOSITIONAL = rf"(?:P{{1,3}}(?:{_NOUNS}|J(?:CJ)?))"
_AROUND = rf"(?:{_PREPOSITIONAL}|M)"
_COMPLEMENT = rf"(?:{_NOUNS})?{_AROUND}*"
_PARTICIPIAL = rf"(?:(?:,G|[GE])P?{_COMPLEMENT}(?:CGP?{_COMPLEMENT})?)"
_PREDICATE = (
    rf"(?:M?(?:A{{1,2}}M?(?:[GE]P?{_COMPLEMENT}|J?{_AROUND}+|J|{_NOUNS}{_AROUND}*)|V+P?{_COMPLEMENT}))"
)
_SUBJECT = rf"(?:{_NOUNS}{_AROUND}*{_PARTICIPIAL}?)"
_VERB_PHRASE = rf"(?:,?{_PREDICATE}(?:,?C{_PREDICATE})*{_PARTICIPIAL}?)"
_CLAUSE = rf"(?:{_SUBJECT}{_VERB_PHRASE}?)"
_ACTION = rf"(?:{_SUBJECT}{_VERB_PHRASE}|{_NOUNS}{_AROUND}*{_PARTICIPIAL})"
_ADVERBIAL = rf"(?:,?L(?:{_CLAUSE}|G{_COMPLEMENT}))"
_SENTENCE = re.compile(rf"(?:{_CLAUSE}|{_ACTION}{_ADVERBIAL})(?:,?C{_CLAUSE})?")

_LETTERS = {
    Part.DETERMINER: "D",
    Part.PREPOSITION: "P",
    Part.CONJUNCTION: "C",
    Part.SUBORDINATOR: "L",
    Part.RELATIVE: "R",
    Part.AUXILIARY: "A",
    Part.VERB: "V",
    Part.GERUND: "G",
    Part.PARTICIPLE: "E",
    Part.NOMINAL: "N",
    Part.PRONOUN: "O",
    Part.ADVERB: "M",
    Part.COMMA: ",",
}
_POSSESSIVE = ("'s", "s'")
_PLURAL_SUBJECT = frozenset({"are", "were", "have", "do"})
_SINGULAR_SUBJECT = frozenset({"is", "was", "has", "does"})
_MANY = frozenset(
    [
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "several",
        "many",
        "few",
        "some",
        "both",
    ]
)
_ONE = frozenset(["a", "an", "one", "another", "each"])
_GROUPS = frozenset({"group", "couple", "pair", "crowd", "bunch", "team"})


def well_formed(parsed: Parse) -> bool:
    """Whether a parsed sentence is surely good English."""
    rows = [row for row, part in enumerate(parsed.parts) if part is not Part.STOP]
    if not rows or rows[-1] != len(rows) - 1:
        return False
    words = [parsed.pieces[row].lower() for row in rows]
    letters = "".join(_letter(word, parsed.parts[row]) for word, row in zip(words, rows, strict=True))
    shape = re.sub("O(?=[JN])", "D", letters)
    return (
        _SENTENCE.fullmatch(shape) is not None
        and _objects_stand(words, shape)
        and _numbers_agree(words, shape)
        and not _doubled(words)
    )


def _letter(word: str, part: Part) -> str:
    if part is Part.NOMINAL:
        if word.endswith(_POSSESSIVE):
            return "NS"
        return "J" if word in lexicon.ADJECTIVES else "N"
    return _LETTERS.get(part, "?")


def _objects_stand(words: list[str], shape: str) -> bool:
    """Whether every verb that needs an object has one; a possessive counts as unsure."""
    if len(shape) != len(words):
        return False
    for row, (word, letter) in enumerate(zip(words, shape, strict=True)):
        if (
            letter in "VG"
            and lemma(word) in lexicon.NEEDS_OBJECT
            and shape[row + 1 : row + 2] not in {"D", "N", "J", "O"}
        ):
            return False
        if word in {"is", "are", "was", "were"} and row + 1 == len(words):
            return False
    return True


def _numbers_agree(words: list[str], shape: str) -> bool:
    """Whether determiners fit their nouns and the first finite verb its subject."""
    for word, following, letter in zip(words, words[1:], shape[1:], strict=False):
        if word in _ONE and letter == "N" and following in lexicon.CROWDS:
            return False
    verb = next((row for row, letter in enumerate(shape) if letter in "AV"), None)
    if verb is None:
        return True
    joined = "NC" in shape[:verb]
    if words[0] in _ONE and not joined and words[1:2] and words[1] not in _GROUPS:
        return words[verb] not in _PLURAL_SUBJECT
    if joined or words[0] in lexicon.MANY:
        return words[verb] not in _SINGULAR_SUBJECT
    return True


def _doubled(words: list[str]) -> bool:
    """Whether a word follows itself, two names of a person do ("a girl boy"), or "a man" comes twice."""
    pairs = list(pairwise(words))
    named = [pair for pair in pairs if pair[0] in _ONE and pair[1] not in lexicon.ADJECTIVES]
    return len(set(named)) < len(named) or any(a == b or {a, b} <= lexicon.PERSONS for a, b in pairs)
