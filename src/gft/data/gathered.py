"""What is gathered of a split while its rows are read once: labels, inputs, and what is odd."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from gft.data.numbers import is_missing, is_number
from gft.data.problem import around
from gft.data.sampling import spread
from gft.data.table import Column, Rows

READ_ROWS = 10_000
MOST_ROWS = 1_000_000
"""So many rows of a split are looked at; of a larger one, rows at even distances."""
LONG = 512
"""Tokens: more than most models take."""
SHORTEST_NAME = 3
_WORD = re.compile(r"\w+|[^\w\s]")
_IDEOGRAPHS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]")
_TOKENS_PER_WORD = 1.2
_LETTERS_PER_TOKEN = 5
_DAMAGE = re.compile("\ufffd|Ã[\u0080-\u00bf]|â€[\u0080-\u2122]|Â[\u00a0-\u00bf]")
_MARKUP = re.compile(r"<(br|p|div|span|a|b|i|em|strong|img)\b[^<>]*>|&(amp|quot|lt|gt|nbsp|#\d+);")
_BYTES = re.compile(r"""b('.*'|".*")""", re.DOTALL)
"""How Python writes bytes where a text was meant."""

Text = Callable[[Any], str]


@dataclass
class SplitFacts:
    """One split. `seen` holds its inputs, whitespace aside, and how often they have which label.

    Covariates stand after the texts of an input. None stands for no label.
    `odd` counts rows by what is odd about them, `examples` has the first of a kind that shows it.
    """

    rows: int = 0
    labels: Counter[str] = field(default_factory=Counter)
    seen: dict[tuple[str, ...], Counter[str | None]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    odd: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def notice(self, kind: str, example: str) -> None:
        """Count a row that shows what is odd."""
        self.odd[kind] += 1
        self.examples.setdefault(kind, example)


def gather(
    rows: Rows,
    left: Sequence[str],
    right: Sequence[str],
    numbers: bool,
    beside: Sequence[str] = (),
) -> SplitFacts:
    """Return what there is to say of the rows of a split; of those beyond `MOST_ROWS` nothing.

    `beside` are covariates, which belong to the inputs and are no texts.
    """
    split = SplitFacts()
    labelled = sum(name in rows.columns for name in left)
    many = labelled + len(right)
    for values, spell in _cells(rows, [*left, *right, *beside], MOST_ROWS):
        texts = [one(value) for one, value in zip(spell, values, strict=True)]
        several, labels = None, texts[:labelled]
        if labelled and isinstance(values[0], list):
            several = [spell[0](one) for one in values[0]]
        elif labelled > 1 and not numbers:  # A column for each label: those that say yes.
            given = zip(left, values, strict=False)
            several = [name for name, value in given if value is True] if any(labels) else None
            labels = [" ".join(several or ())]
        covariates = [one.removesuffix(".0") for one in texts[many:]]
        _take(split, labels, texts[labelled:many], covariates, numbers, several)
    return split


def texts_of_rows(rows: Rows, names: Sequence[str], most: int) -> Iterator[list[str]]:
    """Yield the cells of columns that are there as texts, '' where one is missing, row by row."""
    for values, spell in _cells(rows, names, most):
        yield [one(value) for one, value in zip(spell, values, strict=True)]


def listed_labels(rows: Rows, name: str, most: int) -> list[list[str]] | None:
    """Return the labels of the rows of `texts_of_rows` as texts; None if not lists."""
    if rows.columns[name].kind != "list":
        return None
    found = []
    for [value], [spell] in _cells(rows, [name], most):
        if not isinstance(value, list):
            return None
        found.append([spell(one) for one in value])
    return found


def _cells(
    rows: Rows, names: Sequence[str], most: int
) -> Iterator[tuple[tuple[Any, ...], list[Text]]]:
    """Yield the cells of columns that are there, row by row, and what makes texts of them."""
    columns = [rows.columns[name] for name in names if name in rows.columns]
    spell = [_speller(column) for column in columns]
    for part in spread(rows, most).batches([column.name for column in columns], READ_ROWS):
        for values in zip(*(part[column.name] for column in columns), strict=True):
            yield values, spell


def _take(
    split: SplitFacts,
    labels: Sequence[str],
    inputs: Sequence[str],
    beside: Sequence[str],
    numbers: bool,
    several: Sequence[str] | None,
) -> None:
    """Count one row; `several` are the classes of its label where that is a list, of any length."""
    split.rows += 1
    label = " ".join(f"{float(one):g}" if numbers and is_number(one) else one for one in labels)
    whole = " ".join(inputs)
    labelled = bool(labels) and all(labels)
    if several is not None:
        split.labels.update(set(several))
    elif labelled:
        split.labels[label] += 1
        wrong = [one for one in labels if numbers and not is_number(one)]
        if wrong:
            split.notice("no number", wrong[0])
    known = label if labelled or several is not None else None
    split.seen[tuple(" ".join(text.split()) for text in (*inputs, *beside))][known] += 1
    split.odd["no label"] += bool(labels) and not labelled and several is None
    split.odd["empty"] += not any(text.strip() for text in inputs)
    split.odd["long"] += tokens_about(whole) > LONG
    for kind, pattern in (("damaged", _DAMAGE), ("markup", _MARKUP)):
        if found := pattern.search(whole):
            split.notice(kind, around(whole, found.start()))
    if any(map(_BYTES.fullmatch, inputs)):
        split.notice("bytes", around(whole, 0))
    if not numbers and len(label) >= SHORTEST_NAME and label.isalpha():
        split.odd["nameable"] += 1
        split.odd["given away"] += label.casefold() in whole.casefold()


def ideographs_in(text: str) -> int:
    """Return how many characters are of a script that has no spaces between words."""
    return len(_IDEOGRAPHS.findall(text))


def tokens_about(text: str) -> int:
    """Return about how many tokens a text has for a model of its language."""
    ideographs = ideographs_in(text)
    rest = len(text) - ideographs
    if rest < LONG:  # Short enough that counting words cannot matter.
        return ideographs + rest // _LETTERS_PER_TOKEN
    words = len(_WORD.findall(_IDEOGRAPHS.sub(" ", text) if ideographs else text))
    return ideographs + int(words * _TOKENS_PER_WORD)


def _speller(column: Column) -> Text:
    """Return what makes a text of a cell, whitespace around it aside: of a class its name.

    '' of a missing value.
    """
    classes = column.classes

    def spell(value: Any) -> str:
        if is_missing(value):
            return ""
        if classes and isinstance(value, int):
            return classes[value] if 0 <= value < len(classes) else ""
        if isinstance(value, list):
            return " ".join(spell(one) for one in value)
        return str(value).strip()

    return spell
