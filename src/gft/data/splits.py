"""The rows of train, val and test: without the unlabelled ones, val taken from train if need be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gft.data.folders import VAL_NAMES
from gft.data.roles import ROLES, Roles, assign_roles, usual_val
from gft.data.table import DataSet, Rows
from gft.errors import UserError, no_such
from gft.language.program import SELECT_FROM_TRAIN

SELECTED_SHARE = 0.1

__all__ = [
    "Picked",
    "Roles",
    "Splits",
    "assign_roles",
    "choose_splits",
    "classes_of_rows",
    "labelled_rows",
    "pick_split",
    "select_tenth",
    "take_splits",
]

Array = np.ndarray[Any, Any]
Labelled = Callable[[Rows], Array]
"""Returns for each row whether it has a label."""
Classes = Callable[[Rows], Array | None]
"""Returns the class of each row, None when the task has no classes."""
Golds = Callable[[Rows], Iterator[Any]]
"""Yields the gold value of each row, None where it has no label."""


@dataclass(frozen=True)
class Splits:
    """The labelled rows of each role that has a split; there may be none.

    `left_out` counts the rows without a label, by role; `names` are the data's names of the
    roles; `notes` are for the user. `optimistic` says that test rows were trained on or chose
    the epoch, so that test figures are too good.
    """

    rows: dict[str, Rows]
    left_out: dict[str, int] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    optimistic: bool = False

    @property
    def train(self) -> Rows | None:
        """The rows to train on, None if there are none."""
        return self.rows.get("train") or None

    @property
    def val(self) -> Rows | None:
        """The rows that choose the epoch, None if there are none."""
        return self.rows.get("val") or None

    @property
    def test(self) -> Rows | None:
        """The rows of the test figures, None if there are none."""
        return self.rows.get("test") or None


@dataclass(frozen=True)
class Picked:
    """The split that a command reads, and a note when it was not asked for by name."""

    name: str
    rows: Rows
    note: str | None = None


def choose_splits(
    data: DataSet,
    names: Sequence[str] | None,
    equation_left: Sequence[str],
    labelled: Labelled,
    classes: Classes | None = None,
) -> Splits:
    """Return the rows that play train, val and test.

    `names` are those of `--splits`; `equation_left` the columns of labels. Rows without a label
    go first. `__select_from_train__` then takes 10 % of train out of it, chosen by the data's
    fingerprint alone and stratified by `classes`; train in any other place means what is left.
    Raises `UserError`: a name or a column that does not exist, no labelled row.
    """
    roles = assign_roles(data, names)
    for role, name in roles.names().items():
        if role != "test" and name != SELECT_FROM_TRAIN:
            _check_columns(data, name, equation_left)
    splits = _split(data, roles, equation_left, labelled, classes)
    _check_rows(data, splits)
    return replace(splits, notes=(*splits.notes, *_told_of(splits)))


def take_splits(
    data: DataSet,
    roles: Roles,
    golds: Golds,
    stratified: bool,
    equation_left: Sequence[str] = (),
) -> Splits:
    """Return what `choose_splits` does for roles that are assigned, by gold values.

    A split without a labelled row, or without one of the columns `equation_left`, is there and
    empty. `stratified` says that gold values are classes.
    """

    def labelled(rows: Rows) -> Array:
        return labelled_rows(golds(rows), len(rows))

    def classes(rows: Rows) -> Array:
        return classes_of_rows(golds(rows), len(rows))

    return _split(data, roles, equation_left, labelled, classes if stratified else None)


def labelled_rows(golds: Iterator[Any], count: int) -> Array:
    """Return for each of `count` rows whether it has a label."""
    return np.fromiter((gold is not None for gold in golds), dtype=bool, count=count)


def classes_of_rows(golds: Iterator[Any], count: int) -> Array:
    """Return the number of each row's class, the classes in the order of their names."""
    numbers: dict[str, int] = {}
    found = np.fromiter(
        (numbers.setdefault(str(gold), len(numbers)) for gold in golds), np.int32, count
    )
    places = {name: place for place, name in enumerate(sorted(numbers))}
    return np.array([places[name] for name in numbers], dtype=np.int32)[found]


def _split(
    data: DataSet,
    roles: Roles,
    equation_left: Sequence[str],
    labelled: Labelled,
    classes: Classes | None,
) -> Splits:
    names = roles.names()
    kept: dict[str, Rows] = {}
    left_out: dict[str, int] = {}
    for name in dict.fromkeys(names.values()):
        if name != SELECT_FROM_TRAIN:
            rows = data.splits[name]
            mask = _mask(rows, equation_left, labelled)
            left_out[name] = int((~mask).sum())
            kept[name] = rows.select(np.flatnonzero(mask)) if left_out[name] else rows
    if roles.selected and roles.train is not None:
        taken = _select_from(kept[roles.train], roles.train, data, classes)
        kept[roles.train], kept[SELECT_FROM_TRAIN] = taken
    return Splits(
        rows={role: kept[name] for role, name in names.items()},
        left_out={role: left_out[name] for role, name in names.items() if name in left_out},
        names=names,
        notes=roles.notes,
        optimistic=roles.optimistic,
    )


def _check_columns(data: DataSet, name: str, columns: Sequence[str]) -> None:
    there = data.splits[name].columns
    where = f"split {name} of {data.name}"
    missing = [no_such("column", one, there, where) for one in columns if one not in there]
    if missing:
        raise UserError(*missing)


