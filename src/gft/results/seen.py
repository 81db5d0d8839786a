"""What a column looks like in some of its rows: texts, classes, a scale, numbers, or none."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time
from functools import cached_property
from itertools import groupby, pairwise
from statistics import median
from typing import Any

from gft.cells.delimiters import likely_delimiter
from gft.cells.lists import list_in
from gft.cells.missing_codes import codes_of
from gft.data.cells import with_class_names
from gft.data.gathered import ideographs_in
from gft.data.missing_marks import missing_marks
from gft.data.numbers import as_numbers, is_missing, is_number
from gft.data.problems import are_splits
from gft.data.sampling import spread
from gft.data.table import Column, DataSet
from gft.results.label_counts import MOST_CLASSES
from gft.results.scales import is_scale

LOOKED_AT = 3_000
"""So many rows are looked at, at even distances."""
MOSTLY = 0.9
SHORTEST_PROSE = 8
"""Characters of a text in a script without spaces."""
LONG_NAME = 6
"""Names of classes have fewer words than texts that are looked at; longer ones are texts."""
FEWEST_POINTS = 4
"""Three whole numbers are as well three classes."""
ON_OFF = frozenset({"0", "1", "0.0", "1.0", "true", "false"})
_DATE = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([T ]\d.*)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}( \d.*)?|\d{1,2}:\d{2}(:\d{2})?"
)
_ADDRESS = re.compile(r"(https?://|www\.)\S+|\S+@\S+\.\w+", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_]+")
_OF_WORDS = re.compile(r"(.*_)?(tokens?|words?|forms?|sentence|text)(_.*)?", re.IGNORECASE)


def words_in_name(name: str) -> set[str]:
    """Return the words of a column's name, lower-case: `goldLabel_2` has gold and label."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return {word.casefold() for word in _WORDS.findall(apart.replace("_", " "))}


