"""`label_errors.csv`: train rows for a spreadsheet, the most doubtful label first."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gft.data.corrections import Header
from gft.data.marks import row_marks, shown_cell
from gft.data.spreadsheet import guarded
from gft.metrics.indicators import indicators
from gft.results.label_errors import LabelErrors
from gft.tasks.protocol import Task

if TYPE_CHECKING:
    from gft.data.table import Rows

READ_ROWS = 1_000


def write_label_errors(
    file: Path,
    found: LabelErrors,
    task: Task,
    rows: Rows,
    golds: Sequence[Any],
    split: str,
    delimiter: str | None = None,
    corrected: Mapping[int, Sequence[str]] | None = None,
) -> None:
    """Write the table: csv in UTF-8 with the mark by which a spreadsheet knows it.

    `rows` are those of train as the data has them, with the `golds` that were trained on, in a
    `split` of the data; `delimiter` stands between labels there. `corrected` has what the outputs
    of some rows were corrected to, by their numbers in the split.
    """
    header = Header(task.inputs, task.outputs)
    belief = task.target.belief_column
    unseen, fitted = found.unseen is not None, bool(found.read)
    shown = header.shown
    suggested = _suggested(task, rows, golds, delimiter)
    changed = corrected or {}
    none = ("",) * len(task.outputs)
    with file.open("w", newline="", encoding="utf-8-sig") as out:
        writer = csv.writer(out)
        writer.writerow(map(guarded, header.columns(belief, unseen, fitted)))
        for start in range(0, found.examined, READ_ROWS):
            some = rows.select(found.numbers[start : start + READ_ROWS])
            columns = {name: some.column(name) for name in shown}
            marks = row_marks(some, task.inputs)
            for n, (number, mark) in enumerate(zip(some.numbers().tolist(), marks, strict=True)):
                index = start + n
                cells = [shown_cell(some.columns[name], columns[name][n]) for name in shown]
                cells += changed.get(number, none)
                written: list[str] = [str(number + 1), guarded(split), *map(guarded, cells)]
                if found.unseen is not None and found.suggested is not None:
                    written += map(guarded, suggested(found.suggested[index]))
                    written.append(f"{found.unseen[index]:.6f}")
                if fitted:
                    known = np.isfinite(found.fitted[index])
                    written.append(f"{found.fitted[index]:.6f}" if known else "")
                writer.writerow([*written, mark])


def _suggested(
    task: Task, rows: Rows, golds: Sequence[Any], delimiter: str | None
) -> Callable[[Any], list[str]]:
    """Return what spells a prediction as the outputs of the data do, a cell for each.

    Predictions are numbers, the number of a class, or of several classes whether a row has each.
    """
    if task.target.numeric:
        return lambda numbers: [f"{one:.4g}" for one in task.value(np.ravel(numbers), None)]
    if len(task.outputs) > 1:
        return _of_columns(task, rows, golds)
    column, examples = rows.columns[task.outputs[0]], dict[int, str]()
    if len(golds) and not np.ndim(golds[0]):
        labels, first = np.unique(np.asarray(golds), return_index=True)
        cells = rows.select(first).column(task.outputs[0])
        examples = {
            int(label): shown_cell(column, cell) for label, cell in zip(labels, cells, strict=True)
        }

    def written(prediction: Any) -> list[str]:
        if not np.ndim(prediction):
            return [examples.get(int(prediction), task.labels[int(prediction)])]
        names = [task.labels[n] for n in np.flatnonzero(prediction)]
        if delimiter is not None and column.kind == "text" and names:
            return [delimiter.join(names)]
        return [json.dumps(names, ensure_ascii=False)]

    return written


def _of_columns(task: Task, rows: Rows, golds: Sequence[Any]) -> Callable[[Any], list[str]]:
    """Return what spells labels as columns of yes and no do, each as its first such cells."""
    has, known = indicators(golds, len(task.labels))
    written: list[tuple[str, str]] = []
    for n, name in enumerate(task.labels):
        pair = []
        for value, usual in ((False, "0"), (True, "1")):
            there = np.flatnonzero(known[:, n] & (has[:, n] == value))[:1]
            cells = rows.select(there).column(name) if len(there) else []
            pair.append(shown_cell(rows.columns[name], cells[0]) if cells else usual)
        written.append((pair[0], pair[1]))
    index_of = {name: n for n, name in enumerate(task.labels)}

    def cells_of(prediction: Any) -> list[str]:
        return [written[index_of[name]][int(prediction[index_of[name]])] for name in task.outputs]

    return cells_of
