"""Rows to predict, of a split or of lines, with the columns that are carried through."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any

from gft import processes
from gft.data.cells import gold_text, named_cell
from gft.data.table import Column, Rows
from gft.engine.features import WINDOW
from gft.errors import UserError, no_such
from gft.functions.inputs import Chosen
from gft.functions.options import Keeping, Reading
from gft.functions.row_formats import cell_text
from gft.functions.rows import inputs_in, split_line
from gft.functions.streams import windows
from gft.language.json_text import parsed_json
from gft.language.program import Options

if TYPE_CHECKING:
    from gft.functions.named_lines import NamedLines


@dataclass(frozen=True)
class InputRows:
    """Some rows to predict: the inputs by column, and gold texts where there are any.

    `gold_cells` are the gold cells by column as the data has them; None where lines are read, of
    which only texts are known; `kept` are those of `--keep`.
    """

    inputs: dict[str, list[Any]]
    golds: list[str | None]
    gold_cells: dict[str, list[Any]] | None = None
    kept: dict[str, list[Any]] = field(default_factory=dict)

    def columns_of(self, n: int, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return row `n` under the names of its columns, in which it has these `inputs`.

        Columns of `--keep` come first, as the data has them, and gold cells last.
        """
        kept = {name: cells[n] for name, cells in self.kept.items()}
        gold_cells = {name: cells[n] for name, cells in (self.gold_cells or {}).items()}
        every = {**inputs, **gold_cells}
        return kept | {name: cell for name, cell in every.items() if name not in kept}

    def divided(self, count: int) -> tuple[InputRows, InputRows]:
        """Return the first rows, at most so many, and the others."""
        first, others = slice(count), slice(count, None)
        return self._some(first), self._some(others)

    def _some(self, rows: slice) -> InputRows:
        def some(columns: Mapping[str, list[Any]]) -> dict[str, list[Any]]:
            return {name: cells[rows] for name, cells in columns.items()}

        gold_cells = None if self.gold_cells is None else some(self.gold_cells)
        return InputRows(some(self.inputs), self.golds[rows], gold_cells, some(self.kept))

    def kept_fields(self, n: int) -> list[str]:
        """Return the columns of `--keep` in row `n`, the last fields of a line."""
        return [cell_text(cells[n]) for cells in self.kept.values()]


def kept_columns(options: Options, chosen: Chosen | None) -> tuple[str, ...]:
    """Return the columns of `--keep`, separated by commas; `all` is every column.

    A name with a comma is in double quotes, or a value of its own. The columns of standard input
    are known once its first line is read. Raises `UserError` for each column that the split lacks,
    and for plain lines, which have no columns.
    """
    requested = options.of(Keeping).keep
    if requested is None:
        return ()
    if chosen is None and options.of(Reading).input_format is not None:
        return tuple(name.strip() for word in requested for name in _listed_in(word))
    if chosen is None:
        raise UserError(
            "--keep needs columns with names: those of --data, or of standard input with "
            "--input_format; plain lines have none"
        )
    rows = chosen.own
    names = [
        name.strip()
        for word in requested
        for name in ([word] if word in rows.columns else _listed_in(word))
    ]
    if "all" in names:
        return tuple(rows.columns)
    wrong = [
        f"--keep: {no_such('column', name, rows.columns, chosen.data.name)}"
        for name in names
        if name not in rows.columns
    ]
    if wrong:
        raise UserError(*wrong)
    return tuple(dict.fromkeys(names))


def _listed_in(word: str) -> list[str]:
    return next(csv.reader([word], skipinitialspace=True), [])


def own_cells(
    part: Mapping[str, Sequence[Any]], names: Iterable[str], rows: Rows
) -> dict[str, list[Any]]:
    """Return columns of some rows as the data has them; class codes become class names.

    An unknown class (-1) is missing.
    """
    return {name: [named_cell(rows.columns[name], cell) for cell in part[name]] for name in names}


def of_stream(
    names: Sequence[str],
    outputs: Sequence[str],
    stream: IO[bytes],
    options: Options,
    several: bool = False,
) -> Iterator[InputRows]:
    """Yield the rows of a stream in `--input_format`: lines, or rows with named columns.

    `names` are the columns that are read, `outputs` those of gold cells where the rows have them.
    """
    form = options.of(Reading).input_format
    if form is None:
        return of_lines(names, stream, options, several)
    from gft.functions.named_lines import named_lines

    if options.of(Reading).delimiter is not None:
        raise UserError(
            f"--delimiter splits plain lines; --input_format {form} has its own: leave it out"
        )
    return _of_named(names, outputs, named_lines(
        stream, form, names, [one for one in outputs if one not in names],
        kept_columns(options, None) if options.of(Keeping).keep else None,
    ), kept_columns(options, None))  # fmt: skip


def _of_named(
    names: Sequence[str],
    outputs: Sequence[str],
    windows: Iterable[NamedLines],
    kept: Sequence[str],
) -> Iterator[InputRows]:
    for window in windows:
        cells = window.cells
        golds: list[str | None] = [None] * window.rows
        gold_cells = {name: cells[name] for name in outputs if name in cells and name not in names}
        if gold_cells and len(gold_cells) == len(outputs):
            columns = [Column(name, "text") for name in outputs]
            golds = [gold_text(row, columns) for row in zip(*gold_cells.values(), strict=True)]
        carried = [*cells] if "all" in kept else kept
        yield InputRows(
            {name: cells[name] for name in names},
            golds,
            gold_cells,
            {name: cells[name] for name in carried},
        )


def of_lines(
    names: Sequence[str], stream: IO[bytes], options: Options, several: bool = False
) -> Iterator[InputRows]:
    """Yield the rows of a stream, one per line, under the names of the inputs.

    If a row may have `several` inputs, more than there are names, the first line says how many;
    further inputs get numbered names.
    """
    number, delimiter = 0, options.of(Reading).delimiter
    for lines in windows(stream, WINDOW * processes.count()):
        if several and not number:
            stem, count = names[0].rstrip("0123456789"), inputs_in(lines[0], delimiter)
            names = [*names, *(f"{stem}{n}" for n in range(len(names) + 1, count + 1))]
        inputs: dict[str, list[Any]] = {name: [] for name in names}
        golds: list[str | None] = []
        if not number and len(names) > 1:
            _check_plain(lines[0], names)
        for line in lines:
            number += 1
            values, gold = split_line(line, len(names), delimiter, number, names)
            for name, value in zip(names, values, strict=True):
                inputs[name].append(value)
            golds.append(gold)
        yield InputRows(inputs, golds)


def _check_plain(line: str, names: Sequence[str]) -> None:
    """Raise `UserError` where the first line is a JSON object that has one of the columns."""
    if not line.lstrip().startswith("{"):
        return
    try:
        row = parsed_json(line)
    except ValueError:
        return
    if isinstance(row, dict) and any(name in row for name in names):
        raise UserError(
            "line 1 is a JSON object; --input_format jsonl reads such lines by the names of "
            "their columns"
        )
