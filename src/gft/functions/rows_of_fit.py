"""The rows of a fit by role: drawn, limited, with their gold values, groups and subgroups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gft import notes
from gft.data.compact import Cells
from gft.data.groups import groups_of
from gft.data.labels import Golds
from gft.data.partition import Partition, draw
from gft.data.roles import Roles
from gft.data.table import DataSet, Rows
from gft.engine.options import HandedOn
from gft.errors import UserError, counted, listed
from gft.functions.missing_classes import missing_classes
from gft.functions.options import Fitting, Scoring
from gft.functions.splits import about_drawing
from gft.functions.subgroups import subgroups
from gft.language.program import Options
from gft.metrics.protocol import Array
from gft.metrics.subgroups import ByColumn
from gft.tasks.together import together

if TYPE_CHECKING:
    from gft.tasks.protocol import Task


def drawn(
    data: DataSet, roles: Roles, labels: Mapping[str, Golds], task: Task, group: str | None
) -> Partition:
    """Return which rows play which role, and note what belongs together."""
    partition = draw(data, roles, labels, together(task, group), task.target.stratified)
    notes.note(*about_drawing(partition, group))
    if group is not None:
        notes.warn(*missing_classes(data, partition, labels, task, group))
    return partition


def limited(data: DataSet, partition: Partition, task: Task, options: Options) -> dict[str, Rows]:
    """Return the rows to train on and to score by role, within the limits of the arguments."""
    found = {role: partition.rows(data, role) for role in partition.parts}
    for role, count in partition.without_label().items():
        if count and len(found[role]):
            notes.note(f"left out of {role}: {counted(count, 'row')} without a label")
    rows, limits = {}, {"train": options.of(Fitting).max_train_samples}
    for role, every in found.items():
        limit = limits.get(role, options.of(Scoring).max_eval_samples)
        if not len(every):
            if role == "train":
                raise UserError(f"no row of train has a label in {listed(task.outputs)}")
            notes.note(f"no row of {role} has a label: it is not scored")
            continue
        rows[role] = every.select(range(limit)) if limit and limit < len(every) else every
    _check_patience(options, rows)
    return rows


def _check_patience(options: Options, used: Mapping[str, Rows]) -> None:
    if options.of(Fitting).early_stopping_patience is None:
        return
    if options.of(HandedOn).eval_strategy == "no" or "val" not in used:
        why = "there is no val split" if "val" not in used else "--eval_strategy is no"
        raise UserError(f"--early_stopping_patience needs scorings of val, and {why}")


def golds_of_splits(task: Task, data: DataSet, names: Iterable[str]) -> dict[str, Golds]:
    """Return the gold values of the splits that have columns for them, by name."""
    rows = {name: data.splits[name] for name in dict.fromkeys(names) if name in data.splits}
    return {
        name: task.golds_of(some)
        for name, some in rows.items()
        if set(task.outputs) <= some.columns.keys()
    }


def golds_of_roles(
    labels: Mapping[str, Golds], partition: Partition, used: Mapping[str, Rows]
) -> dict[str, Cells]:
    """Return the gold values of the rows of each role."""
    return {
        role: labels[partition.parts[role].split].of(rows.numbers()) for role, rows in used.items()
    }


def groups_of_roles(used: Mapping[str, Rows], name: str | None) -> dict[str, Array]:
    """Return the groups of the rows of val and test, empty without `--group`."""
    found = {role: groups_of(rows, name, role) for role, rows in used.items() if role != "train"}
    return {role: groups for role, groups in found.items() if groups is not None}


def subgroups_of_roles(
    used: Mapping[str, Rows], data: DataSet, partition: Partition, options: Options
) -> dict[str, list[ByColumn]]:
    """Return the values of `--by` in the rows of val and test."""
    found = {
        role: subgroups(options, rows, data, partition.parts[role].split, role)
        for role, rows in used.items()
        if role != "train"
    }
    if options.of(Scoring).by is not None and not found:
        notes.note("--by has no effect: neither val nor test is scored")
    return found
