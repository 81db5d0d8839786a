"""Which rows a task's inputs, and groups, tie together: no draw puts them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from gft.data.folding import is_short
from gft.data.groups import groups_in_both, groups_of
from gft.data.near import MOST_TEXTS, folded, near_pairs, near_within
from gft.data.overlap import Overlap
from gft.data.partition import Together
from gft.data.sampling import spread_over
from gft.data.table import Rows
from gft.data.ties import Array, Ties, same_rows, tie
from gft.inputs.kind import InputKind
from gft.tasks.protocol import Task

READ_ROWS = 1_000


def together(task: Task, group: str | None) -> Together:
    """Return what finds the ties of rows by a task's inputs and a column that names groups."""

    def ties(rows: Rows, split: str) -> Ties:
        return ties_of(task, rows, groups_of(rows, group, split))

    return ties


def ties_of(task: Task, rows: Rows, groups: Array | None) -> Ties:
    """Return which rows belong together: equal texts, one of `groups`; and nearly equal texts.

    Texts are equal that differ in case, whitespace, punctuation and a retweet's prefix alone, or
    files with the same bytes. A short text is written by many people independently, so rows that
    have it and other covariates do not belong together. Nearly equal texts are sought among the
    first `MOST_TEXTS` rows.
    """
    if not task.compared:
        same = np.arange(len(rows), dtype=np.uint64)
        short = np.zeros(len(rows), dtype=bool)
        return tie(same, short, groups, np.zeros((0, 2), dtype=np.int64))
    found = _inputs(task, rows)
    same = np.where(found.short, found.same, found.texts)
    return tie(same, found.short, groups, _near(task, rows, found.texts))


def overlap(
    task: Task, rows: Rows, others: Rows, group: str | None = None, near: bool = True
) -> Overlap:
    """Return what some rows share with others, by a task's inputs and a column that names groups.

    Inputs are the same whose texts are equal, as in `ties_of`, and whose covariates are; rows
    without any text are like none. Groups are compared where both have the column. Rows that are
    `near` others are counted on request, among the first `MOST_TEXTS` different texts of both:
    texts that are nearly equal, or equal with other covariates unless they are short.
    """
    if not task.compared:
        nothing = np.zeros(len(rows), dtype=bool)
        grouped, groups = _in_both(rows, others, group)
        return Overlap(nothing, grouped, groups)
    mine, theirs = _inputs(task, rows), _inputs(task, others)
    same = np.isin(mine.same, theirs.same) & ~mine.empty
    grouped, groups = _in_both(rows, others, group)
    found = Overlap(same, grouped, groups)
    if same.any():
        [example] = _shown(task.identity, rows, np.flatnonzero(same)[:1])
        found = replace(found, example=" | ".join(example))
    alone = np.flatnonzero(~same & ~(mine.short & np.isin(mine.texts, theirs.texts)))
    if not near or not len(alone) or not all(one.is_text for one in task.compared.values()):
        return found
    _, first, counts = np.unique(mine.texts[alone], return_index=True, return_counts=True)
    order = np.argsort(first)[:MOST_TEXTS]
    chosen, counts = alone[first[order]], counts[order]
    _, known = np.unique(theirs.texts, return_index=True)
    texts, trained = _joined(task, rows, chosen), _joined(task, others, _evenly(np.sort(known)))
    pairs = near_pairs(texts, trained)
    if not pairs:
        return found
    one, other = next(iter(pairs.items()))
    count = int(counts[list(pairs)].sum())
    return replace(found, near=count, near_example=(texts[one], trained[other]))


def _in_both(rows: Rows, others: Rows, group: str | None) -> tuple[Array, int | None]:
    """Return which rows are of a group that others have, and how many groups that are."""
    if group is not None and group in rows.columns and group in others.columns:
        return groups_in_both(rows, others, group)
    return np.zeros(len(rows), dtype=bool), None


def _evenly(numbers: Array) -> Array:
    """Return numbers, of very many `MOST_TEXTS` at even distances."""
    return numbers[spread_over(len(numbers), MOST_TEXTS)]


def same_inputs(task: Task, rows: Rows) -> Array:
    """Return a number for each row, the same for rows with equal inputs, in any split."""
    return _inputs(task, rows).same


def repeated_rows(task: Task, rows: Rows) -> int:
    """Return how many rows have the inputs of an earlier row, covariates included."""
    if not task.compared:
        return 0
    return len(rows) - len(np.unique(same_inputs(task, rows)))


def _joined(task: Task, rows: Rows, chosen: Array) -> list[str]:
    """Return the compared texts of some rows, those of a row as one."""
    return [" | ".join(row) for row in _shown(task.compared, rows, chosen)]


def _shown(compared: Mapping[str, InputKind], rows: Rows, chosen: Array) -> list[list[str]]:
    """Return what is compared of some rows as people read it, a list a row."""
    found = list[list[str]]()
    for part in rows.select(chosen).batches(list(compared), READ_ROWS):
        columns = [[kind.shown(cell) for cell in part[name]] for name, kind in compared.items()]
        found += [list(row) for row in zip(*columns, strict=True)]
    return found


@dataclass(frozen=True, eq=False)
class _Inputs:
    """The inputs of rows, shape (rows,) each.

    `texts` has the same number for equal texts, `same` for equal texts and covariates. `short`
    marks rows of short texts, `empty` those without any.
    """

    texts: Array
    same: Array
    short: Array
    empty: Array


def _inputs(task: Task, rows: Rows) -> _Inputs:
    """Return the inputs of rows as numbers: hashes of 64 bits, the same ones in any split."""
    identity, compared = task.identity, len(task.compared)
    parts = [
        _part(
            zip(*(kind.bare(part[name]) for name, kind in identity.items()), strict=True), compared
        )
        for part in rows.batches(list(identity), READ_ROWS)
    ]
    if not parts:
        none = np.zeros(0, dtype=np.uint64)
        return _Inputs(none, none, none.astype(bool), none.astype(bool))
    texts, same, short, empty = map(np.concatenate, zip(*parts, strict=True))
    return _Inputs(texts, same, short, empty)


def _part(rows: Iterable[tuple[str, ...]], compared: int) -> tuple[Array, Array, Array, Array]:
    """Return the arrays of `_Inputs` for some rows, of whose cells the first are `compared`."""
    every = list(rows)
    texts = [row[:compared] for row in every]
    numbers = same_rows(texts, len(texts))
    same = numbers if every[0] == texts[0] else same_rows(every, len(every))
    whole = ["".join(row) for row in texts]
    return numbers, same, np.array([*map(is_short, whole)]), np.array([not one for one in whole])


def _near(task: Task, rows: Rows, texts: Array) -> Array:
    """Return pairs of rows whose texts are nearly the same, of equal `texts` the first."""
    _, first = np.unique(texts, return_index=True)
    chosen = np.sort(first)[:MOST_TEXTS]
    compared = {name: kind for name, kind in task.compared.items() if kind.is_text}
    if not compared:
        return np.zeros((0, 2), dtype=np.int64)
    shown = []
    for part in rows.select(chosen).batches(list(compared), READ_ROWS):
        columns = [[kind.shown(cell) for cell in part[name]] for name, kind in compared.items()]
        shown += [folded(" ".join(row)) for row in zip(*columns, strict=True)]
    return chosen[near_within(shown)]
