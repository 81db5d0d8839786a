"""Which of the columns of texts, classes and numbers is a label, and which are inputs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from gft.errors import listed
from gft.language.equation import Equation
from gft.results.seen import Seen, words_in_name
from gft.results.shapes import texts_and_answers

OF_CLASSES = "classify"
OF_NUMBERS = "regress"
SHOWN = 8
POINTS = 11
"""A scale has no more points than 0 to 10."""
CLEAR = 15
"""A label whose score is ahead by less could as well be the other."""
CALLED = 50
"""What it counts that a column is called a label."""
FEW_ROWS = 10
LEAST = 0
"""Columns with less are proposed only where there is no other."""
LABEL = re.compile(
    r"(gold|true|y)?_?(labels?|targets?|class(es)?|category|categories|y|gold|sentiment|emotions?"
    r"|intents?|topics?|answer|outcome|stance|polarity|klasse|kategorie|urteil|clase"
    r"|categor[ií]a|classe|catégorie)(_?(id|text|name))?",
    re.IGNORECASE,
)
_LABEL_WORDS = frozenset({
    "label", "labels", "target", "class", "category", "sentiment", "emotion", "emotions", "intent",
    "topic", "topics", "stance", "polarity", "genre", "spam", "toxic", "hate", "irony", "offensive",
    "code", "coding", "annotation", "gold", "emoji", "outcome", "diagnosis", "rating", "score",
    "party", "type", "verdict", "vote",
})  # fmt: skip
_SCALE_WORDS = frozenset({
    "rating", "ratings", "score", "scores", "stars", "star", "grade", "satisfaction", "likert",
    "agreement", "quality", "difficulty", "readability", "fluency", "adequacy", "valence",
    "arousal", "dominance", "intensity", "similarity", "relatedness", "confidence", "severity",
    "helpfulness", "note", "bewertung", "punktzahl", "sterne", "puntuación", "nota",
})  # fmt: skip
_ABOUT_WORDS = frozenset({
    "id", "ids", "idx", "index", "url", "uri", "guid", "uuid", "speaker", "author", "user",
    "username", "participant", "respondent", "person", "interviewer", "interviewee", "annotator",
    "rater", "worker", "name", "age", "gender", "sex", "country", "city", "region", "state", "lang",
    "language", "source", "date", "time", "timestamp", "year", "month", "day", "turn", "line",
    "page", "row", "number", "nr", "no", "income", "price", "followers", "retweets", "likes",
    "height", "weight", "split", "fold", "version", "edition", "publisher", "sprecher", "autor",
    "alter", "geschlecht", "preis", "datum", "jahr",
})  # fmt: skip
_WHO_WORDS = frozenset({
    "speaker", "author", "user", "participant", "respondent", "person", "interviewee", "document",
    "doc", "sprecher", "autor", "patient", "subject", "conversation", "dialogue", "thread",
})  # fmt: skip
_FEW_CALLED = frozenset({"label", "class", "category", "klasse", "kategorie", "target", "clase"})
"""A column that is called so is one of labels where rows are too few to show it."""
_IDENTIFIER = re.compile(r"(.*_)?(id|idx|index|url|uri|guid|uuid)", re.IGNORECASE)


@dataclass(frozen=True)
class Choice:
    """One equation that suits the data, how well, and why; `options` are those that it needs."""

    equation: Equation
    score: float
    reason: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass
class Choosing:
    """The choice among columns of texts, classes and numbers."""

    columns: Sequence[Seen]
    scores: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        self.scores = {one.name: self._score(one) for one in self.columns if self._can_be(one)}

    @cached_property
    def prose(self) -> list[Seen]:
        """The columns of texts."""
        found = [one for one in self.columns if one.is_prose and not one.is_beside]
        return [one for one in found if not _is_about(one.name)] or found

    @property
    def ranked(self) -> list[Seen]:
        """The columns that could be labels, the likeliest first.

        What only tells something about a row, such as its author, is one where there is no other.
        """
        scored = [one for one in self.columns if one.name in self.scores]
        fitting = [one for one in scored if self.scores[one.name] >= LEAST] or scored
        return sorted(fitting, key=lambda one: -self.scores[one.name])

    def choices(self) -> list[Choice]:
        """Return the equations that suit the columns, the best first."""
        found = [*self._indicators(), *(one for seen in self.ranked for one in self._of(seen))]
        shape = texts_and_answers([one for one in self.prose if not one.are_classes])
        if shape is not None and not any(choice.score >= CALLED for choice in found):
            equation = Equation.of_columns(shape.task, shape.left, shape.right)
            found.append(Choice(equation, CALLED + 5, shape.reason))
        return sorted(found, key=lambda choice: -choice.score)

    def groups(self) -> tuple[str, ...]:
        """Return the columns that name who said or wrote a row, and recur."""
        named = [one for one in self.columns if tells_who(one.name)]
        return tuple(one.name for one in named if 1 < len(one.counts) < len(one.texts))

    def obstacle(self) -> str | None:
        """Return why a column that is called a label can be none."""
        for one in self.columns:
            if LABEL.fullmatch(one.name) and len(one.counts) == 1:
                [value] = one.counts
                return f"{one.name} is {value!r} in every row: there is nothing to tell apart"
        return None

    def inputs(self) -> list[Seen]:
        """Return the columns that could be inputs: texts, else names and the like."""
        texts = [one for one in self.prose if not self._is_label(one)] or self.prose
        if texts:
            return texts
        plain = [
            one for one in self.columns
            if one.column.kind == "text" and not one.numbers and not one.is_beside
            and not _IDENTIFIER.fullmatch(one.name) and not one.is_written_list
        ]  # fmt: skip
        return [one for one in plain if not one.are_classes] or [
            one for one in plain if not LABEL.fullmatch(one.name)
        ]

    def _is_label(self, one: Seen) -> bool:
        """Say whether texts are names of classes: few, and called so or no longer than names."""
        if not one.are_classes:
            return False
        others = [other for other in self.prose if other is not one and not other.are_classes]
        return bool(LABEL.fullmatch(one.name)) or bool(others)

    def _can_be(self, one: Seen) -> bool:
        """Say whether a column may be predicted."""
        if one.is_beside or _IDENTIFIER.fullmatch(one.name) or one.column.mixed:
            return False
        if one.column.kind == "list" or one.is_written_list:
            return one.several_labels
        if one.numbers_rows and not one.are_fractions:
            return False
        few = len(one.texts) < FEW_ROWS and bool(words_in_name(one.name) & _FEW_CALLED)
        amounts = one.are_fractions or one.is_scale
        return one.are_classes or amounts or one.delimiter is not None or few

    def _score(self, one: Seen) -> float:
        """Return how likely a column is one of labels."""
        words = words_in_name(one.name)
        score = 40.0 * (one.column.classes is not None)
        if LABEL.fullmatch(one.name):
            score += CALLED
        elif words & (_LABEL_WORDS | _SCALE_WORDS):
            score += 30
        score -= 40 * _is_about(one.name)
        count = len(one.counts)
        if one.lists or one.delimiter:
            score += 20
        elif one.are_fractions or one.is_scale:
            score += 10 + 10 * bool(words & _SCALE_WORDS)
        else:
            score += 20 if count <= 12 else 10 if count <= 30 else 0
            score -= 10 * one.is_prose
        score += 6 * (one.index == len(self.columns) - 1)
        score -= 15 * one.stands_in_blocks
        score -= 20 * (len(one.cells) < one.rows / 2)
        return score

    def _of(self, one: Seen) -> list[Choice]:
        """Return the equations that have a column on the left, the better one first."""
        right = tuple(text.name for text in self.inputs() if text is not one)
        if not right:
            return []
        score, left = self.scores[one.name], (one.name,)
        as_classes = Choice(
            Equation.of_columns(OF_CLASSES, left, right), score, of_values(one),
            (("--label_delimiter", one.delimiter),) if one.delimiter else (),
        )  # fmt: skip
        called = bool(LABEL.fullmatch(one.name))
        if one.are_fractions:
            several = self._fractions() if not called else left
            holds = "hold" if len(several) > 1 else "holds"
            reason = f"{listed(several)} {holds} numbers that are not all whole"
            right = tuple(name for name in right if name not in several)
            return [Choice(Equation.of_columns(OF_NUMBERS, several, right), score, reason)]
        reason = _of_amounts(one) if one.is_scale else ""
        as_numbers = Choice(Equation.of_columns(OF_NUMBERS, left, right), score, reason)
        if one.is_scale and not called and one.column.classes is None:
            less = _with_score(as_classes, score - CLEAR)
            return [as_numbers, less] if one.are_classes else [as_numbers]
        if one.is_scale:
            return [as_classes, _with_score(as_numbers, score - CLEAR)]
        return [as_classes]

    def _fractions(self) -> tuple[str, ...]:
        """Return the columns of numbers that a regression may learn together, in their order."""
        names = [one.name for one in self.columns if one.are_fractions and one.name in self.scores]
        return tuple(name for name in names if self.scores[name] >= LEAST)

    def _indicators(self) -> list[Choice]:
        """Return the equation of columns of 0 and 1, one for each label, if there are several."""
        found = [
            one for one in self.columns
            if one.is_indicator and not _is_about(one.name) and one.name in self.scores
        ]  # fmt: skip
        right = tuple(text.name for text in self.inputs())
        if len(found) < 2 or not right or any(LABEL.fullmatch(one.name) for one in found):
            return []
        names = tuple(one.name for one in found)
        best = max(self.scores[name] for name in names)
        reason = f"{listed(names, SHOWN)} hold 0 and 1: a column for each label"
        return [Choice(Equation.of_columns(OF_CLASSES, names, right), best + 20, reason)]


def tells_who(name: str) -> bool:
    """Say whether a column's name says that it names who said or wrote a row."""
    return bool(words_in_name(name) & _WHO_WORDS)


