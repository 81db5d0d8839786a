"""Which of the data's splits is train, val and test, and which one a command reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gft.data.folders import VAL_NAMES
from gft.data.table import DataSet, Rows
from gft.errors import Mistakes, UserError, counted, listed, no_such
from gft.language.program import SELECT_FROM_TRAIN, TEST_FROM_TRAIN

ROLES = ("train", "val", "test")
TENTH = 0.1
"""The share of train that is taken out of it for val where nothing else is asked for."""


@dataclass(frozen=True)
class Sizes:
    """How large the splits are that gft takes out of train: a share below 1, or a number of rows.

    Without a size for it, test is not taken out of train.
    """

    val: float | None = None
    test: float | None = None


@dataclass(frozen=True)
class Roles:
    """The data's own name for each role, None where there is none, and notes for the user.

    A name may be `SELECT_FROM_TRAIN` or `TEST_FROM_TRAIN`: of train what `drawn` says, a share
    below 1 or a number of rows, by that name.
    """

    train: str | None
    val: str | None
    test: str | None
    notes: tuple[str, ...] = ()
    drawn: Mapping[str, float] = field(default_factory=dict)

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


def assign_roles(data: DataSet, names: Sequence[str] | None, sizes: Sizes | None = None) -> Roles:
    """Return which split plays which role: as `--splits` says, or by the usual names.

    What the data lacks is taken out of train in these `sizes`. Raises `UserError` for every name
    that the data does not have, and for sizes that are neither a share nor a number of rows.
    """
    sizes, mistakes = sizes or Sizes(), Mistakes()
    for role in ("val", "test"):
        size = getattr(sizes, role)
        if size is not None and (size <= 0 or (size > 1 and not float(size).is_integer())):
            mistakes.add(
                f"--{role}_size: expected a share such as 0.1 or a number of rows, found {size:g}"
            )
    mistakes.raise_any()
    if not names:
        return _by_usual_names(data, sizes)
    for role, name in zip(ROLES, names, strict=False):
        if name == SELECT_FROM_TRAIN and role == "train":
            mistakes.add(f"--splits: {SELECT_FROM_TRAIN} stands for val or test, not for train")
        elif name not in data.splits and name != SELECT_FROM_TRAIN:
            mistakes.add(no_such("split", name, data.splits, data.name))
    mistakes.raise_any()
    train, val, test = [*names, None, None][:3]
    return _drawn(data, Roles(train, val, test), "--splits names", sizes)


def size_text(size: float) -> str:
    """Return a size in words: `10 %` or `500 rows`."""
    return f"{100 * size:g} %" if size < 1 else counted(int(size), "row")


def _drawn(data: DataSet, roles: Roles, who: str, sizes: Sizes) -> Roles:
    """Return roles with what is taken out of train, and a note of `who` lacks it."""
    val, test, notes, drawn = roles.val, roles.test, list(roles.notes), dict[str, float]()
    if val is None or val == SELECT_FROM_TRAIN:
        drawn[SELECT_FROM_TRAIN] = TENTH if sizes.val is None else sizes.val
        if val is None:
            notes.append(f"{who} no val split: {_taken(drawn[SELECT_FROM_TRAIN], 'val')}")
        val = SELECT_FROM_TRAIN
    elif sizes.val is not None:
        notes.append(_own(data, "val", val))
    if sizes.test is not None and test in (None, SELECT_FROM_TRAIN):
        drawn[TEST_FROM_TRAIN] = sizes.test
        if test is None:
            notes.append(f"{who} no test split: {_taken(sizes.test, 'test')}")
        test = TEST_FROM_TRAIN
    elif sizes.test is not None:
        notes.append(_own(data, "test", str(test)))
    elif test == SELECT_FROM_TRAIN:
        drawn.setdefault(SELECT_FROM_TRAIN, TENTH)
    return Roles(roles.train, val, test, tuple(notes), drawn)


def _own(data: DataSet, role: str, name: str) -> str:
    """Return why nothing is taken out of train for a role: the data has a split for it."""
    called = "" if name == role else f", {name}"
    return (
        f"--{role}_size has no effect: the data has a {role} split of its own{called} "
        f"({counted(len(data.splits[name]), 'row')}), which is used"
    )


def _taken(size: float, role: str) -> str:
    """Return what is taken out of train, in words."""
    verb = "is" if size < 1 or size == 1 else "are"
    return f"{size_text(size)} of train {verb} taken out of it for {role}"


def _by_usual_names(data: DataSet, sizes: Sizes) -> Roles:
    notes = []
    train = _train_of(data)
    if train != "train":
        notes.append(f"the only split of {data.name}, {train}, is used as train")
    val, ending = usual_val(data), ""
    if val is not None and "_" in val:
        ending = val[val.index("_") :]
    test = next((name for name in ("test", f"test{ending}") if name in data.splits), None)
    if ending:
        both = f"val is {val} and test is {test}" if test else f"val is {val}"
        notes.append(f"{both}; --splits TRAIN,VAL,TEST names others of {listed(data.splits)}")
    return _drawn(data, Roles(train, val, test, tuple(notes)), f"{data.name} has", sizes)


def _train_of(data: DataSet) -> str:
    if "train" in data.splits:
        return "train"
    only = list(data.splits)
    if len(only) == 1 and only[0].partition("_")[0] not in (*VAL_NAMES, "test"):
        return only[0]
    raise UserError(
        f"{data.name} has no split called train; available: {listed(data.splits)}. "
        "Say which one to train on: --splits TRAIN,VAL,TEST"
    )


def usual_val(data: DataSet) -> str | None:
    """Return the data's name for val: a usual spelling, or the first with an ending.

    MNLI's `validation_matched` comes before its `validation_mismatched`.
    """
    endings = sorted({f"_{name.partition('_')[2]}" for name in data.splits if "_" in name})
    candidates = [f"{name}{ending}" for ending in ("", *endings) for name in VAL_NAMES]
    return next((name for name in candidates if name in data.splits), None)
