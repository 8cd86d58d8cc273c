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
    for row, piece in enumerate(pieces):
        following = pieces[row + 1].lower() if row + 1 < len(pieces) else ""
        previous = pieces[row - 1].lower() if row else ""
        parts.append(_part(piece.lower(), following, parts, previous))
    return tuple(parts)


_BREAKS = {",": Part.COMMA, ";": Part.COMMA, ":": Part.COMMA, ".": Part.STOP, "!": Part.STOP, "?": Part.STOP}
_CLOSED = (
    (lexicon.CONJUNCTIONS & {"and", "or", "but"}, Part.CONJUNCTION),
    (lexicon.CONJUNCTIONS, Part.SUBORDINATOR),
    (frozenset({"who", "which", "whose", "whom"}), Part.RELATIVE),
    (lexicon.AUXILIARIES, Part.AUXILIARY),
    (lexicon.PRONOUNS, Part.PRONOUN),
    (lexicon.PREPOSITIONS, Part.PREPOSITION),
    (lexicon.DETERMINERS | lexicon.NUMBERS, Part.DETERMINER),
)


def _part(word: str, following: str, before: list[Part], before_it: str) -> Part:
    previous = before[-1] if before else Part.STOP
    described = before_it in lexicon.ADJECTIVES
    if word in _BREAKS:
        return _BREAKS[word]
    if not word[0].isalnum():
        return Part.NOMINAL
    if word == "that" and previous is Part.NOMINAL:
        return Part.RELATIVE
    if word == "to" and following in lexicon.VERBS:
        return Part.ADVERB
    if word == "other" and not closes(following):
        return Part.NOMINAL
    for words, part in _CLOSED:
        if word in words:
            return part
    if word in lexicon.ADJECTIVES:
        return Part.NOMINAL
    after_noun = previous in {Part.NOMINAL, Part.PRONOUN, Part.COMMA, Part.CONJUNCTION, Part.ADVERB}
    if word.endswith("ing") and len(word) >= _SHORTEST_PARTICIPLE and word not in lexicon.NOUNS_IN_ING:
        modifies = previous is Part.DETERMINER or (described and not closes(following))
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
    verbs = {Part.VERB, Part.AUXILIARY, Part.GERUND}
    many = before[-1] in {Part.PRONOUN, Part.ADVERB} or noun in lexicon.CROWDS or _plural(noun)
    return many and not verbs & set(before)


def _plural(noun: str) -> bool:
    return noun.endswith("s") and not noun.endswith("ss") and lemma(noun) != noun