def tells_judgement(name: str) -> bool:
    """Say whether a column's name says that it is a judgement on a scale, as labels often are."""
    return bool(words_in_name(name) & _SCALE_WORDS)


def _with_score(choice: Choice, score: float) -> Choice:
    return Choice(choice.equation, score, choice.reason, choice.options)


def _is_about(name: str) -> bool:
    """Say whether a column's name says that it tells something about a row, such as its author."""
    return bool(words_in_name(name) & _ABOUT_WORDS) and not LABEL.fullmatch(name)


def of_values(one: Seen) -> str:
    """Return what the values of a column are, for a reason."""
    if one.lists:
        members = dict.fromkeys(str(member) for cell in one.lists for member in cell)
        return (
            f"{one.name} holds lists of {_listed_values(sorted(members))}; any number of them for "
            "a row"
        )
    if one.delimiter:
        return f"{one.name} has several labels in a cell, with {one.delimiter!r} between them"
    known = one.column.classes or sorted(one.counts)
    return f"{one.name} has {_listed_values([name for name in known if name in one.counts])}"


def _of_amounts(one: Seen) -> str:
    """Return what the values of a scale are, for a reason."""
    points = sorted(set(one.numbers))
    ends = f"{points[0]:g} to {points[-1]:g}"
    if len(points) > POINTS:
        return f"{one.name} holds amounts, {ends}"
    return f"{one.name} is a scale of {len(points)} points, {ends}"


def _listed_values(values: Iterable[str]) -> str:
    every = list(values)
    return f"{len(every):,} different values: {listed(every, SHOWN)}"
