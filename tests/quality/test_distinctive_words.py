"""The words that description patterns name are more distinctive of a category than the most frequent ones."""

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from shared.learning.descriptions import Described, DescriptionSums, solve
from shared.learning.words import content_lemmas, lemmas, ngrams
from tests.unit.test_synonyms import plan_of

DATA = Path(os.environ.get("EYE_DATA", Path(__file__).parents[3] / "shared" / "data")) / "text"
TOP = 10
LARGEST = 40

Rows = list[tuple[str, tuple[str, ...]]]


@pytest.fixture(scope="module")
def halves() -> tuple[Rows, Rows]:
    path = DATA / "flickr8k.jsonl"
    if not path.is_file():
        pytest.skip(f"no evaluation data at {DATA}: set EYE_DATA")
    taught: Rows = []
    held: Rows = []
    for line in path.read_text().splitlines():
        row = json.loads(line)
        odd = int(hashlib.sha256(row["id"].encode()).hexdigest(), 16) % 2
        (held if odd else taught).append((row["description"], tuple(row["tags"])))
    return taught, held


def sums_of(rows: Rows) -> DescriptionSums:
    return DescriptionSums.of(Described(tags, len(lemmas(text)), set(ngrams(text, 3))) for text, tags in rows)


def precision(words: Iterable[str], name: str, held: Rows) -> float:
    """Of the held-out photos that say a word, the share in the category; mean over the words."""
    shares = []
    for word in words:
        saying = [tags for text, tags in held if word in content_lemmas(text)]
        shares.append(sum(name in tags for tags in saying) / max(len(saying), 1))
    return sum(shares) / max(len(shares), 1)


@pytest.mark.data
def test_words_named_belong_to_their_category_more_than_the_most_frequent_do(
    halves: tuple[Rows, Rows],
) -> None:
    taught, held = halves
    sums = sums_of(taught)
    patterns = solve(sums, plan_of(taught)).categories
    largest = sorted(patterns, key=lambda name: (-patterns[name].count, name))[:LARGEST]
    named, frequent = [], []
    for name in largest:
        row = sums.counts[[sums.names.index(name)]].toarray().ravel().tolist()
        counted = Counter({term: n for term, n in zip(sums.terms, row, strict=True) if " " not in term})
        named.append(precision(patterns[name].common_words[:TOP], name, held))
        frequent.append(precision([term for term, _ in counted.most_common(TOP)], name, held))
    better = sum(one > other for one, other in zip(named, frequent, strict=True))
    print(f"share in the category: named {sum(named) / LARGEST:.3f}, frequent {sum(frequent) / LARGEST:.3f}")
    assert sum(named) > 1.5 * sum(frequent)
    assert better >= 0.9 * len(largest)
