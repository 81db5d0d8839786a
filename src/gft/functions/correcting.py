"""`--corrections`: labels that the user corrected in a spreadsheet, put in their places."""

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
from gft.errors import Mistakes, UserError, counted, no_such
from gft.folder import CORRECTIONS
from gft.functions.label_cells import Speller, with_cells
from gft.functions.options import Correcting
from gft.functions.splits import fitted_partition, labelling
from gft.language.program import Options
from gft.storage.places import expanded

Place = tuple[str, int]
"""A split and the number of a row in it, from 0."""
SHOWN = 5
"""So many rows of the table are named that do not fit the data."""


@dataclass(frozen=True)
class Corrected:
    """Columns with corrected labels, and which they are.

    `data` has them as the data's own cells, from which the columns were read. `labels` has what the
    outputs of each row that was changed are now, by its place, and `before` what they were;
    `left_alone` counts corrections of rows that are not in train. `digest` changes when the table
    does.
    """

    columns: Columns
    data: DataSet
    path: Path
    digest: str
    labels: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    before: dict[Place, tuple[str, ...]] = field(default_factory=dict)
    left_alone: int = 0

    def of_split(self, split: str) -> dict[int, tuple[str, ...]]:
        """Return what rows of a split were corrected to, by their numbers."""
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
        """Return what `gft.json` says of them."""
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
    """Return columns with the labels that a table says, of the rows of train.

    With `--correct_held_out` those of val and test too. Which row is where, `partition` says: it
    was drawn by the labels as they were. Raises `UserError` with the row of every mistake: where
    the inputs are others than when the table was written, or a label is none of the data's.
    """
    equation = columns.equation
    data = read_names(equation, columns.data.original or columns.data)
    found = read_corrections(path, Header(equation.inputs, equation.left))
    may_change = _may_change(data, partition, options.of(Correcting).correct_held_out)
    lines = _placed(found.lines, data, partition.parts["train"].split, path)
    _check_marks(lines, data, equation.inputs, path)
    labels, before, left_alone = dict[Place, tuple[str, ...]](), dict[Place, tuple[str, ...]](), 0
    mistakes, splits = Mistakes(), dict(data.splits)
    spellers = [Speller(columns, data, name, options) for name in equation.left]
    for split in dict.fromkeys(split for split, _ in lines):
        rows = data.splits[split]
        numbers = sorted({row for name, row in lines if name == split})
        some = rows.select(numbers)
        columns_then = [some.column(name) for name in equation.left]
        changed: dict[int, tuple[Any, ...]] = {}
        for n, number in enumerate(numbers):
            cells = [column[n] for column in columns_then]
            own = tuple(
                shown_cell(rows.columns[name], cell)
                for name, cell in zip(equation.left, cells, strict=True)
            )
            with mistakes.collect():
                meant = _meant(lines[split, number], own, cells, spellers, path)
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
    mistakes.raise_any()
    original = columns.data.original or columns.data
    made = replace(data, splits=splits, original=original)
    read = read_cells(replace(columns, data=made, notes=(), warnings=()))
    return Corrected(read, made, found.path, found.digest(), labels, before, left_alone)


def corrected_by(columns: Columns, options: Options, partition: Partition) -> Corrected | None:
    """Return what `--corrections` makes of columns, with a note; None where it is not given."""
    path = options.of(Correcting).corrections
    if path is None:
        return None
    made = with_corrections(columns, options, partition, path)
    told = f"--corrections {made.path}: {counted(len(made.labels), 'label')} changed"
    if made.left_alone:
        told += (
            f"; {counted(made.left_alone, 'correction')} of rows that are not in train left alone "
            "(--correct_held_out makes them too)"
        )
    notes.note(told)
    return made


def corrected_again(
    columns: Columns | None,
    options: Options,
    splits: Sequence[str] | None = None,
    folder: Path | None = None,
    record: Mapping[str, Any] | None = None,
) -> Corrected | None:
    """Return columns with the labels that a fit with `--corrections` trains on.

    They are what `--corrections` says, else what the fitted model in `folder` was fitted with
    (`record` is its own), where the data is still the same; None where there are none. What is in
    train is what the fit drew, or would draw with these `splits`. Raises `UserError`.
    """
    given = options.of(Correcting).corrections
    known = record["data"].get("corrections") if record else None
    if columns is None and given is not None:
        raise UserError("--corrections needs --eqn, which says where the labels are")
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
    """Return a split that was picked with the labels that the model was fitted to."""
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
            f"--corrections {path} is in the folder that --overwrite_output_dir clears; copy it to "
            "another place, or give another --output_dir"
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


def _placed(lines: Sequence[Line], data: DataSet, usual: str, path: str) -> dict[Place, Line]:
    """Return the lines by the rows that they are about. Raises `UserError`."""
    found: dict[Place, Line] = {}
    mistakes = Mistakes()
    for line in lines:
        split = line.split or usual
        where = f"--corrections {path}, row {line.place}"
        if split not in data.splits:
            mistakes.add(f"{where}: {no_such('split', split, data.splits, data.name)}")
        elif line.row >= len(data.splits[split]):
            rows = counted(len(data.splits[split]), "row")
            mistakes.add(f"{where}: there is no row {line.row + 1:,}; {split} has {rows}")
        else:
            other = found.setdefault((split, line.row), line)
            if (other.corrected, other.labels) != (line.corrected, line.labels):
                mistakes.add(
                    f"{where} and row {other.place} say different things of row {line.row + 1:,} "
                    f"of {split}"
                )
    mistakes.raise_any()
    return found


def _check_marks(
    lines: Mapping[Place, Line], data: DataSet, inputs: Sequence[str], path: str
) -> None:
    """Raise `UserError` for the first lines whose rows have other inputs than they had."""
    wrong: list[tuple[int, str]] = []
    for split in dict.fromkeys(split for split, _ in lines):
        numbers = sorted(row for name, row in lines if name == split)
        marks = row_marks(data.splits[split].select(numbers), inputs)
        for number, mark in zip(numbers, marks, strict=True):
            line = lines[split, number]
            if line.mark != mark:
                wrong.append((line.place, f"row {number + 1:,} of {split}"))
    if not wrong:
        return
    wrong.sort()
    first = [
        f"--corrections {path}, row {place}: {row} of {data.name} has other inputs than when the "
        f"table was written ({MARK}); the data has changed, or row numbers have"
        for place, row in wrong[:SHOWN]
    ]
    more = len(wrong) - SHOWN
    raise UserError(*first, *([f"and {counted(more, 'more row')} of {path}"] if more > 0 else []))


def _meant(
    line: Line,
    own: Sequence[str],
    cells: Sequence[Any],
    spellers: Sequence[Speller],
    path: str,
) -> tuple[Any, ...] | None:
    """Return the cells that a line says a row's labels should be, None if they are that already.

    What stands under `corrected_label` counts; where nothing does, what the column of the label
    itself was changed to. Raises `UserError` for what is no label.
    """
    found, same = list(cells), True
    for n, speller in enumerate(spellers):
        written = line.corrected[n]
        label = line.labels[n]
        if not written and label and not speller.is_same(label, own[n]):
            written = label
        if not written or speller.is_same(written, own[n]):
            continue
        try:
            found[n] = speller.cell(written)
        except UserError as problem:
            raise UserError(f"--corrections {path}, row {line.place}: {problem}") from None
        same = False
    return None if same else tuple(found)
