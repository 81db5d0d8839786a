"""`--corrections`: labels that the user corrected in a spreadsheet, applied to the data."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from gft import notes
from gft.cells.columns import Columns
from gft.cells.names import read as read_names
from gft.cells.reading import read_cells
from gft.data.corrections import MARK, ROW, SPLIT, Header, Line, read_corrections
from gft.data.labels import Golds
from gft.data.marks import row_marks, shown_cell
from gft.data.partition import Partition
from gft.data.picking import Picked
from gft.data.spreadsheet import guarded
from gft.data.table import DataSet
from gft.errors import UserError, counted, listed
from gft.folder import CORRECTIONS
from gft.functions.corrected_rows import RowKey, RowMistakes, placed
from gft.functions.label_cells import LabelReader, with_cells
from gft.functions.options import Correcting
from gft.functions.splits import fitted_partition, labelling
from gft.language.program import Options
from gft.storage.paths import expanded

MANY = 0.2
"""A warning is given if more than this share of the labels changes."""


@dataclass(frozen=True)
class Corrected:
    """Columns with corrected labels, and which they are.

    `data` has them as the data's own cells, from which the columns were read. `labels` has the new
    labels of each changed row, by split and index, and `before` the old ones. `left_alone` counts
    corrections of rows outside train, `of_rows` the rows whose labels may be corrected. `digest`
    changes when the table does.
    """

    columns: Columns
    data: DataSet
    path: Path
    digest: str
    labels: dict[RowKey, tuple[str, ...]] = field(default_factory=dict)
    before: dict[RowKey, tuple[str, ...]] = field(default_factory=dict)
    left_alone: int = 0
    of_rows: int = 0

    def of_split(self, split: str) -> dict[int, tuple[str, ...]]:
        """Return the corrected labels of a split, by row index."""
        return {row: cells for (name, row), cells in self.labels.items() if name == split}

    def check_known(self, labels: Mapping[str, Golds], partition: Partition) -> None:
        """Raise `UserError` where a corrected label is one that `--label_map` leaves out."""
        for part in partition.parts.values():
            numbers = slice(None) if part.numbers is None else part.numbers
            lost = int((~labels[part.split].known[numbers]).sum())
            if lost:
                raise UserError(
                    f"--corrections {self.path}: {counted(lost, 'label')} of {part.split} would "
                    "be one that --label_map leaves out; take such rows out of the data"
                )

    def saved(self) -> dict[str, Any]:
        """Return the entry of `gft.json`."""
        return {
            "file": str(self.path),
            "digest": self.digest,
            "changed": len(self.labels),
            "left_alone": self.left_alone,
        }

    def write(self, file: Path) -> None:
        """Write the corrections as a table that `--corrections` takes."""
        equation, data = self.columns.equation, self.columns.data
        header = Header(equation.inputs, equation.left)
        data = read_names(equation, data.original or data)
        labels = map(header.of_data, equation.left)
        with file.open("w", newline="", encoding="utf-8-sig") as out:
            writer = csv.writer(out)
            writer.writerow(map(guarded, [ROW, SPLIT, *labels, *header.corrected, MARK]))
            for split in dict.fromkeys(name for name, _ in self.labels):
                numbers = sorted(row for name, row in self.labels if name == split)
                marks = row_marks(data.splits[split].select(numbers), equation.inputs)
                for number, mark in zip(numbers, marks, strict=True):
                    cells = (*self.before[split, number], *self.labels[split, number])
                    writer.writerow([number + 1, guarded(split), *map(guarded, cells), mark])


def with_corrections(
    columns: Columns, options: Options, partition: Partition, path: str
) -> Corrected:
    """Return columns with the corrected labels of a table, for the rows of train.

    With `--correct_held_out` rows of val and test are corrected too. `partition` was drawn with the
    labels before the corrections. Raises `UserError` with the row of every mistake: where inputs
    differ from those when the table was written, or a label does not exist in the data.
    """
    equation = columns.equation
    data = read_names(equation, columns.data.original or columns.data)
    found = read_corrections(path, Header(equation.inputs, equation.left))
    may_change = _may_change(data, partition, options.of(Correcting).correct_held_out)
    lines = placed(found, data, partition.parts["train"].split, equation.inputs)
    labels, before, left_alone = dict[RowKey, tuple[str, ...]](), dict[RowKey, tuple[str, ...]](), 0
    mistakes, splits = RowMistakes(path), dict(data.splits)
    readers = [LabelReader(columns, data, name, options) for name in equation.left]
    for split in dict.fromkeys(split for split, _ in lines):
        rows = data.splits[split]
        numbers = sorted({row for name, row in lines if name == split})
        some = rows.select(numbers)
        columns_before = [some.column(name) for name in equation.left]
        changed: dict[int, tuple[Any, ...]] = {}
        for n, number in enumerate(numbers):
            cells = [column[n] for column in columns_before]
            own = tuple(
                shown_cell(rows.columns[name], cell)
                for name, cell in zip(equation.left, cells, strict=True)
            )
            line = lines[split, number]
            try:
                meant = _meant(line, own, cells, readers)
            except UserError as problem:
                mistakes.add(line.file_row, f": {problem}")
                continue
            if meant is None:
                continue
            if not may_change[split][number]:
                left_alone += 1
                continue
            changed[number] = meant
            labels[split, number] = tuple(
                shown_cell(rows.columns[name], cell)
                for name, cell in zip(equation.left, meant, strict=True)
            )
            before[split, number] = own
        for n, name in enumerate(equation.left):
            cells_now = {number: cells[n] for number, cells in changed.items()}
            splits[split] = with_cells(splits[split], name, cells_now)
    mistakes.raise_any(
        f"this table holds labels that {data.name} does not have in {listed(equation.left)}: is it "
        "of another equation?"
    )
    original = columns.data.original or columns.data
    made = replace(data, splits=splits, original=original)
    read = read_cells(replace(columns, data=made, notes=(), warnings=()))
    of_rows = sum(int(rows.sum()) for rows in may_change.values())
    return Corrected(read, made, found.path, found.digest(), labels, before, left_alone, of_rows)


def corrected_by(columns: Columns, options: Options, partition: Partition) -> Corrected | None:
    """Return columns with `--corrections`, with a note; None where it is not given."""
    path = options.of(Correcting).corrections
    if path is None:
        return None
    made = with_corrections(columns, options, partition, path)
    message = f"--corrections {made.path}: {counted(len(made.labels), 'label')} changed"
    if made.left_alone:
        message += (
            f"; ignored {counted(made.left_alone, 'correction')} of rows outside train "
            "(--correct_held_out applies them)"
        )
    notes.note(message)
    if len(made.labels) > MANY * made.of_rows:
        share = round(100 * len(made.labels) / made.of_rows)
        notes.warn(
            f"--corrections {made.path} changes {len(made.labels):,} of {made.of_rows:,} labels "
            f"({share} %); if that is more than you corrected, its label column was sorted on "
            "its own, or the table belongs to another equation"
        )
    return made


def corrected_again(
    columns: Columns | None,
    options: Options,
    splits: Sequence[str] | None = None,
    folder: Path | None = None,
    record: Mapping[str, Any] | None = None,
) -> Corrected | None:
    """Return columns with the labels that a fit with `--corrections` trains on.

    The labels are those of `--corrections`, else those that the model in `folder` was fitted with
    (`record` is its `gft.json`), if the data is still the same; None where there are none. Train
    has the rows that the fit drew, or would draw with these `splits`. Raises `UserError`.
    """
    given = options.of(Correcting).corrections
    known = record["data"].get("corrections") if record else None
    if columns is None and given is not None:
        raise UserError("--corrections needs --eqn, which names the label column")
    if columns is None or not columns.equation.left:
        return None
    data, partition = columns.data, fitted_partition(folder)
    same = partition is not None and partition.fingerprint == data.fingerprint()
    if given is not None:
        if partition is None or not same:
            known_labels = labelling(data, columns.equation, None, options)
            _, partition = known_labels.draw(data, splits)
        return corrected_by(columns, options, partition)
    if not known or not known["changed"] or record is None:
        return None
    if folder is None or partition is None or not same:
        return None
    held_out = bool(record["program"]["arguments"].get("correct_held_out"))
    options = options.but(correct_held_out=held_out)
    return with_corrections(columns, options, partition, str(folder / CORRECTIONS))


def picked_again(
    picked: Picked,
    columns: Columns,
    options: Options,
    folder: Path | None,
    record: Mapping[str, Any] | None,
) -> Picked:
    """Return a split with the labels that the model was fitted to."""
    made = corrected_again(columns, options, None, folder, record)
    return picked if made is None else replace(picked, rows=picked.of(made.columns.data))


def check_corrections(
    options: Options, folder: Path, record: Mapping[str, Any] | None, afresh: bool
) -> None:
    """Raise `UserError` where corrections would be lost, or others were fitted in a folder.

    `record` is that of the finished fit which the folder holds; it is cleared if `afresh`.
    """
    path = options.of(Correcting).corrections
    if path is None or record is None:
        return
    file = expanded(path)
    if afresh and file.resolve().parent == folder.resolve():
        raise UserError(
            f"--corrections {path} is in the folder that --overwrite_output_dir clears; copy it "
            "elsewhere, or give another --output_dir"
        )
    if afresh or not file.is_file():
        return
    known = record["data"].get("corrections")
    if known is None:
        return
    columns = Header(tuple(record["task"]["inputs"]), tuple(record["task"]["outputs"]))
    if read_corrections(path, columns).digest() != known["digest"]:
        raise UserError(
            f"--corrections {path} has changed since {folder} was fitted; give another "
            "--output_dir, or --overwrite_output_dir to fit it again"
        )


def _may_change(
    data: DataSet, partition: Partition, held_out: bool
) -> Mapping[str, np.ndarray[Any, Any]]:
    """Return which rows of each split may be changed."""
    found = {name: np.zeros(len(rows), dtype=bool) for name, rows in data.splits.items()}
    for role, part in partition.parts.items():
        if role == "train" or held_out:
            found[part.split][slice(None) if part.numbers is None else part.numbers] = True
    return found


def _meant(
    line: Line,
    own: Sequence[str],
    cells: Sequence[Any],
    readers: Sequence[LabelReader],
) -> tuple[Any, ...] | None:
    """Return the labels of a row after its correction, None if they do not change.

    The column `corrected_label` counts; if it is empty, an edited label column does. Raises
    `UserError` for what is not a label.
    """
    found, same = list(cells), True
    for n, reader in enumerate(readers):
        written = line.corrected[n]
        label = line.labels[n]
        if not written and label and not reader.is_same(label, own[n]):
            written = label
        if not written or reader.is_same(written, own[n]):
            continue
        found[n] = reader.cell(written)
        same = False
    return None if same else tuple(found)
