"""Which split is train, val and test; what is left out of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from gft.data.files import VAL_NAMES
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, listed, no_such
from gft.language.program import SELECT_FROM_TRAIN

SELECTED_SHARE = 0.1
ROLES = ("train", "val", "test")

Array = np.ndarray[Any, Any]
Golds = Callable[[Rows], list[Any]]
"""Returns a row's gold value each, None where it has no label."""


@dataclass(frozen=True)
class Roles:
    """The data's own name for each role, None where there is none; and what the user should know."""

    train: str | None
    val: str | None
    test: str | None
    notes: tuple[str, ...] = ()

    def names(self) -> dict[str, str]:
        """Return the roles that are filled, with the data's names."""
        return {
            role: name
            for role, name in zip(ROLES, (self.train, self.val, self.test), strict=True)
            if name is not None
        }

    @property
    def optimistic(self) -> bool:
        """Whether test rows were trained on or chose the epoch."""
        return self.test is not None and self.test in (self.train, self.val)


@dataclass(frozen=True)
class Splits:
    """Labelled rows for each role, and how many rows without a label were left out."""

    rows: dict[str, Rows]
    left_out: dict[str, int] = field(default_factory=dict)


def assign_roles(data: DataSet, names: Sequence[str] | None) -> Roles:
    """Return which split plays which role: as `--splits` says, or by the usual names.

    Raises `UserError` for every name that the data does not have.
    """
    if names is None:
        return _by_usual_names(data)
    mistakes = Mistakes()
    padded = [*names, *[None] * (3 - len(names))]
    for role, name in zip(ROLES, padded, strict=True):
        if name == SELECT_FROM_TRAIN and role != "val":
            mistakes.add(f"--splits: {SELECT_FROM_TRAIN} can only stand for val")
        elif name is not None and name not in data.splits and name != SELECT_FROM_TRAIN:
            mistakes.add(no_such("split", name, data.splits, data.name))
    mistakes.raise_any()
    roles = Roles(*padded)
    if roles.val is None:
        roles = replace(roles, val=SELECT_FROM_TRAIN)
    return roles


def _by_usual_names(data: DataSet) -> Roles:
    told = []
    train = "train" if "train" in data.splits else None
    if train is None and len(data.splits) == 1:
        train = next(iter(data.splits))
        told.append(f"{data.name} has one split, {train}: it is used as train")
    if train is None:
        raise UserError(
            f"{data.name} has no split called train; there is {listed(data.splits)}. "
            "Name them: --splits TRAIN,VAL,TEST"
        )
    val = next((name for name in VAL_NAMES if name in data.splits), None)
    if val is None:
        val = next((name for name in data.splits if name.startswith("validation_")), None)
        if val:
            told.append(f"val is {val}; another one is named by --splits")
        else:
            val = SELECT_FROM_TRAIN
            told.append(f"{data.name} has no val split: 10 % of train is taken for it")
    test = "test" if "test" in data.splits else None
    if test is None:
        ending = val.partition("_")[2] if val.startswith("validation_") else None
        test = f"test_{ending}" if f"test_{ending}" in data.splits else None
    return Roles(train, val, test, tuple(told))


def take_splits(data: DataSet, roles: Roles, golds: Golds, stratified: bool) -> Splits:
    """Return the labelled rows of each role.

    Rows without a label go first. `__select_from_train__` then takes 10 % of train, chosen by the
    data's fingerprint alone, stratified by class; `train` in any place means what is left.
    """
    labelled: dict[str, Rows] = {}
    left_out: dict[str, int] = {}
    values: dict[str, list[Any]] = {}
    for role, name in roles.names().items():
        if name == SELECT_FROM_TRAIN:
            continue
        rows = data.splits[name]
        found = golds(rows)
        has_label = np.array([value is not None for value in found], dtype=bool)
        left_out[role] = int((~has_label).sum())
        labelled[role] = rows.select(np.flatnonzero(has_label)) if left_out[role] else rows
        values[name] = [value for value in found if value is not None]
    if roles.val == SELECT_FROM_TRAIN:
        train = labelled.get("train")
        if train is None or len(train) < 2:
            raise UserError(f"train of {data.name} has too few labelled rows to take val from")
        classes = values[str(roles.train)] if stratified else None
        selected = select_tenth(len(train), classes, data.fingerprint())
        kept = np.setdiff1d(np.arange(len(train)), selected)
        labelled["val"] = train.select(selected)
        labelled["train"] = train.select(kept)
        if roles.test == roles.train:
            labelled["test"] = labelled["train"]
    return Splits({role: labelled[role] for role in ROLES if role in labelled}, left_out)


def select_tenth(rows: int, classes: Sequence[Any] | None, fingerprint: str) -> Array:
    """Return the numbers of a tenth of the rows, in order, at least one.

    The choice depends on the fingerprint (16 hexadecimal digits) alone. With `classes`, each
    class gives its share, rounded by largest remainders.
    """
    generator = np.random.Generator(np.random.PCG64(int(fingerprint, 16)))
    shuffled = generator.permutation(rows)
    wanted = max(1, round(rows * SELECTED_SHARE))
    if classes is None:
        return np.sort(shuffled[:wanted])
    groups: dict[Any, list[int]] = {}
    for row in shuffled:
        groups.setdefault(classes[row], []).append(int(row))
    shares = {one: len(members) * wanted / rows for one, members in groups.items()}
    counts = {one: int(share) for one, share in shares.items()}
    by_remainder = sorted(groups, key=lambda one: (counts[one] - shares[one], str(one)))
    for one in by_remainder[: wanted - sum(counts.values())]:
        counts[one] += 1
    chosen = [row for one, members in groups.items() for row in members[: counts[one]]]
    return np.sort(np.array(chosen, dtype=np.int64))


def pick_split(
    data: DataSet, asked: str | None, roles: Roles | None, is_labelled: Callable[[Rows], bool]
) -> tuple[str, str | None]:
    """Return the split that a command reads, and a note when it was not asked for by name.

    `asked` is a name of the data's or a role. Otherwise test if it is labelled, else val, else
    the only split there is. Raises `UserError`.
    """
    named = roles.names() if roles else {}
    if asked is not None:
        if asked in data.splits:
            return asked, None
        role = "val" if asked in VAL_NAMES else asked
        if named.get(role) in data.splits:
            return named[role], None
        raise UserError(no_such("split", asked, data.splits, data.name))
    for role in ("test", "val"):
        name = named.get(role)
        if name in data.splits and (role == "val" or is_labelled(data.splits[name])):
            return name, f"the split is {name}; another one is named by --split"
    if len(data.splits) == 1:
        return next(iter(data.splits)), None
    raise UserError(
        f"which split of {data.name}? Name one: --split {' or '.join(list(data.splits)[:8])}"
    )
