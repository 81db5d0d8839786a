"""Which rows belong to which subgroup, as `--by` asks for it."""

from __future__ import annotations

from gft import notes
from gft.cells.missing import wanted
from gft.data.table import DataSet, Rows
from gft.functions.options import Scoring
from gft.language.program import Options
from gft.metrics.subgroups import ByColumn
from gft.results.by_column import by_columns


def subgroups(options: Options, rows: Rows, data: DataSet, name: str, split: str) -> list[ByColumn]:
    """Return the values of the columns of `--by`, none without it, and note what was done to them.

    `rows` are some of the split `name` of `data`, which the user knows as `split`. Raises
    `UserError` for columns that cannot be used.
    """
    names = options.of(Scoring).by
    if names is None:
        return []
    original = data.original or data
    own = original.splits[name].select(rows.numbers())
    found = by_columns(names, own, original, split, wanted(options))
    notes.note(*(one.note for one in found))
    return found
