"""Which columns of a data set could stand on the left and on the right of an equation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gft.data.media import medium_of
from gft.data.table import DataSet
from gft.language.equation import Equation
from gft.results.choosing import LABEL, LEAST, Choice, Choosing, of_values
from gft.results.data_facts import DataFacts
from gft.results.seen import Seen, look
from gft.results.shapes import Shape, answers
from gft.results.word_columns import word_columns

OF_SPEECH = "ctc"
OF_TAGS = "classify_tokens"
OF_FILES = {"image": "classify_images", "audio": "classify_audio"}
SHOWN = 8
OF_SHAPES = 65
"""What columns that belong together count: less than one that is called label and has classes."""
_SOUNDS = re.compile(r"audio|sound|speech|voice|wav", re.IGNORECASE)


@dataclass(frozen=True)
class Candidates:
    """Columns that could be labels, the likeliest first, and those that could be inputs.

    `choices` are equations, the best first. `obstacle` says why there are none where the columns
    alone do not say it; `groups` are columns that name who said or wrote a row.
    """

    left: tuple[str, ...]
    right: tuple[str, ...]
    choices: tuple[Choice, ...] = ()
    obstacle: str | None = None
    groups: tuple[str, ...] = ()

    def choice(self, task: str | None) -> Choice | None:
        """Return the best choice, for `task` if one is named; None if there is none."""
        for choice in self.choices:
            if task in (None, choice.equation.task):
                return choice
        left = self.left[:1]
        right = tuple(name for name in self.right if name not in left)
        if task is None or not left or not right:
            return None
        return Choice(Equation.of_columns(task, left, right), LEAST, "as given")

    def equation(self, task: str | None) -> Equation | None:
        """Return the likeliest equation, for `task` if one is named; None if there is none."""
        found = self.choice(task)
        return found.equation if found else None

    def runner_up(self, chosen: Choice) -> Choice | None:
        """Return the best of the other choices, None where there is none."""
        others = (one for one in self.choices if one.equation != chosen.equation)
        return next(others, None)


def candidates(data: DataSet, about: DataFacts) -> Candidates:
    """Return what the columns of a data set look like they are for."""
    columns = look(data, about.split)
    shape = answers(columns)
    if shape is not None:
        return _of_shape(shape)
    files = {one.name: medium for one in columns if (medium := _medium(one))}
    if files:
        return _of_files(columns, files)
    found, shape = _of_texts(Choosing(columns)), _tags(data, about)
    if shape is None:
        return found
    best = next(iter(found.choices), None)
    apart = best is not None and best.equation.left[0] not in (*shape.left, *shape.right)
    if best is not None and apart and best.score > OF_SHAPES:  # A column that is called label.
        of_tags = _of_shape(shape)
        choices = sorted((*found.choices, *of_tags.choices), key=lambda choice: -choice.score)
        return replace(found, choices=tuple(choices))
    return _of_shape(shape)


def _of_texts(choosing: Choosing) -> Candidates:
    choices = tuple(choosing.choices())
    left = tuple(one.name for one in choosing.ranked)
    right = tuple(one.name for one in choosing.inputs())
    obstacle = None if choices else choosing.obstacle()
    return Candidates(left, right, choices, obstacle, choosing.groups())


def _of_shape(shape: Shape) -> Candidates:
    equation = Equation.of_columns(shape.task, shape.left[:1], shape.right)
    return Candidates(shape.left, shape.right, (Choice(equation, OF_SHAPES, shape.reason),))


def _tags(data: DataSet, about: DataFacts) -> Shape | None:
    """Return the columns of words and of their tags, None if there are none."""
    found = word_columns(data, about)
    if found is None:
        return None
    names, words = found
    reason = f"{names[0]} holds a tag for each word in {words}"
    return Shape(OF_TAGS, names, (words,), reason)


def _of_files(columns: Sequence[Seen], files: dict[str, str]) -> Candidates:
    """Return what images or sounds are for: their classes, or what is said in them."""
    # The files themselves rather than their names, where there are both.
    kinds = {one.name: one.column.kind for one in columns}
    source = min(files, key=lambda name: kinds[name] != "file")
    found = Choosing([one for one in columns if one.name not in files])
    labels = found.ranked
    named = any(LABEL.fullmatch(one.name) or one.column.classes for one in labels)
    texts = [one.name for one in found.prose if not one.are_classes]
    if files[source] == "audio" and texts and not named:
        equation = Equation.of_columns(OF_SPEECH, texts[:1], (source,))
        reason = f"{texts[0]} holds texts and {source} sounds"
        left = (*texts, *(one.name for one in labels))
        return Candidates(left, (source,), (Choice(equation, 100, reason),))
    task = OF_FILES[files[source]]
    choices = tuple(
        Choice(Equation.of_columns(task, (one.name,), (source,)), found.scores[one.name],
               of_values(one))
        for one in labels
    )  # fmt: skip
    return Candidates(tuple(one.name for one in labels), (source,), choices)


def _medium(column: Seen) -> str | None:
    """Return `image` or `audio` where the values of a column are files of that kind, or name some.

    Files in cells that have no names are taken to be what the column is called.
    """
    if column.column.kind == "text":
        found = {medium_of(Path(name)) for name in column.texts[:SHOWN]}
        return found.pop() if len(found) == 1 else None
    if column.column.kind != "file":
        return None
    found = {medium_of(Path(str(cell))) for cell in column.cells[:SHOWN]}
    known = found.pop() if len(found) == 1 else None
    return known or ("audio" if _SOUNDS.search(column.name) else "image")
