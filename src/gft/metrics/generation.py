"""Metrics for generated texts: BLEU and chrF as sacrebleu has them, ROUGE as rouge_score has it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from gft.errors import UserError, no_such
from gft.metrics.grounds import Ground, of_rows
from gft.metrics.protocol import Array, Measure, Metric, OneMeasure, Scored
from gft.metrics.weighted import divided, mean

BLEU_ORDERS = 4
CHRF_ORDERS = 6
BETA = 2
"""How many times as much as precision recall counts in chrF."""
TOKENIZATIONS = ("13a", "intl", "char", "zh", "none")
"""What a configuration of BLEU may be: how sacrebleu parts a text into tokens."""


@dataclass(frozen=True)
class Bleu(OneMeasure):
    """BLEU of the whole split, 0 to 100 (Papineni et al. 2002), as `sacrebleu.corpus_bleu` has it.

    Evaluate calls that `sacrebleu`; its own `bleu` goes from 0 to 1. `tokenize` is sacrebleu's
    way of parting a text: `13a` for most languages, `zh` for Chinese, `char` for characters.
    """

    tokenize: str = TOKENIZATIONS[0]
    name: str = "bleu"
    target: str = "texts"
    span: tuple[float, float] | None = (0.0, 100.0)

    def rows(self, scored: Scored) -> Array:
        """Return each row's lengths, and its n-grams found and predicted, shape (n, 10)."""
        from sacrebleu import BLEU

        bleu = BLEU(tokenize=self.tokenize)
        found = np.zeros((len(scored), 2 + 2 * BLEU_ORDERS))
        for row, (gold, text) in enumerate(zip(scored.gold, scored.prediction, strict=True)):
            one = bleu.corpus_score([text], [[gold]])
            found[row] = [one.sys_len, one.ref_len, *one.counts, *one.totals]
        return found

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Ground]]:
        """Return that it rests on all rows."""
        return [of_rows(len(statistics))]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return BLEU of the summed counts, with sacrebleu's exponential smoothing."""
        from sacrebleu import BLEU

        scores = []
        for sums in (weights @ statistics).round().astype(int).tolist():
            length, gold_length, *counts = sums
            found, every = counts[:BLEU_ORDERS], counts[BLEU_ORDERS:]
            score = BLEU.compute_bleu(found, every, length, gold_length, smooth_method="exp")
            scores.append(score.score)
        return np.array([scores])


