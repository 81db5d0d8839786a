"""A table of labels that its reader corrected in a spreadsheet, and the names of its columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gft.data.cells import text_of
from gft.data.encodings import likely_encodings
from gft.data.files import read_data
from gft.data.spelling import composed
from gft.data.spreadsheet import unguarded
from gft.data.table import Rows
from gft.errors import UserError, listed
from gft.storage.paths import expanded

SPLIT, ROW, MARK = "split", "row", "inputs_hash"
CORRECTED, SUGGESTED, FITTED = "corrected_", "suggested_", "_of_fitted_model"
OF_DATA = " (data)"
"""Comes after the name of a column of the data that is called as one of the table's own."""
READ_ROWS = 10_000
WESTERN = "cp1252"
_BINARY = b"PK"
"""Workbooks begin so; they say themselves how their texts are encoded."""


@dataclass(frozen=True)
class Header:
    """The names of the table's columns, for the inputs and outputs of an equation."""

    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def _suffixes(self) -> tuple[str, ...]:
        return ("label",) if len(self.outputs) == 1 else self.outputs

    @property
    def corrected(self) -> tuple[str, ...]:
        """Where the reader writes what each label should be: `corrected_label`."""
        return tuple(CORRECTED + name for name in self._suffixes)

    @property
    def suggested(self) -> tuple[str, ...]:
        """What models that have not seen the row would say: `suggested_label`."""
        return tuple(SUGGESTED + name for name in self._suffixes)

    @property
    def shown(self) -> tuple[str, ...]:
        """The columns of the data."""
        return tuple(dict.fromkeys((*self.inputs, *self.outputs)))

    def of_data(self, name: str) -> str:
        """Return what a column of the data is called."""
        own = (SPLIT, ROW, MARK, *self.corrected, *self.suggested)
        return name + OF_DATA if name in own else name

    def columns(self, belief: str, unseen: bool, fitted: bool) -> list[str]:
        """Return all names, in order.

        `belief` heads what models say of a label, those that have not seen the row (`unseen`), and
        the `fitted` one.
        """
        return [
            ROW, SPLIT, *map(self.of_data, self.shown), *self.corrected,
            *(self.suggested if unseen else ()), *((belief,) if unseen else ()),
            *((belief + FITTED,) if fitted else ()), MARK,
        ]  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One row of a table of corrections.

    `file_row` is its row in the table as a spreadsheet counts, the header being 1. `row` is that of
    the data, from 0, in a `split` (empty: not given), and `mark` that of its inputs. `labels` has
    what is written in the columns of the labels, None where there is no such column, and
    `corrected` what is written beside them; `inputs` what is written in the columns of the inputs,
    None likewise.
    """

    file_row: int
    split: str
    row: int
    mark: str
    labels: tuple[str | None, ...]
    corrected: tuple[str, ...]
    inputs: tuple[str | None, ...]


@dataclass(frozen=True)
class Corrections:
    """What a table of corrections says, and hexadecimal digits that change when it does.

    `guessed`: nothing says in which encoding its texts are.
    """

    path: Path
    lines: tuple[Line, ...]
    guessed: bool = False

    def digest(self) -> str:
        """Return 16 digits that are the same for the same lines in any order."""
        found = sorted(
            repr((one.split, one.row, one.mark, one.labels, one.corrected)) for one in self.lines
        )
        return hashlib.blake2b("\n".join(found).encode(), digest_size=8).hexdigest()


def read_corrections(path: str, header: Header) -> Corrections:
    """Return what a table says that was written as `label_errors.csv` and saved by anything.

    Its columns may stand in any order, and others beside them. Raises `UserError` with the row of
    the first mistake.
    """
    file = expanded(path)
    if not file.is_file():
        raise UserError(f"--corrections {path}: there is no such file")
    encoding = _encoding(file)
    data = read_data(file, encoding=encoding)
    if len(data.splits) != 1:
        raise UserError(f"--corrections {path} holds {listed(data.splits)}; expected one table")
    [rows] = data.splits.values()
    return Corrections(file, tuple(_lines(path, rows, header)), encoding is not None)


def _encoding(file: Path) -> str | None:
    """Return the encoding of a file of text that is not UTF-8: whatever a spreadsheet saved it in.

    Labels have to be those of the data, and inputs are compared by their ASCII then, so that a
    guess does no harm.
    """
    data = file.read_bytes()
    if data.startswith(_BINARY) or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return None
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return next(iter(likely_encodings(data)), WESTERN)
    return None


def _lines(path: str, rows: Rows, header: Header) -> Iterator[Line]:
    names = {composed(name): name for name in rows.columns}
    lacking = [name for name in (ROW, MARK) if name not in names]
    if lacking:
        raise UserError(
            f"--corrections {path} has no column {listed(lacking)}; expected the columns of "
            f"label_errors.csv, found {listed(rows.columns)}"
        )
    corrected = [
        names.get(name) or names.get(CORRECTED + output)
        for name, output in zip(header.corrected, header.outputs, strict=True)
    ]
    labels = [names.get(composed(header.of_data(output))) for output in header.outputs]
    if not any(corrected) and not any(labels):
        raise UserError(
            f"--corrections {path} has no column {listed(header.corrected)}, which says what "
            "labels should be"
        )
    _check_named(path, rows, header, names)
    inputs = [names.get(composed(header.of_data(name))) for name in header.inputs]
    read = [
        name
        for name in (names[ROW], names[MARK], names.get(SPLIT), *corrected, *labels, *inputs)
        if name
    ]
    file_row = 1
    for part in rows.batches(list(dict.fromkeys(read)), READ_ROWS):
        texts = {name: [unguarded(text_of(cell).strip()) for cell in part[name]] for name in part}
        for n in range(len(texts[names[ROW]])):
            file_row += 1
            number, mark = texts[names[ROW]][n], texts[names[MARK]][n]
            if not number and not mark:  # Spreadsheets leave empty rows behind.
                continue
            yield Line(
                file_row,
                texts[names[SPLIT]][n] if SPLIT in names else "",
                _row(path, file_row, number),
                mark,
                tuple(None if name is None else texts[name][n] for name in labels),
                tuple("" if name is None else texts[name][n] for name in corrected),
                tuple(None if name is None else texts[name][n] for name in inputs),
            )


def _check_named(path: str, rows: Rows, header: Header, names: Mapping[str, str]) -> None:
    """Raise `UserError` where nothing says that `corrected_label` is of the output."""
    if len(header.outputs) != 1:  # `corrected_NAME` says it.
        return
    [output] = header.outputs
    named = (header.of_data(output), CORRECTED + output)
    if not any(composed(name) in names for name in named):
        raise UserError(
            f"--corrections {path} has no column {named[0]!r}, so its labels are of another "
            f"column; expected the column of the equation's label beside {header.corrected[0]!r}, "
            f"found {listed(rows.columns)}"
        )


def _row(path: str, file_row: int, text: str) -> int:
    """Return the number of a row, from 0; a spreadsheet may have made 12.0 of 12."""
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = 0.0
    if number < 1 or number != int(number):
        raise UserError(
            f"--corrections {path}, row {file_row}: column {ROW!r} holds {text!r}, expected the "
            "number of a row of the data"
        )
    return int(number) - 1
