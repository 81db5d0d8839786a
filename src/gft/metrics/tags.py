"""Metrics for tags of words: of entities, as conlleval counts them, and of single words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from gft.metrics import classification as c
from gft.metrics.grounds import Ground, of_rows
from gft.metrics.protocol import Array, Measure, Metric, OneMeasure, Scored
from gft.metrics.weighted import divided

OUTSIDE = "O"
NO_TYPE = "_"
_SILENT = (OUTSIDE, ".")
"""What begins a tag that neither makes nor ends an entity by its type."""
_OF_ENTITIES = re.compile(r"[BIESLUM]-.+")
_OVERALL = ("overall_f1", "overall_precision", "overall_recall", "overall_accuracy")
NAMES = ("seqeval", "accuracy", *c.PER_CLASS, *c.OF_ALL)
"""The metrics for tags of words."""


def are_of_entities(names: Sequence[str]) -> bool:
    """Say whether tags mark entities: each is `O`, or a letter of BIO or its kin with a type."""
    inside = [name for name in names if name != OUTSIDE]
    return bool(inside) and all(_OF_ENTITIES.fullmatch(name) for name in inside)


def type_of(name: str) -> str:
    """Return the type of entity that a tag speaks of: `PER` for `B-PER`."""
    return name[1:].split("-", 1)[-1] or NO_TYPE


def types_of(names: Sequence[str]) -> tuple[str, ...]:
    """Return the types of entities that tags speak of, sorted."""
    return tuple(sorted({type_of(name) for name in names if not name.startswith(_SILENT)}))


@dataclass(frozen=True)
class Entities:
    """Precision, recall and F1 of whole entities, and the share of words whose tag is right.

    An entity is right when its type and both its ends are (Tjong Kim Sang & De Meulder 2003);
    tags that break the rules of BIO are read as `conlleval` and the library seqeval read them.
    """

    name: str = "seqeval"
    target: str = "tags of words"

    def measures(self, names: tuple[str, ...]) -> tuple[Measure, ...]:
        """Return the measures of all entities together, then the F1 of each type."""
        each = (f"f1_{kind}" for kind in types_of(names))
        return tuple(Measure(name, span=(0.0, 1.0)) for name in (*_OVERALL, *each))

    def rows(self, scored: Scored) -> Array:
        """Return counts of each row, shape (n, 3 types + 2).

        Entities that are right, predicted and gold, by type; words that are right; words.
        """
        kinds = types_of(scored.names)
        gold = _Sequence.of(scored.gold, scored.names, kinds)
        found = _Sequence.of(scored.prediction, scored.names, kinds)
        same = (gold.kinds == found.kinds) & (gold.begins == found.begins)
        counts = [
            one.counted(chosen, len(scored), len(kinds))
            for one, chosen in (
                (gold, gold.ends & found.ends & same),
                (found, found.ends),
                (gold, gold.ends),
            )
        ]
        pairs = zip(scored.gold, scored.prediction, strict=True)
        words = [(int((a == b).sum()), len(a)) for a, b in pairs]
        return np.concatenate([*counts, np.array(words).reshape(-1, 2)], axis=1, dtype=np.float64)

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Ground]]:
        """Return the entities, predicted ones of precision, or words; and rows they are in."""
        rows, kinds = of_rows(len(statistics)), types_of(names)
        _, predicted, gold = np.split(statistics[:, :-2], 3, axis=1)
        every = [*rows, Ground(gold.sum(1), "entity")]
        precision = [*rows, Ground(predicted.sum(1), "entity", " predicted")]
        words = [*rows, Ground(statistics[:, -1], "word")]
        named = zip(gold.T, kinds, strict=True)
        each = [[*rows, Ground(one, "entity", f" of {kind}")] for one, kind in named]
        return [every, precision, every, words, *each]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the scores of the weighted counts; NaN for a type that does not occur."""
        totals = weights @ statistics
        right, predicted, gold = np.split(totals[:, :-2], 3, axis=1)
        together = [one.sum(1) for one in (right, predicted, gold)]
        precision, recall = c.precision(*together), c.recall(*together)
        of_types = _harmonic(c.precision(right, predicted, gold), c.recall(right, predicted, gold))
        of_types = np.where(predicted + gold > 0, of_types, np.nan)
        share = divided(totals[:, -2], totals[:, -1])
        return np.stack([_harmonic(precision, recall), precision, recall, share, *of_types.T])


