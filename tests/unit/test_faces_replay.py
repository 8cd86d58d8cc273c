"""Nothing the owner ever said is lost: ten retrainings with new photos and corrections between them."""

from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.domain.people import (
    ConfirmFace,
    HidePerson,
    MergePeople,
    NamePerson,
    RejectFace,
    SplitPerson,
)
from shared.learning.faces import FacePatterns
from tests.unit.faces_library import Library, Log, holder

RETRAININGS = 10
ACTIONS = ("name", "merge", "split", "reject", "hide", "confirm")
Action = tuple[str, int, int]


@dataclass
class Memory:
    """What the owner remembers having said, kept apart from the code under test."""

    names: dict[str, str] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    confirmed: dict[str, str] = field(default_factory=dict)
    rejected: set[tuple[str, str]] = field(default_factory=set)
    merged: dict[str, str] = field(default_factory=dict)

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
        assert set(held) | set(learned.unassigned) == set(library.truth)


def _act(action: Action, learned: FacePatterns, log: Log, memory: Memory, count: int) -> tuple[str, ...]:
    """Say it and remember it; the faces that are a new person now."""
    kind, first, second = action
    person = learned.people[first % len(learned.people)]
    other = learned.people[second % len(learned.people)]
    face = person.faces[second % len(person.faces)]
    if kind == "name":
        memory.names[person.id] = f"Name {count}"
        log.say(NamePerson(person.id, f"Name {count}"))
    elif kind == "hide":
        memory.hidden.add(person.id)
        memory.names.setdefault(person.id, f"Hidden {count}")
        log.say(NamePerson(person.id, memory.names[person.id]), HidePerson(person.id))
    elif kind == "confirm":
        memory.confirmed[face] = person.id
        memory.rejected.discard((face, person.id))
        log.say(ConfirmFace(face, person.id))
    elif kind == "merge" and person.id != other.id and person.id not in memory.hidden:
        memory.merge(person.id, other.id)
        log.say(MergePeople(person.id, other.id))
    elif kind == "reject" and len(person.faces) > 3 and face not in memory.confirmed:
        memory.rejected.add((face, person.id))
        log.say(RejectFace(face, person.id))
    elif kind == "split" and len(person.faces) > 5:
        faces = [face for face in person.faces if face not in memory.confirmed][:2]
        if len(faces) == 2:
            memory.rejected.update((face, person.id) for face in faces)
            log.say(SplitPerson(person.id, tuple(faces)))
            return tuple(faces)
    return ()


_rounds = st.lists(
    st.lists(
        st.tuples(st.sampled_from(ACTIONS), st.integers(0, 99), st.integers(0, 99)), min_size=1, max_size=3
    ),
    min_size=RETRAININGS,
    max_size=RETRAININGS,
)


@settings(
    deadline=None,
    max_examples=8,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking ten trainings takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(rounds=_rounds, seed=st.integers(0, 99))
def test_ten_retrainings_keep_every_word_of_the_owner(rounds: list[list[Action]], seed: int) -> None:
    library, log, memory = Library(seed), Log(), Memory()
    for person in range(5):
        library.add(person, 6)
    learned = library.train()
    for count, actions in enumerate(rounds):
        for at, action in enumerate(actions):
            split = _act(action, learned, log, memory, 10 * count + at)
            learned = library.train(log.events, learned)
            memory.confirmed.update((face, holder(learned, split[0]) or "") for face in split)
        for person in range(5):
            library.add(person, 1)
        library.add(10 + count, 2)
        learned = library.train(log.events, learned)
        memory.check(learned, library)


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
