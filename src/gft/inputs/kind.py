"""Kinds of input: what the cells of a column on the right of `~` are.

Each column of an equation has one kind. It is decided where a task meets an equation, and checked
by `wrong_columns`, which whoever fits, scores, predicts or summarises passes. A kind of one's own
is an object that an entry point of the group `gft.inputs` names; a task takes it by itself, or
where the entry point's name is the function around a column: `classify: y ~ mine(a)`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar, Self, TypeAlias

from gft.data.cells import text_of
from gft.data.table import DataSet, Rows
from gft.errors import UserError, listed, no_such
from gft.language.equation import Term
from gft.language.program import Options
from gft.language.tokens import COMPUTED
from gft.registered import Registered

Splits: TypeAlias = Mapping[str, Rows]
"""The rows of splits, by their names or by what they are used as (`train`, `val`, `test`)."""


@dataclass(frozen=True)
class Measured:
    """The rows whose cells can be read, by split, what was measured of each, and notes."""

    rows: dict[str, Rows]
    values: dict[str, list[Any]]
    notes: list[str]


@dataclass(frozen=True)
class InputKind:
    """What the cells of a column are, and how they are read; its fields are what is known of one.

    A kind of one's own inherits from this class, or from one of gft's kinds, whose tasks then
    take it.
    """

    what: ClassVar[str]
    """What a column holds, in one word: `images`."""
    needs: ClassVar[str]
    """What the cells have to be, for errors: `images: names of files, or the files themselves`."""
    takes: ClassVar[tuple[str, ...]]
    """The kinds of columns, as `Column.kind` says them, that hold such cells."""
    length_of: ClassVar[str]
    """The part of a feature whose length is the feature's, such as `input_ids`, or which is a
    whole number and says it, such as `audio_milliseconds`."""
    unit: ClassVar[str]
    """What lengths are counted in."""
    in_json: ClassVar[Mapping[str, Any]] = {"type": "string"}
    """What a cell is in a request of JSON, as OpenAPI describes it."""
    is_text: ClassVar[bool] = False
    """Whether the cells are texts for people, so that metrics and models of texts suit them."""
    of_lists: ClassVar[bool] = False
    """Whether a list in Python is one cell, not the cells of several columns."""
    is_covariate: ClassVar[bool] = False
    """Whether it is a number or a category beside the text, which no processor is given."""

    def wrong(self, rows: Rows, name: str, where: str, task: str) -> str | None:
        """Return why a column that is there holds no such cells, None where it does."""
        kind = rows.columns[name].kind
        if kind in self.takes:
            return None
        return f"column {name!r} of {where} holds {kind} values; {task} needs {self.needs}"

    def located(self, folder: Path | None) -> Self:
        """Return the kind with the folder that relative names of files begin in."""
        return self

    def configured(self, options: Options) -> Self:
        """Return the kind with the settings that were given; those that were not stay."""
        return self

    def joined(self, other: InputKind) -> InputKind:
        """Return the kind of a column that stands in two terms, of this kind and of another."""
        return self

    def written(self, decimal: str, certain: bool = True) -> Self:
        """Return the kind for cells in which numbers have a decimal mark."""
        return self

    def aligned(self, model: Sequence[InputKind]) -> Self:
        """Return the kind with what those of a model's columns know."""
        return self

    def read(self, cells: Sequence[Any]) -> list[Any]:
        """Return what the model's processor is given for some cells. Raises `UserError`."""
        return list(cells)

    def measure(self, rows: Splits, name: str) -> Measured:
        """Return the rows whose cells in a column can be read, by split.

        Raises `UserError` where none of a split can.
        """
        return Measured(dict(rows), {}, [])

    def check(self, cells: Sequence[Any], first: int, row: str) -> None:
        """Raise `UserError` for the first cell that cannot be read.

        It calls the first of the cells by `row` and `first`, such as "line 7".
        """

    def bare(self, cells: Sequence[Any]) -> list[str]:
        """Return what cells have to have in common to count as the same, for each of some cells."""
        from gft.data.folding import comparable

        return [comparable(self.shown(cell)) for cell in cells]

    def shown(self, cell: Any) -> str:
        """Return a cell as text, as rows are written and examples shown."""
        return text_of(cell)

    def from_json(self, value: Any) -> Any:
        """Return the cell that a value in a request of JSON is.

        It never names a file or an address. Raises `ValueError`, which says what was expected.
        """
        if not isinstance(value, str):
            raise ValueError("a text")
        return value

    def as_json(self, cell: Any) -> Any:
        """Return a cell as a row of JSON has it."""
        return self.shown(cell)


