"""Search over a small library: order, filters, reasons, changes."""

from dataclasses import replace

import numpy as np
import pytest

from shared.domain.vectors import Array
from shared.learning.evidence import Link
from shared.learning.meanings import Meanings
from shared.learning.synonyms import Synonyms
from shared.learning.wordnet import Relation
from shared.search.engine import Engine, Found
from shared.search.entry import Entry
from shared.search.query import parse

TOPICS = {"dog": 0, "puppy": 0, "beach": 1, "shore": 1, "cake": 2}


def vector(*words: str) -> Array:
    found = np.zeros(384, dtype=np.float32)
    for word in words:
        found[TOPICS.get(word, 300 + sum(map(ord, word)) % 50)] += 1.0
    return found / max(float(np.linalg.norm(found)), 1e-9)


def vectorise(text: str) -> Array:
    return vector(*text.split())


ENTRIES = (
    Entry("a", owner_text="A brown dog on the beach", vector=vector("dog", "beach"), at=1e9, faces=True),
    Entry("b", tags=("dog",), text="A dog.", vector=vector("dog"), at=1.1e9, place="Goa, India"),
    Entry("c", owner_text="Our puppy", vector=vector("puppy"), at=1.2e9, camera="Pixel 8"),
    Entry("d", owner_tags=("birthday", "cake"), owner_text="Cake", vector=vector("cake"), at=1.3e9),
    Entry("e", vector=vector("beach"), at=1.4e9),
)


def engine(synonyms: Synonyms | None = None) -> Engine:
    made = Engine(synonyms, vectorise)
    made.put(ENTRIES)
    return made


def ids(found: Found) -> list[str]:
    return [hit.photo_id for hit in found.hits]


def ask(query: str, *, of: Engine | None = None) -> list[str]:
    return ids((of or engine()).search(parse(query), {}))


def puppies() -> Synonyms:
    return Synonyms(
        {"dog": (Link("puppy", Relation.NARROWER, 0.9, "test"),)},
        Meanings(
            (), np.empty((0, 384), np.float32), np.zeros(384, np.float32), np.eye(384, dtype=np.float32)
        ),
    )


def test_the_owners_words_come_before_what_was_learned() -> None:
    assert ask("dog")[:2] == ["a", "b"]


def test_the_owners_words_come_first_however_well_others_match() -> None:
    made = Engine(None, vectorise)
    made.put(
        [
            Entry("machine", tags=("dog",), text="Dog, dog.", vector=vector("dog")),
            Entry("owner", owner_text=f"A dog {'and many other things ' * 20}", vector=vector("cake")),
        ]
    )
    assert ask("dog", of=made) == ["owner", "machine"]


def test_a_photo_nobody_described_stands_before_those_described_as_something_else() -> None:
    made = Engine(None, vectorise)
    made.put(
        [
            Entry("cake", owner_text="A cake", vector=vector("cake", "beach", "beach")),
            Entry("undescribed", vector=vector("cake", "beach", "beach")),
        ]
    )
    assert ask("beach", of=made) == ["undescribed", "cake"]


def test_what_the_models_see_is_found_whatever_was_learned_since() -> None:
    made = Engine()
    made.put([Entry("a", tags=("pet",), text="A pet on the sofa.", seen=("dog",))])
    found = made.search(parse("dog"), {})
    assert [hit.why for hit in found.hits] == [("the models see dog",)]


def test_a_learned_cut_off_decides_what_is_close_enough() -> None:
    faint = Entry("faint", vector=vector("beach", *(f"other{n}" for n in range(30))))
    said = Entry("said", owner_text="A beach", vector=vector("beach"))
    found = {}
    for cut in (0.05, 0.5):
        made = Engine(None, vectorise, cut)
        made.put([faint, said])
        found[cut] = ask("beach", of=made)
    assert found == {0.05: ["said", "faint"], 0.5: ["said"]}


def test_a_photo_without_words_is_found_by_its_vector() -> None:
    assert "e" in ask("beach")


def test_related_words_find_more_and_never_move_an_exact_hit() -> None:
    plain, taught = ask("dog"), ask("dog", of=engine(puppies()))
    assert taught[:2] == plain[:2]
    assert "c" in taught


