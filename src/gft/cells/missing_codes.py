"""Cells that look like missing values and are not named by `--na`: they would be a class, a number
or a text.

Looked for are words that programs write for nothing (`NA`, `NaN`, `null`, `None`), answers that are
none ("don't know"), and codes of surveys beside a short scale: 99 beside 1 to 5.
"""

from __future__ import annotations

import csv
import io
import shlex
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from gft.cells.missing import code_text
from gft.data.cells import with_class_names
from gft.data.missing_marks import SIGNS, WORDS, missing_marks
from gft.data.numbers import is_missing, number_in
from gft.data.sampling import spread
from gft.data.table import Column, DataSet, Rows
from gft.errors import listed
from gft.language.equation import Equation
from gft.targets.protocol import Target

LOOKS_MISSING = "looks missing"
"""What `Target.problems` and `Problem.kind` call it."""
NINES = (9, 99, 999, 9999, -9, -99, -999, -9999)
BESIDE_NINES = (8, 88, 97, 98, 888, 997, 998, 8888, 9997, 9998, -8, -88, -97, -98, -888, -998)
"""More codes of surveys, such as 98 for "don't know", where there is one of nines."""
SHORT_SCALE, LONG_SCALE = 10, 100
LARGEST_BEFORE_9 = 7
"""9 is a code beside 1 to 7; 1 to 8 goes on to 9."""
READ_ROWS = 10_000
MOST_ROWS = 1_000_000
MOST_VALUES = 1_000
"""More different numbers than these are no scale."""
LONGEST_CELL = 20
FREQUENT = 0.01
"""A text that is `NA` is worth a word when so large a share of the rows has it."""


Taken: TypeAlias = Literal["class", "text", "covariate"]


@dataclass(frozen=True)
class LikelyMissing:
    """A value of a column that looks like a missing one, in `count` cells; `reason` says why.

    `taken_as` says what it would be without `--na`: a class (or a number on the left), a text, or
    a number or level beside it.
    """

    value: str
    column: str
    count: int
    reason: str
    taken_as: Taken = "class"


def likely_missing(data: DataSet, equation: Equation, target: Target) -> list[LikelyMissing]:
    """Return what looks like a missing value in the columns of an equation, in all splits.

    Texts on the right are looked at too, of large splits a million rows. Time is linear in them.
    """
    found = likely_missing_values(data, equation, target)
    for name in dict.fromkeys(one for one in equation.texts if one not in equation.left):
        found += _in_texts(data, name)
    return found


def likely_missing_values(data: DataSet, equation: Equation, target: Target) -> list[LikelyMissing]:
    """Return what looks like a missing value and would be a class, a number or a level.

    On the left, where the task has such values, and in covariates; in all splits.
    """
    left = dict.fromkeys(equation.left) if LOOKS_MISSING in target.problems else {}
    beside = {one.column: None for term in equation.covariates for one in term}
    found: list[LikelyMissing] = []
    for name in left:
        found += _in_values(data, name, "class")
    for name in beside:
        found += _in_values(data, name, "covariate")
    return found


def ordinary_in(
    found: Sequence[LikelyMissing], data: DataSet, equation: Equation
) -> dict[str, str]:
    """Return which of these values another column of the equation holds as an ordinary value.

    `--na` is for all columns: 99 beside answers of 1 to 5 may be somebody's weight elsewhere. A
    word for nothing, such as NA, is no ordinary text.
    """
    if not found:
        return {}
    looks = {(one.value, one.column) for one in found}
    sought = {one.value for one in found}
    ordinary: dict[str, str] = {}
    columns = dict.fromkeys((*equation.left, *(f.column for t in equation.covariates for f in t)))
    for name in columns:
        for rows in data.splits.values():
            there = _different(rows, name) if _has_labels(rows, name) else ()
            for value in sought.intersection(there):
                if (value, name) not in looks:
                    ordinary.setdefault(value, name)
    for name in equation.texts:
        for value in _texts_among(data, name, sought - WORDS - ordinary.keys()):
            ordinary[value] = name
    return ordinary


def _texts_among(data: DataSet, name: str, sought: set[str]) -> set[str]:
    """Return which values are the whole text of a row."""
    found: set[str] = set()
    for rows in data.splits.values():
        if not sought or name not in rows.columns or rows.columns[name].kind != "text":
            continue
        for part in spread(rows, MOST_ROWS).batches([name], READ_ROWS):
            found |= sought.intersection(code_text(one) for one in part[name] if one)
    return found


def _in_values(data: DataSet, name: str, taken_as: Taken) -> Iterator[LikelyMissing]:
    columns = [rows for rows in data.splits.values() if _has_labels(rows, name)]
    different = dict.fromkeys(one for rows in columns for one in _different(rows, name) if one)
    values = look_missing(different)
    counts = _counts(columns, name, frozenset(values)) if values else Counter()
    for one in values:
        yield LikelyMissing(one, name, counts[one], _why(one), taken_as)


def look_missing(values: Iterable[str]) -> list[str]:
    """Return the different values of a column that look like missing ones, words before codes."""
    every = {value.strip(): None for value in values if value.strip()}
    marks = missing_marks(every)
    marks.sort(key=lambda one: (one in SIGNS, one))
    return [*marks, *codes_of(sorted(every.keys() - set(marks)))]


def _why(value: str) -> str:
    return "a word or sign for nothing" if missing_marks([value]) else "far from a short scale"


