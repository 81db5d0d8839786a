"""`cat_data`: a split as rows."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from gft import notes
from gft.cells.reading import read_columns
from gft.data.cells import named_cell, text_of, with_class_names
from gft.data.folders import expanded
from gft.data.picking import pick_split
from gft.data.table import DataSet
from gft.errors import Mistakes
from gft.folder import RECORD, read_record
from gft.functions.inputs import fitted_partition, with_fitted_data
from gft.functions.row_formats import LINES, row_format
from gft.functions.rows import escape, join_inputs
from gft.language.equation import Equation
from gft.language.options import Shared
from gft.language.program import Program
from gft.opening import open_data
from gft.registry import tasks

READ_ROWS = 1000


def cat_data(program: Program) -> Generator[str, None, None]:
    """Yield the lines of a split, each with its newline.

    With an equation: the inputs joined by bars, then the gold; without one every column as
    `name|value`. Of `--model C:FOLDER` it takes the data, the splits and which row is where.
    Raises `UserError`.
    """
    form = row_format(program.options)
    folder = _fitted_folder(program)
    program = with_fitted_data(program, read_record(folder) if folder else None)
    data = open_data(program)
    mistakes = Mistakes()
    equation = None
    with mistakes.collect():
        if program.equation is not None:
            kind = tasks()[str(program.task)]
            columns = read_columns(program.equation, data, kind, program.options)
            columns.tell()
            equation, data = columns.equation, columns.data
    split, fitted = program.options.of(Shared).split, fitted_partition(folder)
    picked = mistakes.attempt(pick_split, data, split, program.splits, fitted=fitted)
    mistakes.raise_any()
    assert picked is not None
    notes.note(picked.note)
    names = list(equation.columns) if equation else list(data.columns)
    rows = picked.rows
    present = [one for one in names if one in rows.columns]
    form.words = _of_words(program.task, equation)
    for part in rows.batches(present, READ_ROWS):
        for n in range(len(part[present[0]])):
            cells = {one: part[one][n] for one in present}
            if form.form == LINES:
                row = {one: with_class_names(data.columns[one], cells[one]) for one in present}
                yield form.lines({}, _plain(program.task, equation, row, cells, data))
            else:
                named = {one: named_cell(data.columns[one], cells[one]) for one in present}
                yield form.lines(named, "")


def _of_words(task: str | None, equation: Equation | None) -> tuple[str, ...]:
    """Return the columns of an equation that hold words, or a tag for each of them."""
    if equation is None or task is None:
        return ()
    return equation.columns if any(k.of_lists for k in tasks()[task].kinds_of(equation)) else ()


def _fitted_folder(program: Program) -> Path | None:
    """Return the folder of `--model` if a fit left it; no other model has rows to show."""
    if program.model is None:
        return None
    folder = expanded(program.model.key)
    if (folder / RECORD).is_file():
        return folder
    notes.note(f"--model {program.model} is no folder that gft_fit left; it has no effect")
    return None


def _plain(
    task: str | None,
    equation: Equation | None,
    row: Mapping[str, Any],
    cells: Mapping[str, Any],
    data: DataSet,
) -> str:
    """Return a row as tab-separated fields; in `row` classes have their names, in `cells` not."""
    if equation is None or task is None:
        return "\t".join(
            f"{escape(name, True)}|{escape(text_of(v), True)}" for name, v in row.items()
        )
    kind = tasks()[task]
    pairs = zip(equation.inputs, kind.kinds_of(equation), strict=True)
    inputs = join_inputs([of_input.shown(row[name]) for name, of_input in pairs])
    # A text that is its own gold is not written twice.
    left = [name for name in equation.left if name in row and name not in equation.inputs]
    golds = [kind.gold_text([cells[name]], [data.columns[name]]) or "" for name in left]
    return "\t".join([inputs, *map(escape, golds)])
