"""Metrics for answers that are spans of a text, counted as the official scripts of SQuAD do.

Metrics are in per cent.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gft.metrics.grounds import Ground
from gft.metrics.protocol import Array, Measure, Metric, Scored
from gft.metrics.weighted import divided

Score = Callable[[Sequence[str], str], float]
Part = tuple[str, Score, bool | None]
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(a|an|the)\b")


def normalized(text: str) -> str:
    """Return an answer in lower case, without ASCII punctuation, articles and extra whitespace."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact(golds: Sequence[str], found: str) -> float:
    """Return 1 if an answer is one of the gold ones, all normalised, else 0."""
    return float(normalized(found) in map(normalized, golds or [""]))


def f1(golds: Sequence[str], found: str) -> float:
    """Return the best F1 of the words of an answer and a gold one (Rajpurkar et al., 2016)."""
    return max(map(_overlap(found), golds)) if golds else exact(golds, found)


def _overlap(found: str) -> Callable[[str], float]:
    words = normalized(found).split()

    def with_gold(gold: str) -> float:
        of_gold = normalized(gold).split()
        common = (Counter(words) & Counter(of_gold)).total()
        if not common:
            return 0.0
        # As the script computes it, so that both agree to the last bit.
        precision, recall = common / len(words), common / len(of_gold)
        return (2 * precision * recall) / (precision + recall)

    return with_gold


def exact_v2(golds: Sequence[str], found: str) -> float:
    """Return what `exact` does; gold answers without a word do not count."""
    return exact(answers_in(golds), found)


def f1_v2(golds: Sequence[str], found: str) -> float:
    """Return what `f1` does; gold answers without a word do not count (Rajpurkar et al., 2018)."""
    return f1(answers_in(golds), found)


def answers_in(golds: Sequence[str]) -> list[str]:
    """Return the gold answers that have words."""
    return [gold for gold in golds if normalized(gold)]


@dataclass(frozen=True)
class OfAnswers:
    """A mean over rows, in per cent: of all rows, or of those with or without an answer."""

    name: str
    parts: tuple[Part, ...]
    """Each metric's name, what is averaged, and the rows: with answers, without, None for all."""
    target: str = "answers"

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the measures."""
        return tuple(Measure(name, span=(0.0, 100.0)) for name, _, _ in self.parts)

    def rows(self, scored: Scored) -> Array:
        """Return the score of each row and whether it counts, by metric: shape (n, 2 measures)."""
        columns: list[list[float]] = []
        for _, score, answered in self.parts:
            counts = [answered is None or bool(golds) is answered for golds in scored.gold]
            rows = zip(scored.gold, scored.prediction, counts, strict=True)
            columns += [
                [score(golds, found) if count else 0.0 for golds, found, count in rows],
                [float(count) for count in counts],
            ]
        return np.array(columns).T.reshape(len(scored), -1)

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Ground]]:
        """Return the rows that each metric counts."""
        which = {None: "", True: " with an answer", False: " without an answer"}
        counts = statistics[:, 1::2].T
        return [
            [Ground(one, which=which[answered])]
            for one, (_, _, answered) in zip(counts, self.parts, strict=True)
        ]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the means in per cent; NaN where no row counts."""
        totals = _totals(statistics, weights).reshape(len(weights), -1, 2)
        return divided(100 * totals[..., 0].T, totals[..., 1].T)


def _totals(statistics: Array, weights: Array) -> Array:
    """Return the weighted sums, shape (draws, statistics).

    Rows that all count once are summed one after another, as the scripts do: to the same last bit.
    """
    if len(weights) == 1 and len(statistics) and (weights == 1).all():
        return np.asarray(statistics.cumsum(axis=0)[-1:])
    return np.asarray(weights @ statistics)


_EXACT: Part = ("exact_match", exact, None)
_F1: Part = ("f1", f1, None)
_METRICS: dict[str, tuple[Part, ...]] = {
    "f1": (_F1,),
    "exact_match": (_EXACT,),
    "squad": (_F1, _EXACT),
    "squad_v2": (
        ("f1", f1_v2, None),
        ("exact", exact_v2, None),
        *(
            (f"{rows}_{name}", score, answered)
            for rows, answered in (("HasAns", True), ("NoAns", False))
            for name, score in (("exact", exact_v2), ("f1", f1_v2))
        ),
    ),
}
NAMES = tuple(_METRICS)
"""The metrics for answers."""


def find(name: str, config: str | None) -> Metric | None:
    """Return the metric of a name for answers, None if there is none such."""
    return None if config is not None or name not in _METRICS else OfAnswers(name, _METRICS[name])
