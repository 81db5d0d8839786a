"""Several labels in a cell of text, separated by a delimiter, as distinguished from one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gft.cells.columns import Columns
from gft.data.numbers import is_number
from gft.data.problem import shown
from gft.data.spelling import spelling
from gft.errors import counted

DELIMITERS = (";", "|", ",", "/")
WITHIN_NAMES = "/"
"""A delimiter that names have too (N/A, and/or): what it parts must be labels by themselves."""
MOST_KINDS = 20_000
"""A column with more different cells than that is not looked at."""


def likely_delimiter(
    counts: Mapping[str, int], of_lists: Iterable[str] = (), decimals: bool = True
) -> str | None:
    """Return what seems to stand between several labels in cells, None where nothing does.

    `counts` says in how many rows each cell is; `of_lists` are labels known from lists. The parts
    of such cells recur as labels, alone or beside others; `Food, drink` is always whole. `1,3` is
    a number where there may be `decimals`, else two labels beside cells `1`, `2`, `3` and `1,2`.
    """
    if len(counts) > MOST_KINDS:
        return None
    known = set(of_lists)
    for delimiter in DELIMITERS:
        parts = {text: parts_of(text, delimiter) for text in counts}
        joint = [text for text, several in parts.items() if len(several) > 1]
        if not joint or (sum(counts[text] for text in joint) < 2 and not known):
            continue
        numbers = delimiter == "," and all(is_number(text.replace(",", ".")) for text in counts)
        alone = all(part in counts for text in joint for part in parts[text])
        one_decimal = len({parts[text][-1] for text in joint}) < 2
        if numbers and (decimals or one_decimal or not alone):
            continue
        if delimiter in WITHIN_NAMES and not alone:
            continue
        cells = Counter(part for several in parts.values() for part in set(several))
        cells.update(known)
        recurring = all(cells[part] > 1 for text in joint for part in parts[text])
        fewer = len(cells) < len(parts) and any(cells[one] > 1 for t in joint for one in parts[t])
        if recurring or (fewer and not known):
            return delimiter
        if known and any(part in known for text in joint for part in parts[text]):
            return delimiter
    return None


def parts_of(text: str, delimiter: str) -> list[str]:
    """Return what is between delimiters in a cell, whitespace around it and empty parts aside."""
    return [part.strip() for part in text.split(delimiter) if part.strip()]


def delimiter_warning(columns: Columns, name: str, counts: Mapping[str, int]) -> str | None:
    """Return a warning where cells look like several labels."""
    delimiter = likely_delimiter(counts, decimals=False)
    if delimiter is None:
        return None
    joint = [text for text in counts if len(parts_of(text, delimiter)) > 1]
    rows = counted(sum(counts[text] for text in joint), "row")
    return (
        f"column {name!r} of {columns.data.name} looks like several labels separated by "
        f"{delimiter!r}, such as {shown(joint[0])} ({rows}); each combination is taken as a class "
        f"of its own: --label_delimiter {_quoted(delimiter)} separates them"
    )


def several_beside(
    columns: Columns, name: str, plain: Mapping[str, int], written: Mapping[str, Sequence[Any]]
) -> str | None:
    """Return what is wrong where cells beside lists look like several labels."""
    members = {spelling(one) for found in written.values() for one in found}
    delimiter = likely_delimiter(plain, members)
    if delimiter is None:
        return None
    joint = next(text for text in plain if len(parts_of(text, delimiter)) > 1)
    a_list = f"lists, such as {shown(next(iter(written)))}, and " if written else ""
    return (
        f"column {name!r} of {columns.data.name} has {a_list}cells that look like several labels, "
        f"such as {shown(joint)}: give --label_delimiter {_quoted(delimiter)} if they are, or "
        "write every row as a list"
    )


def _quoted(delimiter: str) -> str:
    return delimiter if delimiter == "," else f"'{delimiter}'"
