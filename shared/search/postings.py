"""Which photos say a word, and how much that counts: BM25 scores by word.

References
----------
Lù, X. H. (2024). BM25S: Orders of magnitude faster lexical search via eager sparse scoring. arXiv:2407.03618.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import bm25s
import numpy as np
from numpy.typing import NDArray

from shared.domain.vectors import Array


@dataclass(frozen=True, slots=True, eq=False)
class Postings:
    """An inverted index with BM25 scores that were computed beforehand.

    Attributes
    ----------
    words : dict of str to int
        Number of each word.
    starts : (w + 1,) int
    photos : (p,) int32
        Rows of the photos that say word i: from `starts[i]` to `starts[i + 1]`.
    scores : (p,) float32
    """

    words: dict[str, int]
    starts: NDArray[np.int64]
    photos: NDArray[np.int32]
    scores: Array

    @classmethod
    def build(cls, texts: Sequence[Sequence[str]]) -> "Postings":
        """Index texts given as lemmas, one a photo."""
        if not any(texts):
            empty = np.empty(0, dtype=np.int32)
            return cls({}, np.zeros(1, dtype=np.int64), empty, empty.astype(np.float32))
        index = bm25s.BM25(method="lucene")
        index.index([list(text) for text in texts], show_progress=False)
        found = index.scores
        words = {word: number for word, number in index.vocab_dict.items() if word}
        return cls(words, found["indptr"].astype(np.int64), found["indices"].astype(np.int32), found["data"])

    def of(self, word: str) -> tuple[NDArray[np.int32], Array]:
        """Rows of the photos that say a word, and what that counts for each."""
        number = self.words.get(word)
        if number is None:
            return self.photos[:0], self.scores[:0]
        here = slice(int(self.starts[number]), int(self.starts[number + 1]))
        return self.photos[here], self.scores[here]

    def frequencies(self) -> Counter[str]:
        """In how many photos each word is said."""
        return Counter({word: int(self.starts[n + 1] - self.starts[n]) for word, n in self.words.items()})
