"""Related words: from what people say instead, spelling, WordNet and the owner's own list."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from shared.domain.dataset import Options, Plan
from shared.domain.vectors import Array
from shared.learning.evidence import Link
from shared.learning.substitution import Terms
from shared.learning.synonyms import Synonyms, SynonymSums, observe_words, solve
from shared.learning.wordnet import Relation
from shared.learning.words import content_lemmas

Photo = tuple[str, tuple[str, ...]]
KINDS = ("bicycle", "saree", "dog")

PHOTOS: list[Photo] = [
    *[("a man rides a bike", ("bicycle",))] * 8,
    *[("a man rides a bicycle", ("bicycle",))] * 8,
    *[("a woman in a red saree", ("saree",))] * 8,
    *[("a woman in a red sari", ("saree",))] * 8,
    *[("a brown dog runs", ("dog",))] * 16,
]


def plan_of(photos: Sequence[Photo]) -> Plan:
    tags = Counter(tag for _, tags in photos for tag in tags)
    words = Counter(word for text, _ in photos for word in set(content_lemmas(text)))
    vocabulary = tuple(sorted(words))
    return Plan(
        vocabulary=tuple(sorted(tags)),
        words=vocabulary,
        document_frequency=np.asarray([words[word] for word in vocabulary], dtype=np.int64),
        landmarks={},
        landmark_zero_shot=np.empty((0, 0), np.float32),
        text_mean=np.empty(0, np.float32),
        fold_of={},
        burst_of={},
        worded=len(photos),
        held_out=0,
        photos=len(photos),
        options=Options(),
    )


def vectors_of(photos: Sequence[Photo]) -> Array:
    """Photos of one tag stand close together."""
    rng = np.random.default_rng(0)
    rows = np.asarray([[10.0 * (kind in tags) for kind in KINDS] for _, tags in photos]).reshape(-1, 3)
    placed = rows + rng.normal(size=rows.shape)
    return (placed / np.linalg.norm(placed, axis=1, keepdims=True)).astype(np.float32)


def sums_of(photos: Sequence[Photo], plan: Plan) -> SynonymSums:
    return observe_words(photos, vectors_of(photos), Terms.of(plan))


def learn(photos: Sequence[Photo] = PHOTOS, own: dict[str, tuple[str, ...]] | None = None) -> Synonyms:
    plan = plan_of(photos)
    return solve(sums_of(photos, plan), plan, own)


def link(synonyms: Synonyms, word: str, other: str) -> Link:
    return next(one for one in synonyms.links[word] if one.word == other)


def test_what_is_said_instead_of_a_tag_is_the_same() -> None:
    found = link(learn(), "bicycle", "bike")
    assert found.relation is Relation.SAME
    assert "instead of “bicycle”" in found.evidence
    assert found.weight > 0.5


def test_what_is_said_either_way_only_goes_together() -> None:
    assert link(learn(), "bicycle", "ride").relation is Relation.TOGETHER


def test_another_spelling_is_told_by_its_letters() -> None:
    assert link(learn(), "saree", "sari").relation is Relation.SPELLING


def test_the_owners_list_stands_above_all() -> None:
    synonyms = learn(own={"bicycle": ("velocipede",)})
    first = synonyms.links["bicycle"][0]
    assert (first.word, first.relation, first.weight) == ("velocipede", Relation.OWNER, 1.0)


def test_a_query_is_turned_to_what_the_owner_means() -> None:
    synonyms = learn()
    somewhere = np.asarray([0.1, 0.9, 0.1], dtype=np.float32)
    turned = synonyms.meanings.adapt(somewhere, ("bicycle",))
    assert turned[0] > synonyms.meanings.adapt(somewhere, ())[0]
    assert np.linalg.norm(turned) == pytest.approx(1.0, abs=1e-5)


def test_a_sentence_is_turned_less_than_a_word() -> None:
    meanings = learn().meanings
    somewhere = np.asarray([0.1, 0.9, 0.1], dtype=np.float32)
    word, sentence = (meanings.adapt(somewhere, w) for w in (("bicycle",), ("bicycle", "near", "water")))
    assert word[0] > sentence[0]


def test_three_photos_are_enough_to_tell_what_a_tag_means() -> None:
    photos = [*PHOTOS, *[("a child on a lawn", ("kite",))] * 3, *[("a child on a beach", ("crab",))] * 2]
    known = learn(photos).meanings.terms
    assert "kite" in known
    assert "crab" not in known


def test_photos_that_say_a_tag_without_carrying_it_tell_of_its_meaning_too() -> None:
    tagged = [(text, tags) for text, tags in PHOTOS if "dog" not in tags]
    told, untold = (
        learn([*tagged, *[("a street", ("van",))] * 3, *[(f"a {word}", ("dog",))] * 16]).meanings
        for word in ("van", "dog")
    )
    towards_dogs = np.asarray([0.0, 0.0, 1.0], dtype=np.float32)
    turned, other = (meanings.adapt(towards_dogs / 9, ("van",)) for meanings in (told, untold))
    assert turned[2] > other[2]


def test_sums_add_over_shards_in_any_order() -> None:
    plan = plan_of(PHOTOS)
    vectors = vectors_of(PHOTOS)
    whole = observe_words(PHOTOS, vectors, Terms.of(plan))
    parts = [observe_words(PHOTOS[at::3], vectors[at::3], Terms.of(plan)) for at in range(3)]
    for total in (parts[0] + parts[1] + parts[2], parts[2] + (parts[0] + parts[1])):
        stored = SynonymSums.from_arrays(total.arrays())
        for name, array in whole.arrays().items():
            np.testing.assert_allclose(stored.arrays()[name], array, atol=1e-4)
        assert solve(stored, plan).table == solve(whole, plan).table


def test_tables_read_back_what_they_say() -> None:
    synonyms = learn()
    again = Synonyms.from_tables(synonyms.table, synonyms.reasons, synonyms.meanings)
    assert again.table == synonyms.table
    assert again.reasons == synonyms.reasons


def test_no_words_teach_nothing_and_break_nothing() -> None:
    plan = plan_of([])
    synonyms = solve(observe_words([], np.empty((0, 3), np.float32), Terms.of(plan)), plan)
    assert synonyms.table == {}
    assert not synonyms.taught
