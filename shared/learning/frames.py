"""What can be made of one of the library's sentences: phrases left out, and the slot of a person filled.

A frame is a sentence with its phrases. Besides the sentence as written there is the noun phrase in it ("A man
is standing on a rock": "A man on a rock"), and either with another person in the first person's place.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from shared.learning.lexicon import WHERE
from shared.learning.phrases import Parse, Part, Span, parse
from shared.learning.wellformed import well_formed
from shared.learning.words import content_lemmas

SINGULAR = {
    "man": "man", "woman": "woman", "boy": "boy", "girl": "girl", "child": "child", "person": "person",
    "kid": "child", "guy": "man", "lady": "woman", "male": "man", "female": "woman", "toddler": "child",
    "gentleman": "man", "teenager": "person", "baby": "child",
}  # fmt: skip
PLURAL = {
    "men": "man", "women": "woman", "boys": "boy", "girls": "girl", "children": "child", "people": "people",
    "kids": "child", "guys": "man", "ladies": "woman", "adults": "people", "teenagers": "people",
    "friends": "people",
}  # fmt: skip
PLURAL_OF = {
    "man": "men", "woman": "women", "boy": "boys", "girl": "girls", "child": "children", "people": "people",
}  # fmt: skip
_GENDER = {"man": "m", "boy": "m", "woman": "f", "girl": "f"}
_PRONOUNS = {"his": "m", "him": "m", "he": "m", "himself": "m", "her": "f", "she": "f", "herself": "f"}
_SHORTEST = 4
_FEWEST_CONTENT_WORDS = 2


@dataclass(frozen=True, slots=True)
class Made:
    """A sentence made from a frame.

    Attributes
    ----------
    text : str
    lemmas : frozenset of str
        Its content lemmas.
    left_out : tuple of str
        Phrases of the frame that were left out, as written.
    """

    text: str
    lemmas: frozenset[str]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Frame:
    """A sentence with its phrases.

    Attributes
    ----------
    parsed : Parse
    core : frozenset of str
        Content lemmas that no phrase takes along: what it cannot do without.
    lemmas : frozenset of str
        All its content lemmas.
    """

    parsed: Parse
    core: frozenset[str]
    lemmas: frozenset[str]

    @classmethod
    def of(cls, parsed: Parse) -> "Frame":
        """The frame of a parsed sentence."""
        covered = {row for span in parsed.spans for row in range(span.start, span.end)}
        core = " ".join(piece for row, piece in enumerate(parsed.pieces) if row not in covered)
        return cls(
            parsed, frozenset(content_lemmas(core)), frozenset(content_lemmas(" ".join(parsed.pieces)))
        )


@lru_cache(maxsize=50_000)
def frames(description: str) -> tuple[Frame, ...]:
    """The frames of every sentence of a description."""
    found = []
    for sentence in _sentences(description):
        parsed = parse(sentence)
        found.append(Frame.of(parsed))
        noun_phrase = _noun_phrase(parsed)
        if noun_phrase:
            found.append(Frame.of(parse(noun_phrase)))
    return tuple(found)


@lru_cache(maxsize=100_000)
def filled(frame: Frame, one: str | None, many: str | None) -> Frame | None:
    """The frame with its first person replaced, by `one` or by the plural of `many`; None where that fails.

    Pronouns are left as they are: where they tell another sex, the slot does not take the word.
    """
    words = list(frame.parsed.pieces)
    for row, word in enumerate(words):
        lower = word.lower()
        if lower in SINGULAR and (row == 0 or words[row - 1].lower() != "of"):
            if one is None or one == SINGULAR[lower] or not _pronouns_fit(words, one):
                return None
            words[row] = one
            return Frame.of(parse(" ".join(words)))
        if lower in PLURAL:
            if many is None or many == PLURAL[lower]:
                return None
            words[row] = PLURAL_OF[many]
            return Frame.of(parse(" ".join(words)))
    return None


@lru_cache(maxsize=200_000)
def made(frame: Frame, supported: frozenset[str], wanted: frozenset[str]) -> Made | None:
    """Leave out of a frame what nothing supports and what nobody would say.

    Parameters
    ----------
    frame : Frame
    supported : frozenset of str
        Those of the frame's lemmas that may be said.
    wanted : frozenset of str
        Those of them that are worth saying: a phrase without any goes.

    Returns
    -------
    Made or None
        None where what is left is unsupported, too short, or not surely good English.
    """
    dropped = _to_drop(frame.parsed.spans, supported, wanted)
    text = frame.parsed.without(dropped).rstrip(" .,;:") + "."
    lemmas = frozenset(content_lemmas(text))
    if not lemmas <= supported or len(lemmas) < _FEWEST_CONTENT_WORDS or len(text.split()) < _SHORTEST:
        return None
    if not well_formed(parse(text)):
        return None
    left_out = (" ".join(frame.parsed.pieces[span.start : span.end]) for span in _outermost(dropped))
    return Made(text, lemmas, tuple(part.strip(" ,") for part in left_out))


def _sentences(description: str) -> list[str]:
    parts = description.replace("! ", ". ").replace("? ", ". ").replace(" . ", ". ").split(". ")
    return [part.strip(" .") for part in parts if part.strip(" .")]


def _noun_phrase(parsed: Parse) -> str | None:
    """The subject with the place, without the verb between them; None where the sentence has no such form."""
    words, parts = parsed.pieces, parsed.parts
    verbs = {Part.AUXILIARY, Part.VERB, Part.GERUND}
    start = next((row for row, part in enumerate(parts) if part in verbs), len(parts))
    if start == 0 or parts[start - 1] is not Part.NOMINAL:
        return None
    if {Part.SUBORDINATOR, Part.RELATIVE, Part.COMMA} & set(parts[:start]):
        return None
    end = start + 1
    while end < len(parts) and parts[end] in {Part.AUXILIARY, Part.GERUND, Part.PARTICIPLE}:
        end += 1
    if end >= len(parts) or words[end].lower() not in WHERE:
        return None
    return " ".join((*words[:start], *words[end:]))


def _pronouns_fit(words: Sequence[str], person: str) -> bool:
    told = {_PRONOUNS[word.lower()] for word in words if word.lower() in _PRONOUNS}
    return not told or told == {_GENDER.get(person)}


def _to_drop(spans: Sequence[Span], supported: frozenset[str], wanted: frozenset[str]) -> tuple[Span, ...]:
    """Spans to leave out, inner ones decided first: what they take along no longer speaks for the outer."""
    dropped: list[Span] = []
    for span in sorted(spans, key=lambda item: (item.end - item.start, item.start)):
        inner = [other for other in _outermost(dropped) if _inside(other, span)]
        left = set(Counter(span.lemmas) - Counter(lemma for gone in inner for lemma in gone.lemmas))
        if not left <= supported or (span.lemmas and not left & wanted):
            dropped.append(span)
    return tuple(dropped)


def _outermost(spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if not any(_inside(span, other) for other in spans)]


def _inside(inner: Span, outer: Span) -> bool:
    return inner is not outer and outer.start <= inner.start and inner.end <= outer.end
