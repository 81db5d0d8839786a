"""What is wrong with data before anything is fitted: each problem with a count and an example."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gft.data.folders import SPLIT_NAMES
from gft.data.sampling import spread
from gft.data.table import Column, DataSet, Rows
from gft.errors import listed

READ_ROWS = 10_000
MOST_ROWS = 1_000_000
"""So many rows of a split are looked at; of a larger one, rows at even distances."""
FEW_ROWS = 100
FEW_OF_A_CLASS = 5
UNEVEN = 0.9
LONG = 512
"""Tokens: more than most models take."""
OFTEN_LONG = 0.05
GIVEN_AWAY = 0.9
SHORTEST_NAME = 3
WIDEST = 60
_WORD = re.compile(r"\w+|[^\w\s]")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_TOKENS_PER_WORD = 1.2
_LETTERS_PER_TOKEN = 5
_DAMAGE = re.compile("\ufffd|Ã[\u0080-\u00bf]|â€[\u0080-\u2122]|Â[\u00a0-\u00bf]")
_MARKUP = re.compile(r"<(br|p|div|span|a|b|i|em|strong|img)\b[^<>]*>|&(amp|quot|lt|gt|nbsp|#\d+);")

Text = Callable[[Any], str]


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: `count` rows (or classes), and what to know and do, in a line."""

    kind: str
    count: int
    message: str


