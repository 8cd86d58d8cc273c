"""Sentences out of parts of the nearest captions: a subject, what it has on, what it does, and where.

The act comes from one caption with what it cannot do without. The other slots are filled with the phrase that
has most to say of those that the captions have beside such a subject or such a verb.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.learning import lexicon
from shared.learning.clauses import PERSON, Clause, Number, Words

VOTERS = 10
VOTES = 3
SUBJECTS = 4
"""Tried with each act, those worth most first."""
VARIOUS = 2
"""Verbs of such a subject from which on a phrase goes with any other."""
LEAST_GAIN = 0.05
"""What a phrase must add to be worth its place."""


@dataclass(frozen=True, slots=True)
class Composed:
    """A sentence put together, not yet proved to be good English.

    Attributes
    ----------
    text : str
    lemmas : frozenset of str
        Content lemmas.
    kind : str
        Of the subject: `PERSON`, or its noun.
    single : bool
        Whether the subject is one.
    finished : bool
        Whether its verb is finite.
    sources : tuple of int
        Which captions lent a part, that of the act first.
    """

    text: str
    lemmas: frozenset[str]
    kind: str
    single: bool
    finished: bool
    sources: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Subject:
    words: Words
    source: int
    head: str
    kind: str
    number: Number


@dataclass(frozen=True, slots=True)
class _Act:
    words: Words
    source: int
    verb: str
    form: Number
    head: str


@dataclass(slots=True)
class _Slot:
    """A phrase that can fill a slot, with what captions have it beside; of a place, the verbs by subject."""

    words: Words
    source: int
    beside: set[str] = field(default_factory=set)
    acts: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def fits(self, beside: Collection[str], subject: _Subject) -> bool:
        """Whether it goes with a subject that does something."""
        if self.words.tied and self.source != subject.source:
            return False
        return not self.beside.isdisjoint(beside) or len(self.acts[subject.kind]) >= VARIOUS


class Parts:
    """What captions offer for each slot.

    Parameters
    ----------
    clauses : sequence of Clause or None
        One a caption, nearest first; None is passed over.
    supported : frozenset of str
        Lemmas that may be said.
    worth : mapping of str to float
        What it is worth to say a lemma, which may be less than nothing; a missing one costs `cost`.
    cost : float
    """

    def __init__(
        self,
        clauses: Sequence[Clause | None],
        supported: frozenset[str],
        worth: Mapping[str, float],
        cost: float,
    ) -> None:
        self._supported, self._each, self._cost = supported, worth, cost
        self._worth: dict[frozenset[str], float] = {}
        known = [one for one in clauses if one]
        self._usually_worn = _usually_worn(known)
        self._numbers = _numbers(known[:VOTERS])
        self._agreed = _agreed(known[:VOTERS])
        self._does: dict[str, set[str]] = defaultdict(set)
        self._acts: dict[str, _Act] = {}
        subjects: dict[str, _Subject] = {}
        worn: dict[str, _Slot] = {}
        around: dict[str, _Slot] = {}
        for row, one in enumerate(clauses):
            if one:
                self._take(row, one, subjects, worn, around)
        self._subjects = sorted(subjects.values(), key=lambda subject: -self.worth(subject.words.lemmas))
        self._worn, self._around = self._useful(worn), self._useful(around)

    def _take(
        self,
        row: int,
        one: Clause,
        subjects: dict[str, _Subject],
        worn: dict[str, _Slot],
        around: dict[str, _Slot],
    ) -> None:
        supported = self._supported
        for words in one.subject.forms if one.number in self._numbers else ():
            if words.lemmas <= supported and self._may_be_called(words, one):
                subject = _Subject(words, row, one.head, one.kind, one.number)
                subjects.setdefault(words.text.lower(), subject)
        if one.act is not None:
            self._does[one.verb].add(one.kind)
            for words in one.act.forms:
                if words.lemmas <= supported and words.text not in self._acts:
                    self._acts[words.text] = _Act(words, row, one.verb, one.form, one.head)
        for phrase in one.worn:
            if phrase.noun in self._usually_worn:
                for words in phrase.forms:
                    if words.lemmas <= supported:
                        _slot(worn, words, row).beside.add(one.head)
        for phrase in one.around:
            elsewhere = phrase.noun not in self._usually_worn
            for words in phrase.forms:
                if words.lemmas <= supported:
                    slot = _slot(around, words, row)
                    slot.beside.add(one.verb or one.head)
                    if elsewhere:
                        slot.acts[one.kind].add(one.verb)

    def _may_be_called(self, words: Words, one: Clause) -> bool:
        """Whether a form of a clause's subject may be said: of a person, with agreed adjectives only."""
        return one.kind != PERSON or words.lemmas - one.subject.plain_lemmas <= self._agreed

    def _useful(self, slots: Mapping[str, _Slot]) -> list[_Slot]:
        found = [slot for slot in slots.values() if self.worth(slot.words.lemmas) > LEAST_GAIN]
        return sorted(found, key=lambda slot: -self.worth(slot.words.lemmas))

    def worth(self, lemmas: frozenset[str]) -> float:
        """What it is worth to say some words."""
        known = self._worth.get(lemmas)
        if known is None:
            known = sum([self._each.get(one, -self._cost) for one in sorted(lemmas)])
            self._worth[lemmas] = known
        return known

    def sentences(self) -> Iterator[Composed]:
        """The best sentences with each act, and those without one."""
        for act in self._acts.values():
            fitting = (
                s for s in self._subjects if s.number.agrees(act.form) and s.kind in self._does[act.verb]
            )
            for subject, _ in zip(fitting, range(SUBJECTS), strict=False):
                if not act.words.tied or subject.head == act.head:
                    yield self._with(subject, act)
        for subject in self._subjects[:SUBJECTS]:
            yield self._without(subject)

    def _with(self, subject: _Subject, act: _Act) -> Composed:
        parts, said = [subject.words.text], subject.words.lemmas | act.words.lemmas
        sources = [act.source, subject.source]
        worn = next((s for s in self._worn if not s.words.lemmas & said and _has(subject, s)), None)
        for slot in (
            worn,
            act,
            self._place(subject, {act.verb}, said | (worn.words.lemmas if worn else set())),
        ):
            if slot:
                parts.append(slot.words.text)
                said |= slot.words.lemmas
                sources.append(slot.source)
        return _composed(parts, said, subject, sources, finished=act.form is not Number.ANY)

    def _without(self, subject: _Subject) -> Composed:
        parts, said, sources = [subject.words.text], subject.words.lemmas, [subject.source]
        place = self._place(subject, {subject.head}, said)
        if place and place.words.text.split()[0].lower() in lexicon.WHERE:
            parts.append(place.words.text)
            said |= place.words.lemmas
            sources.append(place.source)
        return _composed(parts, said, subject, sources, finished=False)

    def _place(self, subject: _Subject, beside: Collection[str], said: Collection[str]) -> _Slot | None:
        fitting = (s for s in self._around if s.words.lemmas.isdisjoint(said) and s.fits(beside, subject))
        return next(fitting, None)


