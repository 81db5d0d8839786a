"""TF-IDF of texts: words, pairs of words, and parts of words where there are few blanks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gft.baselines.protocol import Cells

CHARACTERS = 2000
"""So much of each text is read."""
BLANKS = 0.08
"""Texts in which fewer characters are blanks than that are not made of words between blanks."""
_EXAMINED = 1000


class Features:
    """TF-IDF features of one or more columns of text, with one vocabulary (Salton & Buckley 1988).

    Words and pairs of words; characters in ones to threes too where words do not stand between
    blanks, as in Chinese or in columns of single words. Columns stand beside one another; of two
    or more the cosine between each two is a feature of its own, since a linear model cannot see
    otherwise whether they speak of the same.
    """

    def __init__(self, columns: Sequence[str], most: int) -> None:
        """Take the names of the columns and how many terms there may be."""
        self.columns = tuple(columns)
        self.most = most
        self._vectorizers: list[Any] = []
        self.of_characters = False

    def fit(self, rows: Cells) -> Any:
        """Learn the terms of the train rows and return their features, a sparse matrix."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = self._texts(rows)
        every = [text for column in texts for text in column]
        examined = "".join(every[:: max(1, len(every) // _EXAMINED)])
        blanks = sum(map(str.isspace, examined)) / max(1, len(examined))
        self.of_characters = blanks < BLANKS
        # Every word counts, single letters and signs too: token_pattern's own default drops them.
        ways: list[dict[str, Any]] = [{"token_pattern": r"\w+|[^\w\s]", "ngram_range": (1, 2)}]
        if self.of_characters:
            ways.append({"analyzer": "char_wb", "ngram_range": (1, 3)})
        for way in ways:
            made = TfidfVectorizer(**way, sublinear_tf=True, max_features=self.most)
            try:
                made.fit(every)
            except ValueError:  # Not a single term: all texts are empty.
                continue
            self._vectorizers.append(made)
        return self.of(rows)

    def of(self, rows: Cells) -> Any:
        """Return the features of rows, a sparse matrix of shape (rows, features)."""
        import numpy as np
        from scipy import sparse

        texts = self._texts(rows)
        found = []
        for one in self._vectorizers:
            matrices = [one.transform(column) for column in texts]
            found += matrices
            for n, first in enumerate(matrices):
                for second in matrices[n + 1 :]:
                    found.append(sparse.csr_matrix(first.multiply(second).sum(1)))
        if not found:
            return sparse.csr_matrix(np.zeros((len(texts[0]), 1)))
        return sparse.hstack(found, format="csr")

    def _texts(self, rows: Cells) -> list[list[str]]:
        return [[text[:CHARACTERS] for text in rows[name]] for name in self.columns]

    @property
    def what(self) -> str:
        """What the features are, in words."""
        parts = "words, pairs of words and characters" if self.of_characters else "words and pairs"
        return f"TF-IDF of {parts}" + (
            ", and how alike the columns are" if self.columns[1:] else ""
        )