@cache
def input_kinds() -> Mapping[str, InputKind]:
    """Return every kind of input that is installed by the function that asks for it."""
    return Registered("gft.inputs")


def kinds_of(
    factors: Iterable[Term], takes: Sequence[InputKind], task: str
) -> tuple[InputKind, ...]:
    """Return the kind of each column: the one its function asks for, else the first taken.

    `factors` are those of an equation, in which a column may stand more than once: its kind is at
    where it stands first. A task takes kinds of the classes of `takes`. Raises
    `UserError` for others.
    """
    found: dict[str, InputKind] = {}
    for term in factors:
        if term.everything:
            continue
        kind = takes[0]
        if term.function is not None:
            if term.function not in input_kinds():
                raise UserError(no_function(term))
            kind = input_kinds()[term.function]
        if not isinstance(kind, tuple(map(type, takes))):
            message = f"{task} takes {listed(one.what for one in takes)}, not {term}"
            if kind.is_covariate:
                message += f": write {Term(term.column)}, which is read as a text, or leave it out"
            raise UserError(message)
        before = found.get(term.column)
        found[term.column] = kind if before is None else before.joined(kind)
    return tuple(found.values())


OF_R = {
    **dict.fromkeys(("scale", "as.numeric", "as.integer", "numeric", "number", "float"), "num"),
    **dict.fromkeys(("C", "as.factor", "ordered", "as.ordered", "relevel", "category"), "cat"),
    **dict.fromkeys(("ln", "log10", "log2"), "log"),
    "as.character": "text",
}
"""What functions of R, and other names, are called here."""
COMPUTES = ("I", "sqrt", "exp", "abs", "round", "poly", "s", "te", "ns", "bs", "cut", "is.na", 
            "ifelse", "year", "month", "nchar", "square", "interaction")  # fmt: skip
"""Functions of formulas that compute something of a column."""
OF_FORMULAS = {
    "offset": "there are no offsets: the coefficient of every term is estimated",
    "strata": "--by compares groups, and --group keeps their rows together",
    **dict.fromkeys(COMPUTES, COMPUTED),
}
"""Why there are no such functions, and what to do."""


def no_function(term: Term) -> str:
    """Return the message for a function that there is not."""
    name, known = str(term.function), [*input_kinds()]
    ours = OF_R.get(name)
    if name in OF_FORMULAS:
        return f"no function {name!r}: {OF_FORMULAS[name]}; available: {listed(known)}"
    if ours is None:
        return no_such("function", name, known)
    return f"no function {name!r}: write {Term(term.column, ours)}; available: {listed(known)}"


def wrong_columns(
    names: Sequence[str], kinds: Sequence[InputKind], data: DataSet, used: Splits, task: str
) -> list[str]:
    """Return what is wrong with the columns on the right of `~`, in data or a split that is used.

    `used` are the splits by what they are used as.
    """
    messages = []
    for name, kind in zip(names, kinds, strict=True):
        messages += (
            missing(name, data, used)
            or [
                wrong
                for where, rows in _splits_by_place(data, used).items()
                if (wrong := kind.wrong(rows, name, where, task))
            ][:1]
        )
    return messages


def missing(name: str, data: DataSet, used: Splits) -> list[str]:
    """Return a message where data, or else a split that is used, lacks a column."""
    from gft.data.checks import lacks_column

    if name not in data.columns:
        return [no_such("column", name, data.columns, data.name)]
    return [
        lacks_column(where, data.name, name, rows)
        for where, rows in _splits_by_place(data, used).items()
        if name not in rows.columns
    ][:1]


def _splits_by_place(data: DataSet, used: Splits) -> dict[str, Rows]:
    """Return the first split under the name of the data, and those that are used under theirs."""
    first = next(iter(data.splits.values()))
    names = {id(rows): name for name, rows in data.splits.items()}
    others = {names.get(id(rows), role): rows for role, rows in used.items() if rows is not first}
    return {data.name: first, **others}
