"""Which columns of a data set could stand on the left and on the right of an equation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from gft.cells.answers import are_answers
from gft.data.media import medium_of
from gft.data.numbers import is_number
from gft.data.problems import are_splits
from gft.data.table import DataSet
from gft.language.equation import Equation
from gft.results.data_facts import ColumnFacts, DataFacts
from gft.results.word_columns import word_columns

OF_CLASSES = "classify"
OF_NUMBERS = "regress"
OF_SPEECH = "ctc"
OF_ANSWERS = "classify_spans"
OF_TAGS = "classify_tokens"
LOOKED_AT = 100
OF_FILES = {"image": "classify_images", "audio": "classify_audio"}
_LABELS = re.compile(
    r"(gold|true_|y_)?(labels?|targets?|class(es)?|category|categories|y|gold|stars|rating|score"
    r"|sentiment|emotions?|intent|topic|answer|outcome)(_?(id|text|name))?",
    re.IGNORECASE,
)
_NUMBERS_OF_ROWS = re.compile(r"(.*_)?(id|idx|index|url|uri|guid|uuid)", re.IGNORECASE)
_ANSWERS = re.compile(r"(gold_?)?answers?(_?text)?", re.IGNORECASE)
_QUESTION = re.compile(r"questions?|query", re.IGNORECASE)
_CONTEXT = re.compile(r"contexts?|passage|paragraph|document|text", re.IGNORECASE)
_SOUNDS = re.compile(r"audio|sound|speech|voice|wav", re.IGNORECASE)


@dataclass(frozen=True)
class Candidates:
    """Columns that could be labels, the likeliest first, and those that could be inputs.

    `numbers`, in the data's order, are columns that a regression suits better than classes.
    `task` is the one that suits what is neither classes nor numbers of texts: images, sounds,
    tags of words, answers in texts.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    numbers: tuple[str, ...]
    task: str | None = None

    def equation(self, task: str | None) -> Equation | None:
        """Return the likeliest equation, for `task` if one is named; None if there is none."""
        left = self.left[:1]
        if not left or not self.right:
            return None
        chosen = task or self.task or (OF_NUMBERS if left[0] in self.numbers else OF_CLASSES)
        if chosen == OF_NUMBERS and not _LABELS.fullmatch(left[0]):
            left = tuple(name for name in self.numbers if name in self.left) or left
        right = tuple(name for name in self.right if name not in left)
        return Equation.of_columns(chosen, left, right) if right else None


def candidates(data: DataSet, about: DataFacts) -> Candidates:
    """Return what the columns of a data set look like they are for."""
    numbers = tuple(one.name for one in about.columns if _are_numbers(one, about))
    ranked = [(rank, one.name) for one in about.columns if (rank := _rank(one, data, about)) >= 0]
    left = tuple(name for _, name in sorted(ranked, key=lambda pair: pair[0]))
    texts = [
        one
        for one in about.columns
        if one.kind == "text"
        and one.name not in numbers
        and not (one.name in about.labels and _LABELS.fullmatch(one.name))
        and not _NUMBERS_OF_ROWS.fullmatch(one.name)
    ]
    single = [one for one in texts if one.name not in about.labels]
    worded = [one for one in texts if _has_words(one)]
    right = worded or single or texts
    apart = _answers(data, about)
    if apart:
        return apart
    tagged = word_columns(data, about)
    if tagged:
        return Candidates(tagged[0], (tagged[1],), (), OF_TAGS)
    files = {one: medium for one in about.columns if (medium := _medium(one))}
    if files:
        # The files themselves rather than their names, where there are both.
        source = min(files, key=lambda one: one.kind != "file")
        said = [one.name for one in worded if one not in files]
        labels = tuple(name for name in left if name not in {one.name for one in files})
        named = any(_LABELS.fullmatch(name) or data.columns[name].classes for name in labels)
        if files[source] == "audio" and said and not named:
            return Candidates((*said, *labels), (source.name,), numbers, OF_SPEECH)
        return Candidates(labels, (source.name,), numbers, OF_FILES[files[source]])
    return Candidates(left, tuple(one.name for one in right), numbers)


def _answers(data: DataSet, about: DataFacts) -> Candidates | None:
    """Return the columns of answers to questions about texts, None if there are none."""
    found: list[str] = []
    for pattern, kinds in ((_ANSWERS, ("struct", "list", "text")), (_QUESTION, ("text",)),
                           (_CONTEXT, ("text",))):  # fmt: skip
        names = [one.name for one in about.columns if one.kind in kinds]
        found += [name for name in names if pattern.fullmatch(name) and name not in found][:1]
    rows = data.splits[about.split]
    few = rows.select(range(min(LOOKED_AT, len(rows))))
    if len(found) < 3 or not are_answers(few.column(found[0])):
        return None
    return Candidates((found[0],), (found[1], found[2]), (), OF_ANSWERS)


def _medium(column: ColumnFacts) -> str | None:
    """Return `image` or `audio` where the values of a column are files of that kind, or name some.

    Files in cells that have no names are taken to be what the column is called.
    """
    found = {medium_of(Path(name)) for name in column.examples}
    if len(found) == 1 and column.kind in ("file", "text"):
        known = found.pop()
        if known or column.kind == "text":
            return known
    if column.kind != "file":
        return None
    return "audio" if _SOUNDS.search(column.name) else "image"


def _has_words(column: ColumnFacts) -> bool:
    """Say whether the values of a column are mostly of more than one word."""
    return column.words is not None and column.words.median > 1


def _rank(column: ColumnFacts, data: DataSet, about: DataFacts) -> int:
    """Return how likely a column is one of labels, 0 most; -1 for one that is not."""
    named = data.columns[column.name].classes is not None
    called = bool(_LABELS.fullmatch(column.name))
    if _NUMBERS_OF_ROWS.fullmatch(column.name) or are_splits(about.labels.get(column.name, ())):
        return -1
    if named:
        return 0 if called else 1
    if column.name in about.labels:
        return 2 if called else 6 if _has_words(column) else 4
    if column.kind == "float" or _are_numbers(column, about):
        return 3 if called else 5
    return -1


def _are_numbers(column: ColumnFacts, about: DataFacts) -> bool:
    """Say whether a column holds numbers that are not all whole, as cells of a csv may too."""
    if column.kind not in ("float", "text"):
        return False
    values = list(about.labels.get(column.name, ())) or list(column.examples)
    spelt = [value for value in values if value]
    whole = all(value.removesuffix(".0").lstrip("+-").isdigit() for value in spelt)
    return bool(spelt) and not whole and all(map(is_number, spelt))
