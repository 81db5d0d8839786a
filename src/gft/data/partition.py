"""Which row of the data is where: drawn once by a fit, kept in its folder, read from there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from gft import notes
from gft.data.drawing import classes_of_rows, select
from gft.data.labels import Golds
from gft.data.roles import Roles
from gft.data.table import DataSet, Rows
from gft.data.ties import Ties, with_near
from gft.errors import UserError, counted, listed
from gft.language.program import SELECT_FROM_TRAIN, TEST_FROM_TRAIN

RULE = 4
"""The version of the rule that rows are drawn by; another rule has another number."""
_ABOUT = b"gft"

Array = np.ndarray[Any, Any]
Together: TypeAlias = Callable[[Rows, str], Ties]
"""Returns which rows belong together, of the rows of the split of that name."""


@dataclass(frozen=True, eq=False)
class RoleRows:
    """The rows of one role.

    `split` is the data's name of the split that they are in, and `numbers` are theirs in it, from
    0 and ascending; None: they are all there. `drawn` is what they are called where gft took them
    out of the split, which is then another role's too. `without_label` counts the rows of the split
    that no role has. `folds` may number the fold of each row, `used` marks those that were trained
    on or scored, where a folder says so.
    """

    split: str
    numbers: Array | None = None
    drawn: str | None = None
    without_label: int = 0
    folds: Array | None = None
    used: Array | None = None


@dataclass(frozen=True)
class DrawCounts:
    """How many rows of the split that was drawn from may not be drawn apart, and what came of it.

    `rows` are those with a label; `tied` have others that belong to them, as many as `largest` in
    one bundle. `left_out` have a short text that stands in several groups, and are in a group that
    was drawn: no role has them. `near` rows were drawn though one that is nearly the same was not.
    """

    rows: int
    tied: int
    largest: int
    left_out: int
    near: int


@dataclass(frozen=True, eq=False)
class Partition:
    """The parts of a data set by role, the rule that drew them, and the data's fingerprint.

    `drawing` is None where nothing was drawn. One that `is_read` from a file names rows by the
    numbers that `Rows.numbers` gives them, where a split is a part of a table too.
    """

    parts: Mapping[str, RoleRows]
    fingerprint: str
    rule: int = RULE
    drawing: DrawCounts | None = None
    is_read: bool = False

    def names(self) -> dict[str, str]:
        """Return the name of each role's split; `SELECT_FROM_TRAIN` or so of what gft drew."""
        return {role: part.drawn or part.split for role, part in self.parts.items()}

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
        if part.numbers is None:
            return split
        return split.select(_positions(split, part.numbers) if self.is_read else part.numbers)

    def used(self, data: DataSet, role: str) -> Rows:
        """Return the rows of a role that were trained on or scored, of those that it has."""
        rows, used = self.rows(data, role), self.parts[role].used
        return rows if used is None or used.all() else rows.select(np.flatnonzero(used))

    def write(self, file: Path, data: DataSet, used: Mapping[str, Rows]) -> None:
        """Write a Parquet file with a row for each row of each role.

        `used` holds the rows that were trained on or scored, by role: a limit on their number,
        or a file that cannot be read, leaves others unused.
        """
        about = {
            "rule": self.rule,
            "fingerprint": self.fingerprint,
            "drawn": {role: part.drawn for role, part in self.parts.items() if part.drawn},
            "without_label": {role: part.without_label for role, part in self.parts.items()},
            "drawing": self.drawing and asdict(self.drawing),
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


def _positions(split: Rows, numbers: Array) -> Array:
    """Return where rows of these numbers are in a split."""
    if split.indices is None:
        return numbers
    own = split.numbers()
    order = np.argsort(own, kind="stable")
    return order[np.searchsorted(own[order], numbers)]


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
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as problem:
        message = "gft_fit did not write it" if isinstance(problem, KeyError) else problem
        raise UserError(f"{file} is broken: {message}") from None
    parts, drawn = {}, about["drawn"]
    if not isinstance(drawn, dict):  # By the first rule there was one draw.
        drawn = dict.fromkeys(drawn, SELECT_FROM_TRAIN)
    roles = np.asarray(table["role"].cast("string"))
    for role in dict.fromkeys([*about["without_label"], *roles.tolist()]):
        chosen = table.filter(pa.array(roles == role))
        folds = chosen["fold"]
        if len(chosen):
            parts[role] = RoleRows(
                chosen["split"][0].as_py(),
                chosen["row"].to_numpy(),
                drawn.get(role),
                about["without_label"][role],
                None if folds.null_count else folds.to_numpy(),
                np.asarray(chosen["used"]),
            )
    drawing = about.get("drawing")
    counts = DrawCounts(**drawing) if drawing else None
    return Partition(parts, about["fingerprint"], about["rule"], counts, is_read=True)


def draw(
    data: DataSet,
    roles: Roles,
    golds: Mapping[str, Golds],
    together: Together,
    stratified: bool = False,
) -> Partition:
    """Return which rows play which role; rows without a gold value play none.

    `golds` are those of each split; of a split that has none no row has a label. What `roles.drawn`
    says is taken out of train, chosen by the data's fingerprint alone and, where gold values are
    classes, `stratified` by them; rows that belong `together` are not drawn apart. Train in any
    other position means what is left. Raises `UserError` when train is too short. Where all of it
    belongs together there is no val; a test that was asked for is an error then.
    """
    kept: dict[str, RoleRows] = {}
    drawing = None
    for name in dict.fromkeys(roles.names().values()):
        if name not in roles.drawn:
            kept[name] = _labelled(data, name, golds.get(name))
    if roles.drawn and roles.train is not None:
        of_train = golds.get(roles.train) if stratified else None
        left, taken, drawing = _select_from(
            data, kept[roles.train], of_train, together, roles.drawn
        )
        kept |= {roles.train: left, **taken}
    parts = {role: kept[name] for role, name in roles.names().items() if name in kept}
    return Partition(parts, data.fingerprint(), drawing=drawing)


def _labelled(data: DataSet, name: str, golds: Golds | None) -> RoleRows:
    count = len(data.splits[name])
    if golds is None:
        return RoleRows(name, np.empty(0, dtype=np.int64), without_label=count)
    missing = count - len(golds.values)
    numbers = np.flatnonzero(golds.known) if missing else None
    return RoleRows(name, numbers, without_label=missing)


def _select_from(
    data: DataSet,
    train: RoleRows,
    classes: Golds | None,
    together: Together,
    sizes: Mapping[str, float],
) -> tuple[RoleRows, dict[str, RoleRows], DrawCounts | None]:
    """Return what is left of train, and what is taken out, of each class its share, by name.

    Nothing is taken out of rows that all belong together, with a warning.
    """
    split = data.splits[train.split]
    numbers = np.arange(len(split)) if train.numbers is None else train.numbers
    count = len(numbers)
    if count < 2:
        raise UserError(
            f"split {train.split} of {data.name} has {counted(count, 'labelled row')}, "
            f"too few to take {_ROLES_OF[next(iter(sizes))]} out of it; name a val split: "
            "--splits TRAIN,VAL,TEST"
        )
    by_class = None if classes is None else classes_of_rows(classes.values, count)
    wanted = _wanted(sizes, count, f"train ({train.split} of {data.name})")
    ties = together(split if train.numbers is None else split.select(numbers), train.split)
    ties = with_near(ties, max(2, min(wanted) // 2))
    parts = select(ties, by_class, data.fingerprint(), wanted)
    if not all(map(len, parts)):
        message = (
            f"all {count:,} labelled rows of {train.split} of {data.name} belong together (the "
            f"same input, or one group), so no {listed(_ROLES_OF[name] for name in sizes)} can be "
            "taken out of it"
        )
        if set(sizes) != {SELECT_FROM_TRAIN}:
            raise UserError(f"{message}; name splits: --splits TRAIN,VAL,TEST")
        notes.warn(f"{message}: nothing is evaluated during training, and the last epoch is kept")
        return train, {}, None
    taken = np.concatenate(parts)
    beside = np.isin(ties.bundles, ties.bundles[taken])  # Also rows that nobody may have.
    near = np.isin(taken, ties.near[beside[ties.near].sum(1) == 1])
    found = {
        name: RoleRows(train.split, numbers[part], drawn=name)
        for name, part in zip(sizes, parts, strict=True)
    }
    drawing = DrawCounts(
        count,
        int((np.bincount(ties.bundles)[ties.bundles] > 1).sum()),
        ties.largest,
        int(beside.sum()) - len(taken),
        int(near.sum()),
    )
    left = RoleRows(train.split, numbers[~beside], without_label=train.without_label)
    return left, found, drawing


_ROLES_OF = {SELECT_FROM_TRAIN: "val", TEST_FROM_TRAIN: "test"}


def _wanted(sizes: Mapping[str, float], count: int, where: str) -> Sequence[int]:
    """Return how many of `count` rows each size is. Raises `UserError` where none would be left."""
    wanted = [max(1, round(count * one)) if one < 1 else int(one) for one in sizes.values()]
    if sum(wanted) >= count:
        asked = " and ".join(f"--{_ROLES_OF[name]}_size {size:g}" for name, size in sizes.items())
        raise UserError(f"{asked} leave nothing of the {count:,} labelled rows of {where}")
    return wanted