@dataclass(frozen=True)
class _Sequence:
    """The tags of all rows one after another, with an `O` behind each row.

    At each position: whether an entity ended just before it (`ends`), of which type (`kinds`),
    where it had begun (`begins`), and the row it is of.
    """

    ends: Array
    kinds: Array
    begins: Array
    row: Array

    @classmethod
    def of(cls, rows: Sequence[Array], names: Sequence[str], kinds: Sequence[str]) -> _Sequence:
        """Return the entities of rows, given as numbers of tags."""
        written = [*names, OUTSIDE]
        closed = [np.append(row, len(names)) for row in rows]
        tags = np.concatenate([[len(names)], *closed]).astype(np.int64)
        row = np.repeat(np.arange(len(rows)), [len(one) for one in closed])
        letter = np.array([name[:1] for name in written])[tags]
        every = {kind: n for n, kind in enumerate(kinds)}
        kind = np.array([every.get(type_of(name), -1) for name in written])[tags]
        before, here = letter[:-1], letter[1:]
        changed = kind[:-1] != kind[1:]
        ends = (
            np.isin(before, ("E", "S"))
            | (np.isin(before, ("B", "I")) & np.isin(here, ("B", "S", OUTSIDE)))
            | (~np.isin(before, _SILENT) & changed)
        )
        starts = (
            np.isin(here, ("B", "S"))
            | (np.isin(before, ("E", "S", OUTSIDE)) & np.isin(here, ("E", "I")))
            | (~np.isin(here, _SILENT) & changed)
        )
        begin = np.maximum.accumulate(np.where(starts, np.arange(len(here)), 0))
        return cls(ends, kind[:-1], np.concatenate([[0], begin[:-1]])[: len(here)], row)

    def counted(self, chosen: Array, rows: int, kinds: int) -> Array:
        """Return how many chosen entities of each type each row has, shape (rows, kinds)."""
        cells = self.row[chosen] * kinds + self.kinds[chosen]
        return np.bincount(cells, minlength=rows * kinds).reshape(rows, kinds)


@dataclass(frozen=True)
class OfWords(OneMeasure):
    """A metric of how often each tag is gold, predicted, and rightly predicted, over words."""

    name: str
    formula: c.Formula
    each: bool = True
    """Whether it rests on the words of each tag, or on all of them."""
    span: tuple[float, float] | None = (0.0, 1.0)
    target: str = "tags of words"

    def rows(self, scored: Scored) -> Array:
        """Return words that are right, predicted and gold by tag in each row, shape (n, 3 tags)."""
        count = len(scored.names)
        counted = np.zeros((len(scored), 3, count))
        for row, (gold, found) in enumerate(zip(scored.gold, scored.prediction, strict=True)):
            for part, tags in enumerate((gold[gold == found], found, gold)):
                counted[row, part] = np.bincount(tags, minlength=count)
        return counted.reshape(len(scored), -1)

    def grounds(self, statistics: Array, names: tuple[str, ...]) -> list[list[Ground]]:
        """Return the rows, and the words of each tag that occurs or of all."""
        gold = np.split(statistics, 3, axis=1)[2]
        found = of_rows(len(statistics))
        if self.each:
            named = zip(gold.T, names, strict=True)
            found += [Ground(one, "word", f" of {name}") for one, name in named if one.any()]
        else:
            found.append(Ground(gold.sum(1), "word"))
        return [found]

    def reduce(self, statistics: Array, weights: Array) -> Array:
        """Return the score of the weighted counts."""
        return self.formula(*np.split(weights @ statistics, 3, axis=1))[None]


def counts_by_class(scored: Scored) -> tuple[tuple[str, ...], Array, Array, Array]:
    """Return types of entities, else tags, and how often each is right, predicted and gold."""
    if are_of_entities(scored.names):
        names, every = types_of(scored.names), Entities().rows(scored).sum(0)[:-2]
    else:
        names, every = scored.names, OfWords("f1", c.f1).rows(scored).sum(0)
    right, predicted, gold = np.split(every, 3)
    return names, right, predicted, gold


def find(name: str, config: str | None) -> Metric | None:
    """Return the metric of a name for tags of words, None if there is none such.

    The average of f1, precision, recall and jaccard is a configuration (`f1,micro`) or part of
    the name (`f1_micro`), macro if none is given. Raises `UserError` for another configuration.
    """
    averaged = c.named_average(name, config, "macro")
    if averaged:
        formula = c.averaged(c.PER_CLASS[averaged[0]], averaged[1])
        return OfWords("_".join(averaged), formula, averaged[1] == "macro")
    if config is not None:
        return None
    if name == "seqeval":
        return Entities()
    if name == "accuracy":
        return OfWords(name, c.share_right, each=False)
    if name not in c.OF_ALL:
        return None
    formula, _, span = c.OF_ALL[name]
    return OfWords(name, formula, name == "balanced_accuracy", span)


def _harmonic(precision: Array, recall: Array) -> Array:
    return divided(2 * precision * recall, precision + recall, 0.0)