def codes_of(values: Iterable[str]) -> list[str]:
    """Return the values that look like a survey's codes for missing answers.

    All values must be numbers; the codes are those of nines, and others beside them, that lie
    further from the scale of the others than it is long.
    """
    numbers = {value: number_in(value) for value in values}
    known = {number for number in numbers.values() if number is not None}
    if None in numbers.values() or not 3 <= len(known) <= MOST_VALUES:
        return []
    scale = {one for one in known if one not in (*NINES, *BESIDE_NINES)}
    if scale and max(map(abs, scale)) > LARGEST_BEFORE_9:
        scale |= known & {8, 9}
    found = _apart(known - scale, scale)
    rest = known - scale - found
    if rest:  # What is not apart belongs to the scale, and makes it longer.
        found = _apart(found, scale | rest)
    return [value for value, number in numbers.items() if number in found]


def _apart(codes: set[float], scale: set[float]) -> set[float]:
    """Return the codes that are far from a scale, none without one of nines."""
    apart = {one for one in codes if _is_apart(one, scale)}
    return apart if apart & {*NINES} else set()


def _is_apart(code: float, scale: set[float]) -> bool:
    """Say whether a code is far from a scale of two values or more."""
    if len(scale) < 2:
        return False
    least, most = min(scale), max(scale)
    length, distance = most - least, min(abs(code - one) for one in scale)
    whole = all(float(one).is_integer() for one in scale)
    if least < code < most or length > (LONG_SCALE if whole else SHORT_SCALE):
        return False
    if abs(code) < 10:  # 9 beside 1, 2, 3, 4, 5; not beside 1, 3, 5, 7.
        return whole and len(scale) == length + 1 and distance > 1
    return distance > length


def na_list(values: Iterable[str]) -> str:
    """Return values as `--na` takes them, with commas between."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(dict.fromkeys(values))
    return line.getvalue()


def na_argument(values: Iterable[str]) -> str:
    """Return the `--na` that names values, as it is typed in a shell."""
    return f"--na {shlex.quote(na_list(values))}"


def warning_of(
    found: Sequence[LikelyMissing],
    numbers: bool,
    named: Sequence[str] = (),
    ordinary: Mapping[str, str] = MappingProxyType({}),
) -> str | None:
    """Return one line that names the values with their counts, and the `--na` to give.

    `numbers` says that the left-hand side is numbers, not classes; `named` are the values of
    `--na` already; `ordinary` are values that another column has too, as `ordinary_in` returns
    them: `--na` would harm that column. None where nothing looks missing.
    """
    if not found:
        return None
    columns: dict[str, list[str]] = {}
    for one in found:
        columns.setdefault(one.column, []).append(f"{one.value!r} ({one.count:,})")
    shown = "; ".join(f"{name}: {listed(values, 6)}" for name, values in columns.items())
    look = "looks like a missing value" if len(found) == 1 else "look like missing values"
    counts = "counts" if len(found) == 1 else "count"
    taken = {} if numbers else _taken_as(found)
    as_what = f", and {counts} as {' and '.join(taken)}" if taken else ""
    harmless = [one.value for one in found if one.value not in ordinary]
    advice = [f"if so: {na_argument([*named, *harmless])}"] if harmless else []
    advice += [
        f"{value!r} is an ordinary value of {name}, which --na would change too, so leave the "
        f"cells of {listed([one.column for one in found if one.value == value])} empty instead"
        for value, name in ordinary.items()
    ]
    return f"{shown} {look}{as_what}; {'; '.join(advice)}"


def _taken_as(found: Sequence[LikelyMissing]) -> dict[str, None]:
    """Return what suspects are without `--na`, in words."""
    count = Counter(one.taken_as for one in found)
    words: dict[Taken, str] = {
        "class": "classes" if count["class"] > 1 else "a class",
        "covariate": "numbers or levels" if count["covariate"] > 1 else "a number or level",
        "text": "text",
    }
    return {word: None for kind, word in words.items() if count[kind]}


def _has_labels(rows: Rows, name: str) -> bool:
    """Say whether a split has a column whose cells can be labels."""
    return name in rows.columns and rows.columns[name].kind not in ("struct", "other", "file")


def _different(rows: Rows, name: str) -> Iterator[str]:
    """Yield the different cells of a column, or members of its lists, as `--na` names them."""
    column = rows.columns[name]
    for cell in rows.labels([name]).different(name):
        yield _named(column, cell)


def _named(column: Column, cell: Any) -> str:
    """Return a cell as `--na` names it, of a class its name; '' where it is missing."""
    if isinstance(cell, list | dict) or is_missing(cell):
        return ""
    return code_text(with_class_names(column, cell))


def _counts(columns: Sequence[Rows], name: str, wanted: Container[str]) -> Counter[str]:
    """Return how many cells of some splits, or members of lists in them, are a wanted value."""
    counts: Counter[str] = Counter()
    for rows in columns:
        column = rows.columns[name]
        for part in rows.labels([name]).batches(READ_ROWS):
            for cell in part[name]:
                members = cell if isinstance(cell, list) else (cell,)
                counts.update(one for one in (_named(column, m) for m in members) if one in wanted)
    return counts


def _in_texts(data: DataSet, name: str) -> list[LikelyMissing]:
    """Return the words for nothing that are the whole text of many rows."""
    counts: Counter[str] = Counter()
    read = 0
    for rows in data.splits.values():
        if name not in rows.columns or rows.columns[name].kind != "text":
            continue
        some = spread(rows, MOST_ROWS)
        read += len(some)
        for part in some.batches([name], READ_ROWS):
            words = (cell.strip() for cell in part[name] if cell and len(cell) < LONGEST_CELL)
            counts.update(word for word in words if word in WORDS)
    often = {value: n for value, n in counts.items() if n > 1 and n >= FREQUENT * read}
    why = "a word for nothing, and the whole text"
    return [LikelyMissing(one, name, often[one], why, "text") for one in sorted(often)]
