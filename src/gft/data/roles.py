"""Which of the data's splits is train, val and test, and which one a command reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gft.data.folders import VAL_NAMES
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, listed, no_such
from gft.language.program import SELECT_FROM_TRAIN

ROLES = ("train", "val", "test")


@dataclass(frozen=True)
class Roles:
    """The data's own name for each role, None where there is none, and notes for the user.

    A name may be `SELECT_FROM_TRAIN`: a tenth of train.
    """

    train: str | None
    val: str | None
    test: str | None
    notes: tuple[str, ...] = ()

    def names(self) -> dict[str, str]:
        """Return the roles that are filled, with the data's names."""
        named = zip(ROLES, (self.train, self.val, self.test), strict=True)
        return {role: name for role, name in named if name is not None}

    def rows(self, data: DataSet, columns: Sequence[str]) -> dict[str, Rows]:
        """Return the data's own splits in these roles that have such columns, by role."""
        found = {
            role: data.splits[name] for role, name in self.names().items() if name in data.splits
        }
        return {role: rows for role, rows in found.items() if set(columns) <= rows.columns.keys()}

    @property
    def selected(self) -> bool:
        """Whether a tenth of train is taken out of it."""
        return SELECT_FROM_TRAIN in (self.val, self.test)


def assign_roles(data: DataSet, names: Sequence[str] | None) -> Roles:
    """Return which split plays which role: as `--splits` says, or by the usual names.

    Raises `UserError` for every name that the data does not have.
    """
    if not names:
        return _by_usual_names(data)
    mistakes = Mistakes()
    for role, name in zip(ROLES, names, strict=False):
        if name == SELECT_FROM_TRAIN and role == "train":
            mistakes.add(f"--splits: {SELECT_FROM_TRAIN} stands for val or test, not for train")
        elif name not in data.splits and name != SELECT_FROM_TRAIN:
            mistakes.add(no_such("split", name, data.splits, data.name))
    mistakes.raise_any()
    train, val, test = [*names, None, None][:3]
    if val is None:
        told = f"--splits names no val split: {_TAKEN}"
        return Roles(train, SELECT_FROM_TRAIN, test, (told,))
    return Roles(train, val, test)


_TAKEN = "10 % of train is taken out of it for val"


def _by_usual_names(data: DataSet) -> Roles:
    told = []
    train = _train_of(data)
    if train != "train":
        told.append(f"the only split of {data.name}, {train}, is used as train")
    val, ending = usual_val(data), ""
    if val is None:
        val = SELECT_FROM_TRAIN
        told.append(f"{data.name} has no val split: {_TAKEN}")
    elif "_" in val:
        ending = val[val.index("_") :]
    test = next((name for name in ("test", f"test{ending}") if name in data.splits), None)
    if ending:
        both = f"val is {val} and test is {test}" if test else f"val is {val}"
        told.append(f"{both}; --splits TRAIN,VAL,TEST names others of {listed(data.splits)}")
    return Roles(train, val, test, tuple(told))


def _train_of(data: DataSet) -> str:
    if "train" in data.splits:
        return "train"
    only = list(data.splits)
    if len(only) == 1 and only[0].partition("_")[0] not in (*VAL_NAMES, "test"):
        return only[0]
    raise UserError(
        f"{data.name} has no split called train; there is {listed(data.splits)}. "
        "Say which one to train on: --splits TRAIN,VAL,TEST"
    )


def usual_val(data: DataSet) -> str | None:
    """Return the data's name for val: a usual spelling, or the first with an ending.

    MNLI's `validation_matched` comes before its `validation_mismatched`.
    """
    endings = sorted({f"_{name.partition('_')[2]}" for name in data.splits if "_" in name})
    spelt = [f"{name}{ending}" for ending in ("", *endings) for name in VAL_NAMES]
    return next((name for name in spelt if name in data.splits), None)
