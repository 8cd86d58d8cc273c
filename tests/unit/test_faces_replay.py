"""Nothing the owner ever said is lost: ten retrainings with new photos and corrections between them."""

from collections.abc import Callable
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from shared.domain.people import (
    ConfirmFace,
    HidePerson,
    IgnoreFace,
    MergePeople,
    NamePerson,
    PeopleWord,
    RejectFace,
    SplitPerson,
    Undo,
)
from shared.learning.faces import FacePatterns
from tests.unit.faces_library import Library, Log, holder

RETRAININGS = 10
ACTIONS = ("name", "merge", "split", "reject", "hide", "confirm", "ignore", "undo")
Action = tuple[str, int, int]


@dataclass
class Memory:
    """What the owner remembers having said, kept apart from the code under test."""

    names: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    confirmed: dict[str, str] = field(default_factory=dict)
    rejected: set[tuple[str, str]] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)

    def now(self, person: str) -> str:
        while person in self.merged:
            person = self.merged[person]
        return person

    def merge(self, kept: str, gone: str) -> None:
        self.merged[gone] = kept
        if gone in self.names:
            name = self.names.pop(gone)
            self.names.setdefault(kept, name)
        self.hidden.discard(gone)

    def confirm(self, face: str, person: str) -> None:
        self.confirmed[face] = person
        self.rejected.discard((face, person))
        self.ignored.discard(face)

    def ignore(self, face: str) -> None:
        self.ignored.add(face)
        self.confirmed.pop(face, None)

    def hide(self, person: str, name: str) -> None:
        self.hidden.add(person)
        self.names[person] = name

    def check(self, learned: FacePatterns, library: Library) -> None:
        people = {person.id: person for person in learned.people}
        for person, name in self.names.items():
            assert people[person].name == name
        for person in self.hidden:
            assert people[person].hidden
        for face, person in self.confirmed.items():
            assert holder(learned, face) == self.now(person)
        for face, person in self.rejected:
            if self.confirmed.get(face) is None or self.now(self.confirmed[face]) != self.now(person):
                assert holder(learned, face) != self.now(person)
        held = [face for person in learned.people for face in person.faces]
        assert len(held) == len(set(held))
        assert set(learned.ignored) == self.ignored
        assert set(held) | set(learned.unassigned) | self.ignored == set(library.truth)


@dataclass
class Owner:
    """Says things, remembers them, and takes the last one back."""

    log: Log = field(default_factory=Log)
    said: list[tuple[list[str], Callable[[Memory], None]]] = field(default_factory=list)

    def say(self, remember: Callable[[Memory], None], *words: PeopleWord) -> None:
        self.said.append(([self.log.say(word) for word in words], remember))

    def undo(self) -> None:
        if self.said:
            self.log.say(*(Undo(event_id) for event_id in self.said.pop()[0]))

    @property
    def memory(self) -> Memory:
        memory = Memory()
        for _, remember in self.said:
            remember(memory)
        return memory

    def act(self, action: Action, learned: FacePatterns, count: int) -> tuple[str, ...]:
        """Say it and remember it; the faces that are a new person now."""
        kind, first, second = action
        memory = self.memory
        person = learned.people[first % len(learned.people)]
        other = learned.people[second % len(learned.people)]
        face = person.faces[second % len(person.faces)]
        if kind == "name":
            self.say(
                lambda m: m.names.update({person.id: f"Name {count}"}), NamePerson(person.id, f"Name {count}")
            )
        elif kind == "hide":
            name = memory.names.get(person.id, f"Hidden {count}")
            self.say(lambda m: m.hide(person.id, name), NamePerson(person.id, name), HidePerson(person.id))
        elif kind == "confirm":
            self.say(lambda m: m.confirm(face, person.id), ConfirmFace(face, person.id))
        elif kind == "ignore" and len(person.faces) > 3 and face not in memory.confirmed:
            self.say(lambda m: m.ignore(face), IgnoreFace(face))
        elif kind == "undo":
            self.undo()
        elif kind == "merge" and person.id != other.id and person.id not in memory.hidden:
            self.say(lambda m: m.merge(person.id, other.id), MergePeople(person.id, other.id))
        elif kind == "reject" and len(person.faces) > 3 and face not in memory.confirmed:
            self.say(lambda m: m.rejected.add((face, person.id)), RejectFace(face, person.id))
        elif kind == "split" and len(person.faces) > 5:
            faces = tuple(face for face in person.faces if face not in memory.confirmed)[:2]
            if len(faces) == 2:
                self.say(
                    lambda m: m.rejected.update((face, person.id) for face in faces),
                    SplitPerson(person.id, faces),
                )
                return faces
        return ()

    def also(self, remember: Callable[[Memory], None]) -> None:
        """Remember more of what was said last."""
        words, first = self.said[-1]
        self.said[-1] = (words, lambda memory: (first(memory), remember(memory))[0])


_rounds = st.lists(
    st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=2
    ),
    min_size=RETRAININGS,
    max_size=RETRAININGS,
)


@settings(
    deadline=None,
    max_examples=4,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking ten trainings takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(rounds=_rounds, seed=st.integers(0, 99))
@example(
    rounds=[
        [("name", 32, 41), ("reject", 63, 86)],
        [("merge", 37, 2)],
        [("split", 11, 66)],
        [("hide", 98, 18)],
        [("undo", 68, 37)],
        [("merge", 6, 74), ("confirm", 14, 9)],
        [("ignore", 90, 86)],
        [("undo", 31, 53), ("ignore", 38, 6)],
        [("undo", 35, 8)],
        [("ignore", 79, 71)],
    ],
    seed=18,
)
def test_ten_retrainings_keep_every_word_of_the_owner(rounds: list[list[Action]], seed: int) -> None:
    library, owner = Library(seed), Owner()
    for person in range(5):
        library.add(person, 6)
    learned = library.train()
    for count, actions in enumerate(rounds):
        for at, action in enumerate(actions):
            split = owner.act(action, learned, 10 * count + at)
            learned = library.train(owner.log.events, learned)
            if split:
                new = holder(learned, split[0]) or ""
                owner.also(lambda m, split=split, new=new: m.confirmed.update(dict.fromkeys(split, new)))
            owner.memory.check(learned, library)
        for person in range(5):
            library.add(person, 1)
        library.add(10 + count, 2)
        learned = library.train(owner.log.events, learned)
        owner.memory.check(learned, library)


def test_ids_of_people_nobody_spoke_of_survive_ten_retrainings() -> None:
    library = Library()
    for person in range(8):
        library.add(person, 5)
    learned = library.train()
    first = {person.id: library.truth[person.faces[0]] for person in learned.people}
    for count in range(RETRAININGS):
        for person in range(8):
            library.add(person, 2)
        library.add(100 + count, 3)
        learned = library.train((), learned)

        assert {p.id: library.truth[p.faces[0]] for p in learned.people if p.id in first} == first
