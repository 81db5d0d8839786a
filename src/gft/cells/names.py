"""Names of columns: one name may be written in two ways that look alike."""

from __future__ import annotations

from dataclasses import replace

from gft.data.members import with_member
from gft.data.spelling import composed
from gft.data.table import DataSet
from gft.language.equation import Equation


def read(equation: Equation, data: DataSet) -> DataSet:
    """Return data whose columns are called as the equation calls them.

    Names are the same in both Unicode forms of an accented letter, and whatever whitespace they
    have. A name may be that of a member of objects, `translation.en`. A split that has a column
    of the very name, or several that look alike, stays as it is.
    """
    splits = dict(data.splits)
    for name in dict.fromkeys(equation.columns):
        for split, rows in splits.items():
            alike = [one for one in rows.columns if composed(one) == composed(name)]
            if len(alike) == 1 and alike != [name]:
                splits[split] = rows.renamed(alike[0], name)
            elif not alike:
                splits[split] = with_member(rows, name)
    if splits == data.splits:
        return data
    return replace(data, splits=splits, original=data.original or data)