def test_a_kind_of_what_was_asked_for_answers_better_than_what_it_is_a_kind_of() -> None:
    links = (Link("puppy", Relation.NARROWER, 0.9, "test"), Link("animal", Relation.BROADER, 0.9, "test"))
    made = Engine(Synonyms({"dog": links}, puppies().meanings), vectorise)
    made.put(Entry(word, owner_text=f"An {word}", vector=vector("cake")) for word in ("animal", "puppy"))
    assert ask("dog", of=made) == ["puppy", "animal"]


def test_every_hit_says_why() -> None:
    found = engine(puppies()).search(parse("dog"), {})
    why = {hit.photo_id: hit.why for hit in found.hits}
    assert why["a"] == ("your description says dog",)
    assert why["b"] == ("tag dog",)
    assert why["c"] == ("your description says puppy (narrower, for dog)",)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("tag:Cake", ["d"]),
        ("dog -beach", ["b"]),
        ('"brown dog"', ["a"]),
        ('"dog brown"', []),
        ("place:goa", ["b"]),
        ("camera:pixel", ["c"]),
        ("has:faces", ["a"]),
        ("before:2002", ["a"]),
        ("after:2011-01-01", ["e", "d"]),
        ("-tag:dog has:faces", ["a"]),
    ],
)
def test_terms_narrow_the_search(query: str, expected: list[str]) -> None:
    found = [photo for photo in ask(query) if photo != "c" or "camera" in query]
    assert found == expected


def test_a_person_is_found_by_term_and_by_word() -> None:
    named = {"ann lee": frozenset({"e"})}
    for query in ("person:ann", "lee", '"ann lee"'):
        assert ids(engine().search(parse(query), named)) == ["e"]


def test_who_is_called_so_in_full_comes_before_those_whose_names_hold_it() -> None:
    named = {"ann": frozenset({"a"}), "ann lee": frozenset({"e"}), "joann": frozenset({"d"})}
    assert ids(engine().search(parse("person:Ann"), named)) == ["a"]
    assert sorted(ids(engine().search(parse("person:le"), named))) == ["e"]


@pytest.mark.parametrize("query", ["", "qwertzuiop", "tag:nothing", "zzzz yyyy"])
def test_nonsense_finds_nothing(query: str) -> None:
    found = engine().search(parse(query), {})
    assert (found.hits, found.total) == ((), 0)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("🎂", ["d"]),
        ("cake 🎂", ["d"]),
        ("dog ?", ["a", "b"]),
        ("-🎂 cake", []),
        ("- & ???", []),
        ('"🎉"', []),
    ],
)
def test_signs_that_are_no_words_count_as_tags_only(query: str, expected: list[str]) -> None:
    made = engine()
    made.put([replace(ENTRIES[3], owner_tags=("birthday", "cake", "🎂"))])

    assert ask(query, of=made)[:2] == expected


def test_a_misspelt_word_asks_what_was_meant() -> None:
    assert engine().search(parse("beech"), {}).did_you_mean == "beach"


def test_new_photos_changed_ones_and_gone_ones_show_at_once() -> None:
    living = engine()
    living.put([Entry("f", owner_text="A dog at the lake"), Entry("a", owner_text="A cat")], gone=["b"])
    found = ask("dog", of=living)
    assert "f" in found
    assert not {"a", "b"} & set(found)
    assert ask("cat", of=living) == ["a"]


def test_near_duplicates_are_kept_together() -> None:
    burst = Engine()
    burst.put(Entry(f"{n}", owner_text="sunset", dhash=0b1111_0000 + n % 2) for n in range(3))
    found = burst.search(parse("sunset"), {})
    assert len(found.hits) == 1
    assert sorted([found.hits[0].photo_id, *found.hits[0].also]) == ["0", "1", "2"]


def test_similar_photos_stand_close_and_an_unknown_one_has_none() -> None:
    similar = engine().similar("b")
    assert similar is not None
    assert [hit.photo_id for hit in similar] == ["c", "a"]
    assert engine().similar("nobody") is None


def test_an_empty_library_answers() -> None:
    empty = Engine(None, vectorise)
    assert empty.search(parse("dog"), {}).hits == ()
    assert empty.similar("a") is None
