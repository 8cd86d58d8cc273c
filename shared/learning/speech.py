"""Parts of speech of captions, as coarse as dropping and joining phrases needs.

The closed classes of English decide, then endings, the verbs of everyday scenes and what stands before.
"""

from enum import StrEnum

from shared.learning import lexicon
from shared.learning.words import lemma

_SHORTEST_PARTICIPLE = 5


class Part(StrEnum):
    """Part of speech, as coarse as dropping phrases needs."""

    DETERMINER = "D"
    PREPOSITION = "P"
    CONJUNCTION = "C"
    SUBORDINATOR = "S"
    RELATIVE = "R"
    AUXILIARY = "A"
    VERB = "V"
    GERUND = "G"
    PARTICIPLE = "E"
    NOMINAL = "N"
    PRONOUN = "O"
    ADVERB = "M"
    COMMA = ","
    STOP = "."


def tag(pieces: tuple[str, ...]) -> tuple[Part, ...]:
    """The part of speech of each piece of a sentence."""
    parts: list[Part] = []
    words = ["", *map(str.lower, pieces), ""]
    for previous, word, following in zip(words, words[1:], words[2:], strict=False):
        parts.append(_part(word, following, parts, previous))
    return tuple(parts)


_BREAKS = {",": Part.COMMA, ";": Part.COMMA, ":": Part.COMMA, ".": Part.STOP, "!": Part.STOP, "?": Part.STOP}
_CLASSES = (
    (lexicon.CONJUNCTIONS & {"and", "or", "but"}, Part.CONJUNCTION),
    (lexicon.CONJUNCTIONS, Part.SUBORDINATOR),
    (frozenset({"who", "which", "whose", "whom"}), Part.RELATIVE),
    (lexicon.AUXILIARIES, Part.AUXILIARY),
    (lexicon.PRONOUNS, Part.PRONOUN),
    (lexicon.PREPOSITIONS, Part.PREPOSITION),
    (lexicon.DETERMINERS | lexicon.NUMBERS, Part.DETERMINER),
    (lexicon.ADJECTIVES, Part.NOMINAL),
)
_CLOSED = {word: part for words, part in reversed(_CLASSES) for word in words} | _BREAKS
"""Of a word in several classes the first counts."""
_BY_CONTEXT = frozenset({"that", "to", "other"})
_NOMINALS = frozenset({Part.NOMINAL, Part.PRONOUN, Part.COMMA, Part.CONJUNCTION, Part.ADVERB})
_MANY = frozenset({Part.PRONOUN, Part.ADVERB})
_VERBS = frozenset({Part.VERB, Part.AUXILIARY, Part.GERUND})


def _part(word: str, following: str, before: list[Part], before_it: str) -> Part:
    known = _CLOSED.get(word)
    if known is not None and word not in _BY_CONTEXT:
        return known
    previous = before[-1] if before else Part.STOP
    if not word[0].isalnum():
        return Part.NOMINAL
    if word == "that" and previous is Part.NOMINAL:
        return Part.RELATIVE
    if word == "to" and following in lexicon.VERBS:
        return Part.ADVERB
    if word == "other" and not closes(following):
        return Part.NOMINAL
    if known is not None:
        return known
    after_noun = previous in _NOMINALS
    if word.endswith("ing") and len(word) >= _SHORTEST_PARTICIPLE and word not in lexicon.NOUNS_IN_ING:
        modifies = previous is Part.DETERMINER or (before_it in lexicon.ADJECTIVES and not closes(following))
        return Part.NOMINAL if modifies else Part.GERUND
    if word in lexicon.PARTICIPLES or word.endswith("ed"):
        modifies = previous is Part.DETERMINER or not closes(following)
        return Part.NOMINAL if modifies and previous is not Part.AUXILIARY else Part.PARTICIPLE
    if word.endswith("ly"):
        return Part.ADVERB
    if (
        after_noun
        and lemma(word) in lexicon.VERBS
        and (word.endswith("s") or _plural_subject(before, before_it))
    ):
        return Part.VERB
    return Part.NOMINAL


def closes(word: str) -> bool:
    """Whether a phrase ends before a word: it belongs to the closed classes, or is a mark."""
    return word in lexicon.FUNCTION_WORDS or not word[:1].isalnum()


def _plural_subject(before: list[Part], noun: str) -> bool:
    """Whether a bare verb form can be the predicate: many stand before it and no verb yet."""
    many = before[-1] in _MANY or noun in lexicon.CROWDS or _plural(noun)
    return many and _VERBS.isdisjoint(before)


def _plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith("ss") and lemma(noun) != noun
