"""One class, one spelling: in all splits, whether their classes have names or are as written."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from gft.cells.columns import Columns
from gft.data.numbers import is_number
from gft.data.spelling import amount, comparing, composed, one_class, spelling
from gft.data.table import Rows
from gft.errors import counted, listed

MOST_KINDS = 20_000
"""A column with more different cells than that is none of classes."""
READ = ("text", "class", "integer", "float", "boolean", "list")
"""The kinds of columns that hold classes, or lists of them."""
SHOWN = 6
WORDS_OF_TRUTH, DIGITS_OF_TRUTH = {"true", "false"}, {"0", "1"}

Spell = Callable[[str], str]


def read(columns: Columns, name: str, same: Spell = one_class) -> Columns:
    """Return columns in which a class of a column, or of its lists, has one spelling.

    `same` returns what the spellings of a class have in common; where all classes are numbers,
    equal numbers are one. The name is the most frequent spelling of the train split. Classes that
    have names keep the numbers that the first split with names gives them.
    """
    splits = dict(columns.splits_of(name))
    if not all(rows.columns[name].kind in READ for rows in splits.values()):
        return columns
    named = {split: rows.columns[name].classes for split, rows in splits.items()}
    if any(named.values()):
        return columns if len(set(named.values())) < 2 else _by_name(columns, name, splits, same)
    return _by_spelling(columns, name, splits, same)


# Classes as they are written.


def _by_spelling(columns: Columns, name: str, splits: Mapping[str, Rows], same: Spell) -> Columns:
    counts = {split: _counts(rows, name) for split, rows in splits.items()}
    every = list(dict.fromkeys(text for found in counts.values() for text in found))
    if len(every) > MOST_KINDS:
        return columns
    key = amount if all(map(is_number, every)) else same
    alike = _alike(every, key)
    first = counts.get("train") or next(iter(counts.values()), Counter())
    total: Counter[str] = sum(counts.values(), Counter())
    chosen, lines = {}, []
    for spellings in alike.values():
        best = max(spellings, key=lambda text: (first[text], total[text]))
        chosen.update(dict.fromkeys(spellings, best))
        if len(spellings) > 1:
            others = [_shown(text, best, total[text]) for text in spellings if text != best]
            lines.append(f"{best!r} ({total[best]:,}) is also {listed(others, 4)}")
    for split, rows in splits.items():
        if not all(_stays(cell, chosen) for cell in rows.labels([name]).different(name)):
            columns = _rewritten(columns, split, name, chosen)
    where = f"column {name!r} of {columns.data.name}"
    columns = columns.warning(_of_two_kinds(where, alike, total))
    if lines:
        columns = columns.noting(f"{where}: variants taken as one class: {_few(lines)}")
    return columns.noting(_kept_apart(where, every, total) if same is one_class else None)


def _of_two_kinds(
    where: str, alike: Mapping[str, Sequence[str]], total: Mapping[str, int]
) -> str | None:
    """Return a warning where truth values are also written as 0 and 1, other classes."""
    words, digits = (alike.keys() & kind for kind in (WORDS_OF_TRUTH, DIGITS_OF_TRUTH))
    if not words or not digits or len(words) + len(digits) < len(alike):
        return None
    shown = [f"{one!r} ({total[one]:,})" for spellings in alike.values() for one in spellings]
    return f"{where}: {listed(shown, 4)} remain separate classes; write truth values in one way"


def _shown(text: str, best: str, count: int) -> str:
    """Return a spelling with its count; one in another Unicode form looks like the best."""
    form = unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", best)
    return f"{text!r} ({count:,}{', in another Unicode form' if form else ''})"


def _stays(cell: Any, chosen: Mapping[str, str]) -> bool:
    """Say whether a cell is written as chosen, without whitespace around it."""
    if isinstance(cell, list | dict):
        return True
    text = spelling(cell)
    return chosen.get(text, "") == (cell if isinstance(cell, str) else text)


def _alike(every: Iterable[str], key: Spell) -> dict[str, list[str]]:
    alike: dict[str, list[str]] = defaultdict(list)
    for text in every:
        alike[key(text)].append(text)
    return alike


def _kept_apart(where: str, every: Sequence[str], total: Mapping[str, int]) -> str | None:
    """Return a note of single letters that differ in case only, which stay classes of their own."""
    letters = [text for text in every if len(composed(text)) == 1]
    pairs = [
        " and ".join(f"{one!r} ({total[one]:,})" for one in found)
        for found in _alike(letters, str.casefold).values()
        if len({composed(one) for one in found}) > 1
    ]
    return f"{where}: {_few(pairs)} differ only in case and remain two classes" if pairs else None


def _few(lines: Sequence[str]) -> str:
    more = len(lines) - SHOWN
    return "; ".join(lines[:SHOWN]) + (f"; and {counted(more, 'more class')}" if more > 0 else "")


def _counts(rows: Rows, name: str) -> Counter[str]:
    counts: Counter[str] = Counter()
    for value, count in rows.labels([name]).counts(name):
        if not isinstance(value, list | dict) and (text := spelling(value)):
            counts[text] += count
    return counts


def _rewritten(columns: Columns, split: str, name: str, chosen: Mapping[str, str]) -> Columns:
    import pyarrow as pa

    def made(cell: Any) -> Any:
        if isinstance(cell, list):
            return [made(one) for one in cell]
        return chosen.get(spelling(cell))

    lists = columns.data.splits[split].columns[name].kind == "list"
    kind = pa.list_(pa.string()) if lists else pa.string()
    return columns.mapped(split, name, made, kind)


# Classes that have names.


def _by_name(columns: Columns, name: str, splits: Mapping[str, Rows], same: Spell) -> Columns:
    """Return columns in which the names of classes have one order, that of the first with names.

    In a split without names a text is the name of a class, and a number the number of one.
    """
    import pyarrow as pa

    named = {split: rows.columns[name].classes or () for split, rows in splits.items()}
    first = next(classes for classes in named.values() if classes)
    numbers = {str(n): n for n in range(-1, len(first))}
    without = [text for split, rows in splits.items() if not named[split]
               for text in _counts(rows, name) if amount(text) not in numbers]  # fmt: skip
    key = comparing(*(one for one in named.values() if one)) if same is one_class else same
    numbers_of_names = {key(one): n for n, one in enumerate(first)}
    names = list(first)
    for one in [*(one for classes in named.values() for one in classes), *without]:
        if key(one) not in numbers_of_names:
            numbers_of_names[key(one)] = len(names)
            names.append(one)

    def numbered(known: Sequence[int], cell: Any) -> Any:
        """Return the number of a class; `known` are those of a split's own classes, in order."""
        if isinstance(cell, list):
            return [numbered(known, one) for one in cell]
        if known:
            return known[cell] if cell is not None and 0 <= cell < len(known) else cell
        text = spelling(cell)
        return numbers_of_names.get(key(text), numbers.get(amount(text))) if text else None

    for split, rows in splits.items():
        if named[split] != tuple(names):
            known = [numbers_of_names[key(one)] for one in named[split]]
            kind = pa.list_(pa.int64()) if rows.columns[name].kind == "list" else pa.int64()
            columns = columns.mapped(split, name, partial(numbered, known), kind, names)
    lines = [f"{one}: {listed(given or ('no names',), SHOWN)}" for one, given in named.items()]
    return columns.noting(
        f"column {name!r} of {columns.data.name}: classes are matched by name, because splits "
        f"name them differently or in another order ({'; '.join(lines)})"
    )