def _slot(slots: dict[str, _Slot], words: Words, row: int) -> _Slot:
    """The slot of some words, made where there is none."""
    if words.text not in slots:
        slots[words.text] = _Slot(words, row)
    return slots[words.text]


def _has(subject: _Subject, slot: _Slot) -> bool:
    """Whether captions show such a subject with it."""
    return subject.head in slot.beside and (not slot.words.tied or slot.source == subject.source)


def _composed(
    parts: Iterable[str], said: frozenset[str], subject: _Subject, sources: Iterable[int], *, finished: bool
) -> Composed:
    return Composed(
        " ".join(parts),
        said,
        subject.kind,
        subject.number is Number.ONE,
        finished,
        tuple(dict.fromkeys(sources)),
    )


def _usually_worn(known: Sequence[Clause]) -> frozenset[str]:
    """Nouns that captions have more often on or with a subject than around what it does."""
    worn = Counter([phrase.noun for one in known for phrase in one.worn])
    around = Counter([phrase.noun for one in known for phrase in one.around])
    return frozenset(noun for noun, count in worn.items() if count > around[noun])


def _numbers(nearest: Sequence[Clause]) -> frozenset[Number]:
    """Whether one or many may be spoken of: what three of the nearest captions do."""
    counted = Counter(one.number for one in nearest)
    one = {Number.ONE} if counted[Number.ONE] >= VOTES else set()
    several = counted[Number.MANY] + counted[Number.ANY] >= VOTES
    return frozenset(one | ({Number.MANY, Number.ANY} if several else set()))


def _agreed(nearest: Sequence[Clause]) -> frozenset[str]:
    """Adjectives that three of the nearest captions have of their subject: of a person no other is said."""
    counted = Counter(
        adjective for one in nearest for adjective in one.subject.lemmas - one.subject.plain_lemmas
    )
    return frozenset(adjective for adjective, count in counted.items() if count >= VOTES)