def _check_rows(data: DataSet, splits: Splits) -> None:
    """Raise `UserError` when train or val has no labelled row."""
    for role in ("train", "val"):
        if role in splits.rows and not len(splits.rows[role]):
            raise UserError(
                f"no row of split {splits.names[role]} of {data.name} has a label, so it cannot "
                f"be {role}; name others: --splits TRAIN,VAL,TEST"
            )


def _told_of(splits: Splits) -> list[str]:
    """Return notes on rows that were left out, once for each of the data's splits."""
    told = {}
    for role, count in splits.left_out.items():
        name = splits.names[role]
        if role == "test" and splits.test is None:
            told[name] = f"no row of {name} has a label, so there are no test figures"
        elif count:
            told[name] = f"rows of {name} without a label, which are left out: {count}"
    return list(told.values())


def _mask(rows: Rows, columns: Sequence[str], labelled: Labelled) -> Array:
    if any(column not in rows.columns for column in columns):
        return np.zeros(len(rows), dtype=bool)
    return np.asarray(labelled(rows), dtype=bool)


def _select_from(
    rows: Rows, name: str, data: DataSet, classes: Classes | None
) -> tuple[Rows, Rows]:
    """Return what is left of train, and the tenth that is taken out."""
    if len(rows) < 2:
        counted = f"{len(rows)} labelled row{'' if len(rows) == 1 else 's'}"
        raise UserError(
            f"split {name} of {data.name} has {counted}, too few to take val out of it; "
            "name a val split: --splits TRAIN,VAL,TEST"
        )
    by_class = classes(rows) if classes else None
    taken = select_tenth(len(rows), by_class, data.fingerprint())
    left = np.setdiff1d(np.arange(len(rows)), taken, assume_unique=True)
    return rows.select(left), rows.select(taken)


def select_tenth(count: int, classes: Array | None, fingerprint: str) -> Array:
    """Return the numbers of a tenth of `count` rows, ascending, at least one.

    The choice depends on `fingerprint` (hexadecimal digits) alone. With `classes`, one a row,
    each class gives its share, rounded by largest remainders.
    """
    # Raw output: numpy promises the same stream in every version only for bit generators.
    noise = np.random.PCG64(int(fingerprint, 16)).random_raw(count)
    shuffled = np.argsort(noise, kind="stable")
    wanted = max(1, round(count * SELECTED_SHARE))
    if classes is None:
        return np.sort(shuffled[:wanted])
    values, numbers, sizes = np.unique(classes, return_inverse=True, return_counts=True)
    quotas = _largest_remainders(sizes, wanted)
    in_order = numbers[shuffled]
    chosen = [shuffled[in_order == one][: quotas[one]] for one in range(len(values))]
    return np.sort(np.concatenate(chosen))


def _largest_remainders(sizes: Array, wanted: int) -> Array:
    """Return how many of `wanted` each class gives; whole numbers, so the same everywhere."""
    quotas, remainders = np.divmod(sizes.astype(np.int64) * wanted, sizes.sum())
    for one in np.argsort(-remainders, kind="stable")[: wanted - quotas.sum()]:
        quotas[one] += 1
    return quotas


def pick_split(
    data: DataSet,
    name: str | None,
    names: Sequence[str] | None,
    labelled: Labelled | None = None,
    *,
    equation_left: Sequence[str] = (),
    classes: Classes | None = None,
) -> Picked:
    """Return the split that a command reads, with its unlabelled rows.

    `name` is `--split`: one of the data's names, or train, val or test as `names` (of `--splits`)
    has them; val is taken from train where fit would take it. Without a name it is test if a row
    of it is labelled, else val, else the only split there is, and a note says so. Raises
    `UserError`.
    """
    roles = dict(zip(ROLES, names or (), strict=False))
    if not names:
        usual = {"train": "train", "val": usual_val(data), "test": "test"}
        roles = {role: found for role, found in usual.items() if found in data.splits}
    if name is not None:
        return _asked(data, name, names, roles, (labelled, equation_left, classes))
    for role in ("test", "val"):
        found = roles.get(role)
        if found not in data.splits or found is None:
            continue
        rows = data.splits[found]
        if role == "val" or labelled is None or _mask(rows, equation_left, labelled).any():
            return Picked(found, rows, f"the split is {found}; --split names another one")
    if len(data.splits) == 1:
        [(only, rows)] = data.splits.items()
        return Picked(only, rows, f"the split is {only}, the only one of {data.name}")
    raise UserError(
        f"{data.name} has neither a labelled test split nor a val split; "
        f"name one: --split {' or '.join(list(data.splits)[:8])}"
    )


def _asked(
    data: DataSet,
    name: str,
    names: Sequence[str] | None,
    roles: dict[str, str],
    labels: tuple[Labelled | None, Sequence[str], Classes | None],
) -> Picked:
    """Return the split called `name`, which may be a role."""
    if name in data.splits:
        return Picked(name, data.splits[name])
    role = "val" if name in VAL_NAMES or name == SELECT_FROM_TRAIN else name
    found = roles.get(role)
    if found in data.splits and found is not None:
        return Picked(found, data.splits[found])
    labelled, equation_left, classes = labels
    if role == "val" and labelled is not None and (names or "train" in data.splits):
        rows = choose_splits(data, names, equation_left, labelled, classes).val
        if rows is not None:
            note = f"{data.name} has no val split: val is the 10 % that gft_fit takes out of train"
            return Picked(SELECT_FROM_TRAIN, rows, note)
    raise UserError(no_such("split", name, data.splits, data.name))
