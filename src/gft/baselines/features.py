"""What a linear model sees of texts: words, pairs of words, and parts of words without spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

from gft.baselines.protocol import Cells
from gft.baselines.terms import WAYS, Terms, Way

CHARACTERS = 2000
"""So much of each text is read."""
SPACES = 0.08
"""Texts in which fewer characters are spaces than that are not made of words between spaces."""
_EXAMINED = 1000


@dataclass(frozen=True)
class Features:
    """TF-IDF features of one or more columns of text, with one vocabulary for each way.

    Words and pairs of words; characters in ones to threes too where words do not stand between
    spaces, as in Chinese or in columns of single words. Columns stand beside one another; of two
    or more the cosine between each two is a feature of its own, since a linear model cannot see
    otherwise whether they speak of the same.
    """

    columns: tuple[str, ...]
    vocabularies: tuple[Terms, ...]

    @classmethod
    def fitted(cls, rows: Cells, most: int) -> Self:
        """Return the features of train rows, `most` terms of each way: the most frequent ones."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        every = [text for cells in rows.values() for text in _read(cells)]
        examined = "".join(every[:: max(1, len(every) // _EXAMINED)])
        spaces = sum(map(str.isspace, examined)) / max(1, len(examined))
        ways: tuple[Way, ...] = ("words", "characters") if spaces < SPACES else ("words",)
        found = []
        for way in ways:
            made = TfidfVectorizer(analyzer=WAYS[way], max_features=most)
            try:
                made.fit(every)
            except ValueError:  # Not a single term: all texts are empty.
                continue
            found.append(Terms(way, tuple(made.get_feature_names_out().tolist()), made.idf_))
        return cls(tuple(rows), tuple(found))

    def of(self, rows: Cells) -> Any:
        """Return the features of rows, a sparse matrix of shape (rows, `width`)."""
        import numpy as np
        from scipy import sparse

        texts = [_read(rows[name]) for name in self.columns]
        found = []
        for one in self.vocabularies:
            matrices = [one.of(column) for column in texts]
            found += matrices
            for n, first in enumerate(matrices):
                for second in matrices[n + 1 :]:
                    found.append(sparse.csr_matrix(first.multiply(second).sum(1)))
        if not found:
            return sparse.csr_matrix(np.zeros((len(texts[0]), 1)))
        return sparse.hstack(found, format="csr")

    @property
    def width(self) -> int:
        """How many features there are; one, always 0, where texts have no terms."""
        columns = len(self.columns)
        pairs = columns * (columns - 1) // 2
        return sum(len(one.terms) * columns + pairs for one in self.vocabularies) or 1

    def named(self) -> list[tuple[str, str]]:
        """Return the column and the term of each feature; two columns and nothing are their cosine.

        Empty where texts have no terms.
        """
        found = []
        for one in self.vocabularies:
            found += [(column, term) for column in self.columns for term in one.terms]
            for n, first in enumerate(self.columns):
                found += [(f"{first} and {second}", "") for second in self.columns[n + 1 :]]
        return found

    @property
    def of_characters(self) -> bool:
        """Whether characters count beside words."""
        return any(one.way == "characters" for one in self.vocabularies)

    @property
    def what(self) -> str:
        """What the features are, in words."""
        parts = "words, pairs of words and characters" if self.of_characters else "words and pairs"
        return f"TF-IDF of {parts}" + (
            ", and how alike the columns are" if self.columns[1:] else ""
        )


def _read(cells: Sequence[str]) -> list[str]:
    return [text[:CHARACTERS] for text in cells]