@dataclass
class _Split:
    """What is gathered of one split while its rows are read once."""

    rows: int = 0
    no_label: int = 0
    empty: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    seen: dict[tuple[str, ...], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    long: int = 0
    damaged: str = ""
    damages: int = 0
    marked: str = ""
    marks: int = 0
    naming: int = 0
    nameable: int = 0
    no_number: int = 0
    strange: str = ""


def find_problems(
    data: DataSet, left: Sequence[str], right: Sequence[str], numbers: bool
) -> list[Problem]:
    """Return what is wrong with the columns of an equation, in all splits that have them.

    `numbers` says that the left-hand side is numbers, not classes. Time is linear in the rows, of
    which at most `MOST_ROWS` a split are read; memory holds the different inputs of all splits.
    """
    told = {
        name: _read(rows, left, right, numbers)
        for name, rows in data.splits.items()
        if set(right) <= rows.columns.keys()
    }
    first = "train" if "train" in told else next(iter(told), None)
    if first is None:
        return []
    found = [one for name, split in told.items() for one in _of_split(name, split)]
    found += _of_labels(told[first], {n: s for n, s in told.items() if n != first}, numbers)
    found += _of_other_splits(first, told)
    found += _columns_of_splits(data, [*left, *right])
    return found


def _read(rows: Rows, left: Sequence[str], right: Sequence[str], numbers: bool) -> _Split:
    split = _Split()
    labelled = [name for name in left if name in rows.columns]
    columns = [rows.columns[name] for name in (*labelled, *right)]
    spelt = {column.name: _speller(column) for column in columns}
    for part in spread(rows, MOST_ROWS).batches([column.name for column in columns], READ_ROWS):
        for values in zip(*(part[column.name] for column in columns), strict=True):
            texts = [spelt[c.name](value) for c, value in zip(columns, values, strict=True)]
            several = (
                [spelt[labelled[0]](one) for one in values[0]]
                if labelled and isinstance(values[0], list)
                else None
            )
            _take(split, texts[: len(labelled)], texts[len(labelled) :], numbers, several)
    return split


def _take(
    split: _Split,
    labels: Sequence[str],
    inputs: Sequence[str],
    numbers: bool,
    several: Sequence[str] | None,
) -> None:
    """Count one row; `several` are the classes of its label where that is a list, of any length."""
    split.rows += 1
    label = " ".join(f"{float(one):g}" if numbers and _is_number(one) else one for one in labels)
    split.no_label += bool(labels) and not all(labels) and several is None
    split.empty += not any(text.strip() for text in inputs)
    if several is not None:
        split.labels.update(several)
    elif labels and all(labels):
        split.labels[label] += 1
        if numbers:
            bad = next((one for one in labels if not _is_number(one)), None)
            split.no_number += bad is not None
            split.strange = split.strange or bad or ""
    split.seen[tuple(inputs)][label] += 1
    whole = " ".join(inputs)
    split.long += tokens_about(whole) > LONG
    if found := _DAMAGE.search(whole):
        split.damages += 1
        split.damaged = split.damaged or _around(whole, found.start())
    if found := _MARKUP.search(whole):
        split.marks += 1
        split.marked = split.marked or _around(whole, found.start())
    if not numbers and len(label) >= SHORTEST_NAME and label.isalpha():
        split.nameable += 1
        split.naming += label.casefold() in whole.casefold()


def _of_split(name: str, split: _Split) -> Iterator[Problem]:
    of = f"of the {split.rows:,} rows of {name}"
    if split.no_label:
        what = "have no label: they" if split.no_label > 1 else "has no label: it"
        left_out = "are neither trained on nor scored" if split.no_label > 1 else "is left out"
        yield Problem("no label", split.no_label, f"{split.no_label:,} {of} {what} {left_out}")
    if split.empty:
        verb = "have" if split.empty > 1 else "has"
        yield Problem("empty", split.empty, f"{split.empty:,} {of} {verb} no text at all")
    if split.no_number:
        told = f"{split.no_number:,} {of}: the label is no number, such as {_shown(split.strange)}"
        yield Problem("no number", split.no_number, told)
    yield from _repeated(name, split)
    if split.long > OFTEN_LONG * split.rows:
        share = 100 * split.long / split.rows
        told = (
            f"about {share:.0f} % {of} are longer than {LONG} tokens: most models read no further"
        )
        yield Problem("long", split.long, told)
    if split.damages:
        told = (
            f"{split.damages:,} {of}: characters were lost or mixed up when the file was written, "
            f"such as {_shown(split.damaged)}; save it once more as UTF-8"
        )
        yield Problem("damaged", split.damages, told)
    if split.marks:
        told = f"{split.marks:,} {of} hold HTML, such as {_shown(split.marked)}"
        yield Problem("markup", split.marks, told)


def _repeated(name: str, split: _Split) -> Iterator[Problem]:
    """Yield inputs that are there more than once: with one label, and with several."""
    again = at_odds = 0
    example = contradiction = ""
    for inputs, labels in split.seen.items():
        several = labels.total()
        if several < 2 or not any(inputs):
            continue
        if len(labels) > 1:
            at_odds += several
            contradiction = contradiction or f"{_shown(' | '.join(inputs))} is {listed(labels, 4)}"
        else:
            again += several - 1
            example = example or _shown(" | ".join(inputs))
    if again:
        what = f"{again:,} rows of {name} repeat" if again > 1 else f"1 row of {name} repeats"
        told = f"{what} an earlier row, such as {example}"
        yield Problem("repeated", again, told)
    if at_odds:
        told = (
            f"{at_odds:,} rows of {name} have the same input and different labels: {contradiction}"
        )
        yield Problem("contradiction", at_odds, told)


def _of_labels(train: _Split, others: Mapping[str, _Split], numbers: bool) -> Iterator[Problem]:
    labelled = train.rows - train.no_label if train.labels else 0
    if labelled and labelled < FEW_ROWS:
        told = f"only {labelled:,} labelled rows: what is learned from so few varies with the seed"
        yield Problem("few rows", labelled, told)
    if numbers or not labelled:
        return
    alike: dict[str, list[str]] = defaultdict(list)
    for label in train.labels:
        alike["".join(label.casefold().split())].append(label)
    for spellings in alike.values():
        if len(spellings) > 1:
            counts = listed([f"{one!r} ({train.labels[one]:,})" for one in spellings], 4)
            told = f"{counts} count as different classes: are they meant to be one?"
            yield Problem("spelling", len(spellings), told)
    rare = [label for label, count in train.labels.items() if count < FEW_OF_A_CLASS]
    if rare:
        is_are = "classes have" if len(rare) > 1 else "class has"
        counts = listed([f"{one} ({train.labels[one]:,})" for one in rare], 6)
        told = f"{len(rare):,} {is_are} fewer than {FEW_OF_A_CLASS} rows: {counts}"
        yield Problem("rare", len(rare), told)
    most, count = train.labels.most_common(1)[0]
    if count > UNEVEN * labelled and len(train.labels) > 1:
        told = (
            f"{100 * count / labelled:.0f} % of the rows are {_shown(most)}: to say so always is "
            "right as often; look at f1 more than at accuracy, and try --class_weight balanced"
        )
        yield Problem("uneven", count, told)
    if train.nameable and train.naming > GIVEN_AWAY * train.nameable:
        told = (
            f"in {100 * train.naming / train.nameable:.0f} % of the rows the label itself stands "
            "in the text: the score will say little about other texts"
        )
        yield Problem("given away", train.naming, told)
    for name, split in others.items():
        lacking = [label for label in split.labels if label not in train.labels]
        if lacking:
            told = f"{name} has labels that train lacks: {listed(lacking, 6)}"
            yield Problem("unseen", len(lacking), told)


def _of_other_splits(first: str, told: Mapping[str, _Split]) -> Iterator[Problem]:
    """Yield the rows of other splits whose inputs stand in the first one, or in one before."""
    names = [first, *(name for name in told if name != first)]
    for place, name in enumerate(names):
        for other in names[:place]:
            both = [inputs for inputs in told[name].seen if inputs in told[other].seen]
            count = sum(told[name].seen[inputs].total() for inputs in both)
            if count:
                shown = _shown(" | ".join(both[0]))
                message = (
                    f"{count:,} of the {told[name].rows:,} rows of {name} are in {other} too, such "
                    f"as {shown}: figures on {name} flatter"
                )
                yield Problem("in two splits", count, message)


def _columns_of_splits(data: DataSet, used: Sequence[str]) -> Iterator[Problem]:
    """Yield columns that say which split a row belongs to."""
    for split, rows in data.splits.items():
        for column in rows.columns.values():
            if column.name in used or column.kind != "text":
                continue
            values = sorted({str(one) for one in spread(rows, READ_ROWS).column(column.name)})
            if are_splits(values):
                told = (
                    f"column {column.name!r} of {split} names splits ({listed(values)}): "
                    "gft reads a file for each, train.csv, val.csv and test.csv in one folder"
                )
                yield Problem("splits in a column", len(values), told)


def are_splits(values: Iterable[str]) -> bool:
    """Say whether the values of a column are names of splits."""
    folded = {value.strip().lower() for value in values} - {""}
    return len(folded) > 1 and folded <= {*SPLIT_NAMES, "training", "testing"}


def tokens_about(text: str) -> int:
    """Return about how many tokens a text has for a model of its language."""
    ideographs = len(_IDEOGRAPHS.findall(text))
    rest = len(text) - ideographs
    if rest < LONG:  # Short enough that counting words cannot matter.
        return ideographs + rest // _LETTERS_PER_TOKEN
    words = len(_WORD.findall(_IDEOGRAPHS.sub(" ", text) if ideographs else text))
    return ideographs + int(words * _TOKENS_PER_WORD)


def _speller(column: Column) -> Text:
    """Return what makes a text of a cell: of a class its name, '' of a missing value."""
    classes = column.classes

    def spell(value: Any) -> str:
        if value is None or value != value:  # noqa: PLR0124  (not-a-number is missing)
            return ""
        if classes and isinstance(value, int):
            return classes[value] if 0 <= value < len(classes) else ""
        if isinstance(value, list):
            return " ".join(spell(one) for one in value)
        return str(value)

    return spell


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _around(text: str, place: int) -> str:
    start = max(0, place - WIDEST // 2)
    return text[start : start + WIDEST]


def _shown(text: str) -> str:
    flat = " ".join(text.split())
    return repr(flat if len(flat) <= WIDEST else flat[: WIDEST - 1] + "…")
