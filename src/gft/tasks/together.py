"""Which rows a task's inputs, and groups, tie together: no draw puts them apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from gft.data.folding import is_short
from gft.data.groups import groups_in_both, groups_of
from gft.data.near import MOST_TEXTS, folded, near_pairs, near_within
from gft.data.overlap import Overlap
from gft.data.partition import Together
from gft.data.sampling import spread_over
from gft.data.table import Rows
from gft.data.ties import Array, Ties, same_rows, tie
from gft.tasks.protocol import Task

READ_ROWS = 1_000


def together(task: Task, group: str | None) -> Together:
    """Return what finds the ties of rows by a task's inputs and a column that names groups."""

    def ties(rows: Rows, split: str) -> Ties:
        return ties_of(task, rows, groups_of(rows, group, split))

    return ties


def ties_of(task: Task, rows: Rows, groups: Array | None) -> Ties:
    """Return which rows belong together: equal inputs, one of `groups`; and nearly equal texts.

    Inputs are equal that differ in case, whitespace, punctuation and a retweet's prefix alone, or
    files with the same bytes. Nearly equal texts are sought among the first `MOST_TEXTS` rows.
    """
    short = np.zeros(len(rows), dtype=bool)
    if not task.compared:  # Rows of a few numbers and levels are equal by chance.
        same = np.arange(len(rows), dtype=np.uint64)
        return tie(same, short, groups, np.zeros((0, 2), dtype=np.int64))
    same = same_rows(_bare(task, rows, short), len(rows))
    return tie(same, short, groups, _near(task, rows, same))


def overlap(
    task: Task, rows: Rows, others: Rows, group: str | None = None, near: bool = True
) -> Overlap:
    """Return what some rows share with others, by a task's inputs and a column that names groups.

    Inputs are compared as for `ties_of`, but rows without any are like none; groups where both
    have the column. Rows that are `near` others are counted on request, among the first
    `MOST_TEXTS` different ones of both.
    """
    if not task.compared:
        nothing = np.zeros(len(rows), dtype=bool)
        grouped, groups = _in_both(rows, others, group)
        return Overlap(nothing, grouped, groups)
    mine, theirs = same_inputs(task, rows), same_inputs(task, others)
    same = np.isin(mine, theirs) & (mine != same_rows([[""] * len(task.compared)], 1))
    grouped, groups = _in_both(rows, others, group)
    found = Overlap(same, grouped, groups)
    if same.any():
        found = replace(found, example=" | ".join(_shown(task, rows, np.flatnonzero(same)[:1])[0]))
    alone = np.flatnonzero(~same)
    if not near or not len(alone) or not all(one.is_text for one in task.compared.values()):
        return found
    _, first, counts = np.unique(mine[alone], return_index=True, return_counts=True)
    order = np.argsort(first)[:MOST_TEXTS]
    chosen, counts = alone[first[order]], counts[order]
    _, known = np.unique(theirs, return_index=True)
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
    return same_rows(_bare(task, rows, np.zeros(len(rows), dtype=bool)), len(rows))


def repeated_rows(task: Task, rows: Rows) -> int:
    """Return how many rows have the inputs of an earlier row, as `ties_of` compares them."""
    if not task.compared:
        return 0
    return len(rows) - len(np.unique(same_inputs(task, rows)))


def _joined(task: Task, rows: Rows, chosen: Array) -> list[str]:
    """Return the compared texts of some rows, those of a row as one."""
    return [" | ".join(row) for row in _shown(task, rows, chosen)]


def _shown(task: Task, rows: Rows, chosen: Array) -> list[list[str]]:
    """Return what is compared of some rows as people read it, a list a row."""
    found, compared = list[list[str]](), task.compared
    for part in rows.select(chosen).batches(list(compared), READ_ROWS):
        columns = [[kind.shown(cell) for cell in part[name]] for name, kind in compared.items()]
        found += [list(row) for row in zip(*columns, strict=True)]
    return found


def _bare(task: Task, rows: Rows, short: Array) -> Iterator[list[str]]:
    """Yield what rows have to have in common to be equal, and mark the short ones."""
    compared, number = task.compared, 0
    for part in rows.batches(list(compared), READ_ROWS):
        columns = [kind.bare(part[name]) for name, kind in compared.items()]
        for row in zip(*columns, strict=True):
            short[number] = is_short("".join(row))
            number += 1
            yield list(row)


def _near(task: Task, rows: Rows, same: Array) -> Array:
    """Return pairs of rows whose texts are nearly the same, of equal ones the first."""
    _, first = np.unique(same, return_index=True)
    chosen = np.sort(first)[:MOST_TEXTS]
    compared = {name: kind for name, kind in task.compared.items() if kind.is_text}
    if not compared:
        return np.zeros((0, 2), dtype=np.int64)
    texts = []
    for part in rows.select(chosen).batches(list(compared), READ_ROWS):
        columns = [[kind.shown(cell) for cell in part[name]] for name, kind in compared.items()]
        texts += [folded(" ".join(row)) for row in zip(*columns, strict=True)]
    return chosen[near_within(texts)]
