"""Metrics for texts: error rates of words and characters, and those of generated texts."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from gft.metrics import generation
from gft.metrics.grounds import Basis, Tail, of_rows
from gft.metrics.limits import Ratio
from gft.metrics.protocol import Array, Metric, OneMeasure, Scored
from gft.metrics.weighted import divided

Units = Callable[[str], Sequence[Hashable]]


@dataclass(frozen=True)
class ErrorRate(OneMeasure):
    """Edits over units of the references, all rows together: 0 is perfect, and it may exceed 1.

    `units` splits a text into what is counted. So have it `evaluate` and jiwer.
    """

    name: str
    units: Units
    target: str = "texts"
    greater_is_better = False

    def rows(self, scored: Scored) -> Array:
        """Return the edits and the length of the reference of each row, shape (n, 2)."""
        counted = [
            (edits(self.units(gold), self.units(found)), len(self.units(gold)))
            for gold, found in zip(scored.gold, scored.prediction, strict=True)
        ]
        return np.array(counted, dtype=np.float64).reshape(-1, 2)

    def smooth(self, statistics: Array) -> list[Ratio | None]:
        """Return edits over lengths."""
        return [Ratio(statistics[:, 0], statistics[:, 1], np.asarray)]

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Basis]]:
        """Return that it rests on all rows, and that no few of them have most of the edits."""
        return [[*of_rows(len(statistics)), Tail(statistics[:, 0])]]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return all edits over all lengths; NaN where the references are empty."""
        wrong, length = (weights @ statistics).T
        return divided(wrong, length)[None]


def edits(gold: Sequence[Hashable], found: Sequence[Hashable]) -> int:
    """Return the fewest insertions, deletions and substitutions between two (Levenshtein 1966).

    A row of the table at a time: deletions and substitutions come from the row above, and a run
    of insertions is a running minimum.
    """
    number = {unit: n for n, unit in enumerate({*gold, *found})}
    across = np.array([number[unit] for unit in found], dtype=np.int64)
    place = np.arange(len(across) + 1)
    row = place.copy()
    for unit in gold:
        above = row
        row = above + 1
        np.minimum(row[1:], above[:-1] + (across != number[unit]), out=row[1:])
        row = np.minimum.accumulate(row - place) + place
    return int(row[-1])


def words(text: str) -> list[str]:
    """Return the words of a text, which are between spaces."""
    return text.split()


def characters(text: str) -> str:
    """Return the characters of a text with the whitespace inside it."""
    return text.strip()


_RATES: dict[str, Units] = {"wer": words, "cer": characters}
NAMES = (*_RATES, *generation.NAMES)
"""The metrics for texts."""


def find(name: str, config: str | None) -> Metric | None:
    """Return the metric of a name for texts, None if there is none such."""
    if name not in _RATES:
        return generation.find(name, config)
    return ErrorRate(name, _RATES[name]) if config is None else None
