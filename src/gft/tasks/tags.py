"""Tags of words as data has them: one for each word, as classes, strings or integers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gft.data.cells import with_class_names
from gft.data.spelling import spelling
from gft.data.table import Column, DataSet, Rows
from gft.errors import Mistakes, UserError, counted, listed
from gft.inputs.kind import Splits
from gft.inputs.words import counts_of, lists_of_what, words_of
from gft.language.equation import Equation
from gft.metrics.protocol import Array
from gft.tasks.labelled import labels_in, of_splits
from gft.tasks.masks import IGNORED

MANY_TAGS = 1000
_NONE = (str(IGNORED),)
"""How data writes that a word has no tag, beside nothing."""
UNTAGGED = "_"
"""How a line writes it, so that every tag keeps its position."""


def check(equation: Equation, data: DataSet, used: Splits) -> None:
    """Raise `UserError` unless there are as many tags as words in every row of the splits used."""
    mistakes = Mistakes()
    for role, rows in used.items():
        with mistakes.collect():
            names = (name for name, split in data.splits.items() if split is rows)
            _check_split(equation, next(names, role), rows)
    mistakes.raise_any()


def _check_split(equation: Equation, split: str, rows: Rows) -> None:
    """Raise `UserError` for the first row of a split whose lengths differ."""
    import numpy as np

    [left], [right] = equation.left, equation.inputs
    inside = lists_of_what(rows, left)
    if inside in ("list", "struct"):
        raise UserError(
            f"column {left!r} of {split} holds lists of {inside} values; classify_tokens "
            "needs lists of texts, integers or classes"
        )
    words, tags = counts_of(rows, right), rows.labels([left], members).lengths(left)
    # A row without any tag is one without a label: it is left out, and counted.
    wrong = np.flatnonzero((words != tags) & (tags > 0))
    if len(wrong):
        first = int(wrong[0])
        more = f"; so it is in {len(wrong) - 1:,} more rows" if len(wrong) > 1 else ""
        raise UserError(
            f"row {first + 1:,} of {split}: {right!r} has {counted(int(words[first]), 'word')} and "
            f"{left!r} has {counted(int(tags[first]), 'tag')}; every word needs one tag{more}"
            f"{_of_characters(rows.select([first]).column(right)[0], int(tags[first]))}"
        )


def _of_characters(cell: Any, tags: int) -> str:
    """Return what to do about a text with a tag for each character, '' where it is none."""
    characters = "".join(words_of(cell)) if isinstance(cell, str) else ""
    if len(characters) != tags:
        return ""
    shown = ", ".join(f'"{one}"' for one in characters[:2])
    return (
        f"; the text has {tags} characters: to tag these, give a list of characters [{shown}, ...]"
    )


def found_tags(
    column: Column, where: str, used: Splits, of_model: Sequence[str]
) -> tuple[str, ...]:
    """Return the different tags of a column without named classes, in their natural order.

    Raises `UserError`.
    """
    found = labels_in(used, column.name, members, _NONE, of_model)
    every = set().union(*found.values())
    if len(every) > MANY_TAGS and len(every) > sum(map(len, used.values())):
        raise UserError(
            f"column {column.name!r} of {where} has {len(every):,} different values, more than "
            "there are rows: these are not tags"
        )
    if not every:
        raise UserError(f"column {column.name!r} of {where} has no tag in any row")
    if len(every) < 2 and "train" in used:
        raise UserError(
            f"column {column.name!r} of {where} has one tag only ({listed(every)}); "
            "classify_tokens needs two or more"
        )
    return of_splits(found)


def numbers_of(cells: Sequence[Any], number: Mapping[str, int]) -> list[Array | None]:
    """Return the numbers of the tags in each cell; None for a cell without any."""
    import numpy as np

    known: dict[Any, int] = {}
    found: list[Array | None] = []
    for cell in cells:
        tags = members(cell)
        for tag in tags:
            if tag not in known:
                known[tag] = number.get(spelling(tag), IGNORED)
        numbers = np.array([known[tag] for tag in tags], dtype=np.int32)
        found.append(numbers if (numbers != IGNORED).any() else None)
    return found


def raw_tags(cell: Any, column: Column) -> list[str | None]:
    """Return the tags in a cell as texts, classes by their names, None for a word without one."""
    found = []
    for tag in with_class_names(column, list(members(cell))):
        unnamed = column.classes is not None and isinstance(tag, int)
        missing = tag is None or tag == "" or str(tag) in _NONE or unnamed
        found.append(None if missing else str(tag))
    return found


def members(cell: Any) -> Sequence[Any]:
    """Return the tags of a cell as the data has them."""
    return cell if isinstance(cell, list) else words_of(cell)
