"""`cat_data`: a split as rows."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gft import notes
from gft.data.checks import check_named_columns, expand
from gft.data.files import expanded
from gft.data.picking import pick_split
from gft.data.table import DataSet
from gft.errors import Mistakes
from gft.folder import RECORD, read_record
from gft.functions.of_fit import fitted_partition, with_fitted_data
from gft.functions.predict import gold_text, with_class_names
from gft.functions.rows import escape, join_inputs, row_format, text_of
from gft.language.equation import Equation
from gft.language.program import Program
from gft.opening import open_data
from gft.registry import tasks

READ_ROWS = 1000

Gold = Callable[[str, int], str | None]


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
            check_named_columns(program.equation, data)
            equation, _ = expand(program.equation, data)
    picked = None
    with mistakes.collect():
        picked = pick_split(
            data, program.options.split, program.splits, fitted=fitted_partition(folder)
        )
    mistakes.raise_any()
    assert picked is not None
    if picked.note:
        notes.note(picked.note)
    names = list(equation.columns) if equation else list(data.columns)
    rows = picked.rows
    present = [one for one in names if one in rows.columns]
    for part in rows.batches(present, READ_ROWS):
        gold = _golds(data, program.task, part)
        for n in range(len(part[present[0]])):
            row = {one: with_class_names(data, one, part[one][n]) for one in present}
            yield form.lines(row, _plain(equation, row, gold, n))


def _fitted_folder(program: Program) -> Path | None:
    """Return the folder of `--model` if a fit left it; no other model has rows to show."""
    if program.model is None:
        return None
    folder = expanded(program.model.key)
    if (folder / RECORD).is_file():
        return folder
    notes.note(f"--model {program.model} is no folder that gft_fit left; it has no effect")
    return None


def _golds(data: DataSet, task: str | None, part: Mapping[str, Sequence[Any]]) -> Gold:
    """Return what gives the gold value of a column and a row for people."""
    kind: Any = tasks()[task] if task else None
    if hasattr(kind, "gold_texts"):
        return lambda name, n: kind.gold_texts([part[name][n]])[0]
    return lambda name, n: gold_text(data, [name], part, n)


def _plain(equation: Equation | None, row: dict[str, Any], gold: Gold, n: int) -> str:
    if equation is None:
        return "\t".join(
            f"{escape(name, True)}|{escape(text_of(v), True)}" for name, v in row.items()
        )
    inputs = join_inputs([text_of(row[name]) for name in equation.inputs])
    # A text that is its own gold is not written twice.
    left = [name for name in equation.left if name in row and name not in equation.inputs]
    return "\t".join([inputs, *(escape(gold(name, n) or "") for name in left)])