@dataclass(frozen=True)
class Chrf(OneMeasure):
    """chrF2 of the whole split, 0 to 100 (Popović 2015), as `sacrebleu.corpus_chrf` has it.

    Precision and recall of character n-grams up to six, without spaces, averaged over the orders;
    recall counts twice as much.
    """

    name: str = "chrf"
    target: str = "texts"
    span: tuple[float, float] | None = (0.0, 100.0)

    def rows(self, scored: Scored) -> Array:
        """Return each row's n-grams predicted, gold and in both, by order, shape (n, 18)."""
        from sacrebleu import extract_char_ngrams

        found = np.zeros((len(scored), CHRF_ORDERS, 3))
        for row, (gold, text) in enumerate(zip(scored.gold, scored.prediction, strict=True)):
            for order in range(CHRF_ORDERS):
                ours, theirs = (extract_char_ngrams(one, order + 1) for one in (text, gold))
                # As in sacrebleu, n-grams of an order that the gold text lacks are not counted.
                predicted = ours.total() if theirs else 0
                found[row, order] = predicted, theirs.total(), (ours & theirs).total()
        return found.reshape(len(scored), 3 * CHRF_ORDERS)

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Ground]]:
        """Return that it rests on all rows."""
        return [of_rows(len(statistics))]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return chrF of the summed counts; orders that either side lacks are left out."""
        sums = (weights @ statistics).reshape(len(weights), CHRF_ORDERS, 3)
        predicted, gold, both = np.moveaxis(sums, 2, 0)
        there = (predicted > 0) & (gold > 0)
        orders = np.maximum(there.sum(1), 1)
        precision, recall = (
            np.divide(both, count, out=np.zeros_like(both), where=there).sum(1) / orders
            for count in (predicted, gold)
        )
        below = BETA**2 * precision + recall
        above = 100 * (1 + BETA**2) * precision * recall
        return divided(above, below, 0.0)[None]


Sentences = Sequence[Sequence[str]]
"""The words of each line of a text."""
OfSentences = Callable[[Sentences, Sentences], float]


@dataclass(frozen=True)
class Rouge:
    """Mean F1 over rows of what gold and predicted text share, 0 to 1 (Lin 2004).

    rouge1 and rouge2: words and pairs of words; rougeL: the longest common subsequence of words;
    rougeLsum: the same of each sentence, a line of the text, with all of the other text's.
    As in rouge_score, whose metrics evaluate gives, words are runs of a-z and 0-9 in lower case,
    not stemmed: a text in another script has no words, and scores 0.
    """

    name: str
    parts: tuple[str, ...]
    target: str = "texts"

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the measures of the parts."""
        return tuple(Measure(part, span=(0.0, 1.0)) for part in self.parts)

    def rows(self, scored: Scored) -> Array:
        """Return each part's F1 of each row, shape (n, parts)."""
        found = np.zeros((len(scored), len(self.parts)))
        for row, pair in enumerate(zip(scored.gold, scored.prediction, strict=True)):
            gold, text = map(_sentences, pair)
            found[row] = [_ROUGE[part](gold, text) for part in self.parts]
        return found

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Ground]]:
        """Return that each metric rests on all rows."""
        return [of_rows(len(statistics))] * len(self.parts)

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the weighted means; NaN without rows."""
        return mean(statistics, weights)


def _sentences(text: str) -> list[list[str]]:
    found = (re.findall("[a-z0-9]+", line) for line in text.lower().split("\n"))
    return [words for words in found if words]


def _words(sentences: Sentences) -> list[str]:
    return [word for sentence in sentences for word in sentence]


def _of_ngrams(order: int) -> OfSentences:
    def f1(gold: Sentences, text: Sentences) -> float:
        ours, theirs = (
            Counter(tuple(one[n : n + order]) for n in range(len(one) - order + 1))
            for one in (_words(text), _words(gold))
        )
        return _f1((ours & theirs).total(), ours.total(), theirs.total())

    return f1


def _of_subsequence(gold: Sentences, text: Sentences) -> float:
    ours, theirs = _words(text), _words(gold)
    return _f1(common_length(theirs, ours), len(ours), len(theirs))


def _of_summary(gold: Sentences, text: Sentences) -> float:
    """Return F1 of the words that a gold sentence shares, in order, with any sentence of the text.

    A word counts as often as both have it (Lin 2004, section 3.2, as rouge_score counts).
    """
    ours, theirs = Counter(_words(text)), Counter(_words(gold))
    left, both = ours & theirs, 0
    for sentence in gold:
        shared = set().union(*(_common_positions(sentence, one) for one in text))
        for word in (sentence[position] for position in sorted(shared)):
            if left[word]:
                left[word] -= 1
                both += 1
    return _f1(both, ours.total(), theirs.total())


def _common_positions(first: Sequence[str], second: Sequence[str]) -> set[int]:
    """Return the positions in `first` of a longest common subsequence; the latest of several."""
    table = np.zeros((len(first) + 1, len(second) + 1), dtype=np.int32)
    for row, word in enumerate(first, 1):
        same = np.array([word == other for other in second], dtype=bool)
        # What the row above gives, or one more where the words are the same; never falling.
        table[row, 1:] = np.maximum(table[row - 1, 1:], table[row - 1, :-1] + same)
        np.maximum.accumulate(table[row], out=table[row])
    positions: set[int] = set()
    row, column = len(first), len(second)
    while row and column:
        if first[row - 1] == second[column - 1]:
            row, column = row - 1, column - 1
            positions.add(row)
        elif table[row, column - 1] > table[row - 1, column]:
            column -= 1
        else:
            row -= 1
    return positions


def _f1(both: int, predicted: int, gold: int) -> float:
    return 2 * both / (predicted + gold) if both else 0.0


def common_length(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence, a row of its table as bits at a time.

    That is Hyyrö (2004), after Allison & Dix (1986).
    """
    positions: dict[str, int] = {}
    for n, word in enumerate(first):
        positions[word] = positions.get(word, 0) | 1 << n
    every = (1 << len(first)) - 1
    row = every
    for word in second:
        hits = row & positions.get(word, 0)
        row = (row + hits | row - hits) & every
    return len(first) - row.bit_count()


_ROUGE: dict[str, OfSentences] = {
    "rouge1": _of_ngrams(1),
    "rouge2": _of_ngrams(2),
    "rougeL": _of_subsequence,
    "rougeLsum": _of_summary,
}
NAMES = ("bleu", "chrf", "rouge", *_ROUGE)
"""The metrics for generated texts."""


def find(name: str, config: str | None) -> Metric | None:
    """Return the metric of a name for generated texts, None if there is none such.

    `bleu` may have a tokenization for its configuration (`bleu,zh`). Raises `UserError` for one
    that it does not have.
    """
    if name == "sacrebleu":
        name = "bleu"
    if name == "bleu" and config is not None and config not in TOKENIZATIONS:
        raise UserError(no_such("configuration", config, TOKENIZATIONS, "H:bleu"))
    if name not in NAMES or (config is not None and name != "bleu"):
        return None
    if name == "bleu":
        return Bleu(config or TOKENIZATIONS[0])
    if name == "chrf":
        return Chrf()
    return Rouge(name, tuple(_ROUGE) if name == "rouge" else (name,))
