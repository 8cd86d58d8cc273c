"""What the owner means by a word: a direction among sentence vectors, learned from the photos it is used for.

A ridge from the text vector of a photo's words to whether it carries the tag (or says the word) adds over
shards. A query for the word is then looked for in that direction too, so that photos are found whose owner
said the same in other words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from shared.domain.vectors import Array

PENALTY = 16.0
SHARE = 2.5
SUPPORT = 3
SAID = 0.25
"""What a photo counts whose description says a tag, beside one that carries it."""

Moments = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class MeaningSums:
    """Second moments of text vectors, and their sums over the photos that carry each term.

    Attributes
    ----------
    photos : (1,) float64
    total : (d,) float64
    gram : (d, d) float64
    carriers : (t,) float64
    cross : (d, t) float64
    """

    photos: Moments
    total: Moments
    gram: Moments
    carriers: Moments
    cross: Moments

    @classmethod
    def observe(cls, vectors: Array, carried: csr_array) -> Self:
        """Sum photos.

        Parameters
        ----------
        vectors : (n, d) float32
            Text vector of the words of each.
        carried : (n, t) csr_array
            1 where the photo carries the term.
        """
        rows = vectors.astype(np.float64)
        counts = np.asarray(carried.sum(axis=0), dtype=np.float64).ravel()
        cross = np.asarray((carried.T @ rows).T, dtype=np.float64)
        return cls(np.asarray([len(rows)], dtype=np.float64), rows.sum(axis=0), rows.T @ rows, counts, cross)

    def __add__(self, other: "MeaningSums") -> "MeaningSums":
        return MeaningSums(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads back."""
        return {f.name: getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "MeaningSums":
        """Read back what `arrays` gave."""
        return cls(*(arrays[f.name].astype(np.float64) for f in fields(cls)))


@dataclass(frozen=True, slots=True, eq=False)
class Meanings:
    """Directions of the terms that enough photos carry.

    Attributes
    ----------
    terms : tuple of str
        Lemmas, sorted.
    directions : (t, d) float32
        Scores over the library's text vectors have standard deviation 1.
    mean : (d,) float32
        Of the text vectors.
    spread : (d, d) float32
        Their covariance.
    """

    terms: tuple[str, ...]
    directions: Array
    mean: Array
    spread: Array

    @classmethod
    def solve(cls, sums: MeaningSums, terms: Sequence[str]) -> "Meanings":
        """Solve the ridge for all terms at once.

        Parameters
        ----------
        sums : MeaningSums
        terms : sequence of str
            One for each column of the sums, tags before words: where a term is both, photos that carry the
            tag count, and beside them, by a quarter, those that say the word.
        """
        photos = max(float(sums.photos[0]), 1.0)
        mean = sums.total / photos
        covariance = sums.gram / photos - np.outer(mean, mean)
        scale = max(float(np.trace(covariance)), 1e-9)
        cross = sums.cross - np.outer(mean, sums.carriers)
        ridged = covariance * photos + PENALTY * scale * np.eye(len(mean))
        first = {term: column for column, term in reversed(list(enumerate(terms)))}
        last = {term: column for column, term in enumerate(terms)}
        known = sorted(term for term, column in first.items() if sums.carriers[column] >= SUPPORT)
        carried, said = ([columns[term] for term in known] for columns in (first, last))
        targets = cross[:, carried] + SAID * np.not_equal(carried, said) * cross[:, said]
        solved = np.linalg.solve(ridged, targets).T
        deviation = np.sqrt(np.einsum("td,de,te->t", solved, covariance, solved, optimize=True))
        directions = solved / np.maximum(deviation, 1e-12)[:, None]
        return cls(
            tuple(known),
            directions.astype(np.float32),
            mean.astype(np.float32),
            covariance.astype(np.float32),
        )

    def adapt(self, query: Array, words: Sequence[str]) -> Array:
        """A query vector turned to what the owner means by its words, less so the more words it has.

        Parameters
        ----------
        query : (d,) float32
            Sentence vector of the query.
        words : sequence of str
            Its content lemmas; only known ones count.

        Returns
        -------
        (d,) float32, of length 1, centred on the library's mean.
        """
        centred = query - self.mean
        position = {term: row for row, term in enumerate(self.terms)}
        known = [position[word] for word in dict.fromkeys(words) if word in position]
        if known and len(self.directions):
            own = centred / max(float(np.sqrt(centred @ self.spread @ centred)), 1e-12)
            share = SHARE * len(known) / len(set(words)) ** 2
            centred = own + share * self.directions[known].mean(axis=0)
        return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-12), dtype=np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `from_arrays` reads back."""
        return {
            "terms": np.asarray(self.terms, dtype=np.str_),
            "directions": self.directions.astype(np.float16),
            "mean": self.mean,
            "spread": self.spread,
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Meanings":
        """Read back what `arrays` gave."""
        numbers = (arrays[name].astype(np.float32) for name in ("directions", "mean", "spread"))
        return cls(tuple(arrays["terms"].tolist()), *numbers)
