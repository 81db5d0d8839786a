"""`cat_data`: a split as rows."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from pathlib import Path
from typing import Any

from gft import notes
from gft.cells.columns import Columns
from gft.cells.reading import read_columns
from gft.data.cells import named_cell, text_of, with_class_names
from gft.data.folders import path_of
from gft.data.table import DataSet
from gft.errors import Mistakes
from gft.functions.correcting import corrected_again
from gft.functions.inputs import with_fitted_data, with_fitted_group
from gft.functions.options import Scoring
from gft.functions.row_formats import LINES, row_format
from gft.functions.rows import escape, join_inputs
from gft.functions.splits import drawn_sizes, read_split
from gft.inputs.kind import InputKind
from gft.language.equation import Equation, parse_equation
from gft.language.program import Program
from gft.opening import open_data
from gft.record_file import RECORD, read_record
from gft.registry import tasks

READ_ROWS = 1000


def cat_data(program: Program) -> Generator[str, None, None]:
    """Yield the lines of a split, each with its newline.

    With an equation a line has the inputs joined by bars, then the gold label; without one it has
    every column as `name|value`. `--model C:FOLDER` gives the data, the splits and the partition:
    train is then without the rows that the fit drew from it for val and test, as it is where
    `--val_size` or `--test_size` is given. Raises `UserError`.
    """
    form = row_format(program.options)
    folder = _fitted_folder(program)
    record = read_record(folder) if folder else None
    program = with_fitted_data(program, record)
    data = open_data(program)
    program = with_fitted_group(program, record, data)
    mistakes = Mistakes()
    columns = mistakes.attempt(_columns, program, data, record)
    read, known = (columns.data, columns.equation) if columns else (data, None)
    sizes = drawn_sizes(program.options)
    drawn = folder is not None or sizes.val is not None or sizes.test is not None
    picked = mistakes.attempt(read_split, program, read, known, folder, without_drawn=drawn)
    mistakes.raise_any()
    assert picked is not None
    made = corrected_again(columns, program.options, program.splits, folder, record)
    if made is not None:
        columns, data = made.columns, made.data
    equation = None
    if program.equation is not None and columns is not None:
        columns.tell()
        equation, data = columns.equation, columns.data
    rows = picked.of(data)
    names = list(equation.columns) if equation else list(data.columns)
    present = [one for one in names if one in rows.columns]
    form.words = _of_words(program.task, equation)
    beside = _covariates(program.task, equation)
    for part in rows.batches(present, READ_ROWS):
        for n in range(len(part[present[0]])):
            cells = {one: part[one][n] for one in present}
            if form.form == LINES:
                row = {one: with_class_names(data.columns[one], cells[one]) for one in present}
                yield form.lines({}, _plain(program.task, equation, row, cells, data))
            else:
                named = {one: named_cell(data.columns[one], cells[one]) for one in present}
                named |= {one: kind.as_json(named[one]) for one, kind in beside.items()}
                yield form.lines(named, "")


def _columns(program: Program, data: DataSet, record: Mapping[str, Any] | None) -> Columns | None:
    """Return the columns of `--eqn`, else those that the model was fitted to, None without."""
    equation, task = program.equation, program.task
    if equation is None and record is not None:
        equation, task = parse_equation(record["program"]["eqn"]), record["task"]["name"]
        if not set(equation.columns) <= data.columns.keys():
            return None
    if equation is None:
        return None
    group = program.options.of(Scoring).group
    return read_columns(equation, data, tasks()[str(task)], program.options, group)


def _of_words(task: str | None, equation: Equation | None) -> tuple[str, ...]:
    """Return the columns of an equation that hold words, or a tag for each of them."""
    if equation is None or task is None:
        return ()
    return equation.columns if any(k.of_lists for k in tasks()[task].kinds_of(equation)) else ()


def _covariates(task: str | None, equation: Equation | None) -> dict[str, InputKind]:
    """Return the columns of an equation that are numbers or categories, with their kinds."""
    if equation is None or task is None:
        return {}
    pairs = zip(equation.inputs, tasks()[task].kinds_of(equation), strict=True)
    return {name: kind for name, kind in pairs if kind.is_covariate}


def _fitted_folder(program: Program) -> Path | None:
    """Return the folder of `--model` if a fit wrote it; no other model has rows to show."""
    if program.model is None:
        return None
    folder = path_of(program.model)
    if (folder / RECORD).is_file():
        return folder
    notes.note(f"--model {program.model} is not a folder that gft_fit wrote; it has no effect")
    return None


def _plain(
    task: str | None,
    equation: Equation | None,
    row: Mapping[str, Any],
    cells: Mapping[str, Any],
    data: DataSet,
) -> str:
    """Return a row as tab-separated fields; `row` has class names, `cells` class codes."""
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
