"""Which row of the data is where: drawn once by a fit, kept in its folder, read from there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from gft.data.drawing import classes_of_rows, select_tenth
from gft.data.labels import Golds
from gft.data.roles import Roles
from gft.data.table import DataSet, Rows
from gft.errors import UserError, counted
from gft.language.program import SELECT_FROM_TRAIN

RULE = 1
"""The version of the rule that rows are drawn by; another rule has another number."""
_ABOUT = b"gft"

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class RoleRows:
    """The rows of one role.

    `split` is the data's name of the split that they are in, and `numbers` are theirs in it, from
    0 and ascending; None: they are all there. `drawn` says that gft took them out of the split,
    which is then another role's too. `without_label` counts the rows of the split that no role
    has. `folds` may number the fold of each row.
    """

    split: str
    numbers: Array | None = None
    drawn: bool = False
    without_label: int = 0
    folds: Array | None = None


@dataclass(frozen=True, eq=False)
class Partition:
    """The parts of a data set by role, the rule that drew them, and the data's fingerprint."""

    parts: Mapping[str, RoleRows]
    fingerprint: str
    rule: int = RULE

    def names(self) -> dict[str, str]:
        """Return the name of each role's split, `SELECT_FROM_TRAIN` for what gft drew."""
        return {
            role: SELECT_FROM_TRAIN if part.drawn else part.split
            for role, part in self.parts.items()
        }

    @property
    def optimistic(self) -> bool:
        """Whether rows of test were trained on or chose the epoch."""
        names = self.names()
        return "test" in names and names["test"] in (names.get("train"), names.get("val"))

    def without_label(self) -> dict[str, int]:
        """Return how many rows without a label each role's split has; nothing for what is drawn."""
        return {role: one.without_label for role, one in self.parts.items() if not one.drawn}

    def rows(self, data: DataSet, role: str) -> Rows:
        """Return the rows of a role in the data that was parted."""
        part = self.parts[role]
        split = data.splits[part.split]
        return split if part.numbers is None else split.select(part.numbers)

    def write(self, file: Path, data: DataSet, used: Mapping[str, Rows]) -> None:
        """Write a Parquet file with a row for each row of each role.

        `used` holds the rows that were trained on or scored, by role: a limit on their number,
        or a file that cannot be read, leaves others unused.
        """
        about = {
            "rule": self.rule,
            "fingerprint": self.fingerprint,
            "drawn": [role for role, part in self.parts.items() if part.drawn],
            "without_label": {role: part.without_label for role, part in self.parts.items()},
        }
        schema = _schema().with_metadata({_ABOUT: json.dumps(about).encode()})
        names = ["role", "split"]
        with pyarrow.parquet.ParquetWriter(
            file, schema, use_dictionary=names, column_encoding={"row": "DELTA_BINARY_PACKED"}
        ) as out:
            for role, part in self.parts.items():
                numbers = self.rows(data, role).numbers()
                taken = np.isin(numbers, used[role].numbers()) if role in used else None
                count = len(numbers)
                out.write_table(
                    pa.table(
                        [
                            pa.repeat(pa.scalar(role), count).dictionary_encode(),
                            pa.repeat(pa.scalar(part.split), count).dictionary_encode(),
                            pa.array(numbers),
                            pa.array(np.zeros(count, dtype=bool) if taken is None else taken),
                            pa.nulls(count, pa.int32())
                            if part.folds is None
                            else pa.array(part.folds, pa.int32()),
                        ],
                        schema=schema,
                    )
                )


def _schema() -> Any:
    word = pa.dictionary(pa.int32(), pa.string())
    columns = {"role": word, "split": word, "row": pa.int64(), "used": pa.bool_()}
    return pa.schema({**columns, "fold": pa.int32()})


def read_partition(file: Path) -> Partition | None:
    """Return the partition that a fit wrote, None where there is no such file.

    Raises `UserError` for a file that is something else.
    """
    if not file.is_file():
        return None
    try:
        table = pyarrow.parquet.read_table(file)
        about = json.loads((table.schema.metadata or {})[_ABOUT])
    except (pa.ArrowInvalid, KeyError, TypeError, ValueError) as problem:
        told = "gft_fit did not write it" if isinstance(problem, KeyError) else problem
        raise UserError(f"{file} is broken: {told}") from None
    parts = {}
    roles = np.asarray(table["role"].cast("string"))
    for role in dict.fromkeys([*about["without_label"], *roles.tolist()]):
        chosen = table.filter(pa.array(roles == role))
        folds = chosen["fold"]
        if len(chosen):
            parts[role] = RoleRows(
                chosen["split"][0].as_py(),
                chosen["row"].to_numpy(),
                role in about["drawn"],
                about["without_label"][role],
                None if folds.null_count else folds.to_numpy(),
            )
    return Partition(parts, about["fingerprint"], about["rule"])


def draw(
    data: DataSet, roles: Roles, golds: Mapping[str, Golds], stratified: bool = False
) -> Partition:
    """Return which rows play which role; rows without a gold value play none.

    `golds` are those of each split; of a split that has none no row has a label.
    `__select_from_train__` takes 10 % of train out of it, chosen by the data's fingerprint alone
    and, where gold values are classes, `stratified` by them; train in any other place means what
    is left. Raises `UserError` when train is too short.
    """
    kept: dict[str, RoleRows] = {}
    for name in dict.fromkeys(roles.names().values()):
        if name != SELECT_FROM_TRAIN:
            kept[name] = _labelled(data, name, golds.get(name))
    if roles.selected and roles.train is not None:
        of_train = golds.get(roles.train) if stratified else None
        taken = _select_from(data, kept[roles.train], of_train)
        kept[roles.train], kept[SELECT_FROM_TRAIN] = taken
    parts = {role: kept[name] for role, name in roles.names().items()}
    return Partition(parts, data.fingerprint())


def _labelled(data: DataSet, name: str, golds: Golds | None) -> RoleRows:
    count = len(data.splits[name])
    if golds is None:
        return RoleRows(name, np.empty(0, dtype=np.int64), without_label=count)
    missing = count - len(golds.values)
    numbers = np.flatnonzero(golds.known) if missing else None
    return RoleRows(name, numbers, without_label=missing)


def _select_from(
    data: DataSet, train: RoleRows, classes: Golds | None
) -> tuple[RoleRows, RoleRows]:
    """Return what is left of train, and the tenth that is taken out, of each class its share."""
    numbers = np.arange(len(data.splits[train.split])) if train.numbers is None else train.numbers
    if len(numbers) < 2:
        raise UserError(
            f"split {train.split} of {data.name} has {counted(len(numbers), 'labelled row')}, "
            "too few to take val out of it; name a val split: --splits TRAIN,VAL,TEST"
        )
    by_class = None if classes is None else classes_of_rows(classes.values, len(numbers))
    taken = select_tenth(len(numbers), by_class, data.fingerprint())
    left = np.setdiff1d(np.arange(len(numbers)), taken, assume_unique=True)
    return (
        RoleRows(train.split, numbers[left], without_label=train.without_label),
        RoleRows(train.split, numbers[taken], drawn=True),
    )
