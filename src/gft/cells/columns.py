"""The columns of an equation on their way from a file to a task."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.data.table import DataSet, Rows
from gft.inputs.kind import InputKind
from gft.language.equation import Equation
from gft.language.program import Options
from gft.targets.protocol import Target

if TYPE_CHECKING:
    import pyarrow as pa

READ_ROWS = 10_000


@dataclass(frozen=True)
class Columns:
    """An equation and its data, in which the equation's columns are read step by step.

    `task` is the name of the task, `target` and `kinds` say what it takes on the left and at each
    place on the right. `notes` and `warnings` say what was found and done; `found` holds what
    the cells themselves show, which a fitted model takes for given: arguments, and the decimal mark
    of covariates.
    """

    equation: Equation
    data: DataSet
    task: str
    target: Target
    kinds: tuple[InputKind, ...]
    options: Options
    notes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    found: Mapping[str, Any] = field(default_factory=dict)

    def splits_of(self, name: str) -> Iterator[tuple[str, Rows]]:
        """Yield the splits that have a column, by name."""
        for split, rows in self.data.splits.items():
            if name in rows.columns:
                yield split, rows

    def with_cells(
        self,
        split: str,
        name: str,
        cells: pa.Array | pa.ChunkedArray,
        classes: Sequence[str] | None = None,
        labelled: bool = False,
    ) -> Columns:
        """Return these with other cells in a column of a split, one for each of its rows.

        `classes` are the names of classes that the cells are numbers of; `labelled` cells have the
        labels of those before. The data keeps its fingerprint, and remembers what it was read from
        (`DataSet.original`).
        """
        rows = self.data.splits[split].with_cells(name, cells, classes, labelled)
        original = self.data.original or self.data
        splits = {**self.data.splits, split: rows}
        return replace(self, data=replace(self.data, splits=splits, original=original))

    def with_order(self, split: str, name: str, levels: Sequence[str]) -> Columns:
        """Return these with a column of text in a split that knows the order of its values."""
        rows = self.data.splits[split].with_order(name, levels)
        splits = {**self.data.splits, split: rows}
        return replace(self, data=replace(self.data, splits=splits))

    def mapped(
        self,
        split: str,
        name: str,
        made: Callable[[Any], Any],
        kind: pa.DataType | None = None,
        classes: Sequence[str] | None = None,
        labelled: bool = False,
    ) -> Columns:
        """Return these with what `made` makes of each cell of a column in a split.

        `kind` is the Arrow type of the new cells; None lets Arrow find it. `classes` and `labelled`
        say of them what they say to `with_cells`.
        """
        import pyarrow as pa

        rows = self.data.splits[split]
        parts = [
            pa.array([made(cell) for cell in part[name]], kind)
            for part in rows.batches([name], READ_ROWS)
        ]
        cells = pa.chunked_array(parts, kind)
        return self.with_cells(split, name, cells, classes, labelled)

    def noting(self, *messages: str | None) -> Columns:
        """Return these with more notes."""
        return replace(self, notes=(*self.notes, *(one for one in messages if one)))

    def warning(self, *messages: str | None) -> Columns:
        """Return these with more warnings."""
        return replace(self, warnings=(*self.warnings, *(one for one in messages if one)))

    def finding(self, **found: Any) -> Columns:
        """Return these with arguments that the cells show, such as `decimal`."""
        return replace(self, found={**self.found, **found})

    def tell(self) -> None:
        """Tell the user what was found and done."""
        notes.note(*self.notes)
        notes.warn(*self.warnings)