@dataclass(frozen=True)
class Seen:
    """One column: its `cells` in some rows, without those that are missing or look so.

    `index` counts the columns before it, `rows` the rows that were looked at.
    """

    column: Column
    index: int
    rows: int
    cells: list[Any]
    missing: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The column's name."""
        return self.column.name

    @cached_property
    def texts(self) -> list[str]:
        """The cells as text, numbers of classes by their names; none for lists and objects."""
        are_times = all(isinstance(cell, date | time) for cell in self.cells)
        if self.column.kind in ("list", "struct", "file"):
            return []
        if self.column.kind == "other" and not are_times:
            return []
        return [str(with_class_names(self.column, cell)).strip() for cell in self.cells]

    @cached_property
    def counts(self) -> Counter[str]:
        """How often each text is there."""
        return Counter(self.texts)

    @cached_property
    def lists(self) -> list[list[Any]]:
        """The cells as lists, those that are written as text too; none unless all are lists."""
        if self.column.kind == "list":
            return [cell for cell in self.cells if isinstance(cell, list)]
        if self.column.kind != "text":
            return []
        found = [list_in(cell) for cell in self.texts]
        lists = [one for one in found if one is not None]
        return lists if len(lists) == len(found) else []

    @cached_property
    def written_lists(self) -> list[list[Any]]:
        """The lists that are written into some cells of text."""
        return [one for text in self.counts if (one := list_in(text)) is not None]

    @property
    def numbers_of_words(self) -> float:
        """The median number of words, those between whitespace."""
        return median([len(text.split()) for text in self.texts] or [0])

    @cached_property
    def is_prose(self) -> bool:
        """Whether the cells are texts: mostly of several words, or long in a script without spaces.

        Names of classes may be of several words too: see `are_classes`. A list of words is a text.
        """
        if self.column.kind == "list" and self.column.classes is None:
            words = all(isinstance(one, str) for cell in self.lists for one in cell)
            return words and (bool(_OF_WORDS.fullmatch(self.name)) or not self.several_labels)
        if self.column.kind != "text" or not self.texts or self.numbers or self.is_written_list:
            return False
        if self.numbers_of_words > 1:
            return True
        some = self.texts[:100]
        share = sum(map(ideographs_in, some)) / max(1, sum(map(len, some)))
        return share > 0.5 and median(map(len, some)) >= SHORTEST_PROSE

    @property
    def is_written_list(self) -> bool:
        """Whether the cells are lists that are written as text."""
        return self.column.kind == "text" and bool(self.lists)

    @cached_property
    def are_classes(self) -> bool:
        """Whether the values recur, so that they may be classes."""
        if self.column.classes is not None:
            return self.column.kind != "list"
        kinds = ("text", "integer", "float", "boolean")
        if self.column.kind not in kinds or self.numbers_of_words > LONG_NAME:
            return False
        return 2 <= len(self.counts) <= min(MOST_CLASSES, len(self.texts) / 2)

    @cached_property
    def numbers(self) -> list[float]:
        """The cells as numbers, decimal commas too; none unless all are numbers."""
        if self.column.kind in ("integer", "float"):
            return [float(cell) for cell in self.cells]
        if self.column.kind != "text" or not self.texts:
            return []
        return as_numbers(self.texts) or []

    @property
    def are_fractions(self) -> bool:
        """Whether the cells are numbers that are not all whole: no names of classes."""
        return any(not number.is_integer() for number in self.numbers)

    @cached_property
    def is_scale(self) -> bool:
        """Whether the cells are amounts, such as points from 1 to 5, that have no names each."""
        if self.column.classes or self.column.kind not in ("text", "integer", "float"):
            return False
        if self.column.labels and set(self.cells) <= self.column.labels.keys():
            return False
        points = set(self.numbers)
        enough = len(points) >= FEWEST_POINTS or self.are_fractions
        return enough and is_scale([f"{one:g}" for one in points], self.name)

    @property
    def is_indicator(self) -> bool:
        """Whether the cells are 0 and 1, or true and false."""
        found = {text.casefold() for text in self.counts}
        return len(found) == 2 and found <= ON_OFF

    @property
    def several_labels(self) -> bool:
        """Whether the cells are lists of labels that recur, and not of words."""
        members = [one for cell in self.lists for one in cell]
        known = set(map(str, members))
        if not members or any(isinstance(one, list | dict) for one in members):
            return False
        return len(known) <= min(MOST_CLASSES, max(2, len(self.lists)))

    @cached_property
    def delimiter(self) -> str | None:
        """What seems to stand between several labels in a cell of text."""
        if self.column.kind != "text" or self.numbers_of_words > LONG_NAME or self.is_prose:
            return None
        plain = {text: n for text, n in self.counts.items() if list_in(text) is None}
        return likely_delimiter(plain, [str(one) for cell in self.written_lists for one in cell])

    @property
    def stands_in_blocks(self) -> bool:
        """Whether equal cells stand together, as those of a speaker or a document do."""
        blocks = sum(1 for _ in groupby(self.texts))
        return len(self.counts) > 5 and blocks < 2 * len(self.counts) < len(self.texts)

    @property
    def numbers_rows(self) -> bool:
        """Whether the cells count the rows, or are another short name in each."""
        if len(self.texts) < 10 or len(self.counts) < len(self.texts) or self.is_prose:
            return False
        if self.numbers:
            return all(one < other for one, other in pairwise(self.numbers))
        return self.column.kind == "text"

    @property
    def is_beside(self) -> bool:
        """Whether the cells are neither input nor label: dates, addresses, names of splits, one."""
        some = self.texts[:200]
        if not some:
            return not self.cells
        formatted = sum(bool(_DATE.fullmatch(one) or _ADDRESS.fullmatch(one)) for one in some)
        return formatted > MOSTLY * len(some) or are_splits(self.counts) or len(self.counts) == 1


def look(data: DataSet, split: str) -> list[Seen]:
    """Return what the columns of a split look like, in their order."""
    rows = spread(data.splits[split], LOOKED_AT)
    return [_seen(rows.column(name), column, index, len(rows))
            for index, (name, column) in enumerate(rows.columns.items())]  # fmt: skip


def _seen(cells: Sequence[Any], column: Column, index: int, rows: int) -> Seen:
    there = [cell for cell in cells if not is_missing(cell) and cell != ""]
    there = [cell for cell in there if not isinstance(cell, str) or cell.strip()]
    plain = Seen(column, index, rows, there)
    if column.kind not in ("text", "integer", "float") or column.classes is not None:
        return plain
    marks = missing_marks(plain.counts)
    rest = [text for text in plain.counts if text not in marks]
    gone = {*marks, *codes_of(rest)} if all(map(is_number, rest)) else set(marks)
    if not gone:
        return plain
    kept = [cell for cell, text in zip(there, plain.texts, strict=True) if text not in gone]
    return Seen(column, index, rows, kept, tuple(sorted(gone)))
