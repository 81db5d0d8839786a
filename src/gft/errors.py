"""Everything that can go wrong, as one small tree; what a user reads is made here.

`UserError` is a mistake of the user's: one line that says what was found, what was expected and
what to do; the commands print it after their name and exit with 2. Any other `GftError` exits
with 1. `Interrupted` is a signal, not an error.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MOST_MISTAKES = 20
"""Mistakes that are reported one by one; of more, how many there are."""
LONGEST_WORD, LONGEST_LINE = 500, 1200
"""Characters of a word and of a line that people still read: what is longer loses its middle."""
_LONG_WORD = re.compile(rf"\S{{{LONGEST_WORD},}}")
AROUND = 80
"""Characters of an equation that are shown on each side of a mistake."""


class GftError(Exception):
    """A failure that gft can explain but that is not a mistake of the user's."""

    status = 1

    @property
    def messages(self) -> tuple[str, ...]:
        """The lines to show, one per mistake."""
        return tuple(brief(str(argument)) for argument in self.args)

    def __str__(self) -> str:
        return "\n".join(self.messages)


class UserError(GftError):
    """One mistake of the user's, or several that were found together."""

    status = 2

    def __init__(self, *messages: str) -> None:
        super().__init__(*messages)

    @property
    def messages(self) -> tuple[str, ...]:
        """The mistakes, each reported once; of very many the first ones, and how many more."""
        every = tuple(dict.fromkeys(brief(str(argument)) for argument in self.args))
        more = len(every) - MOST_MISTAKES
        if more <= 0:
            return every
        return (*every[:MOST_MISTAKES], f"and {counted(more, 'more mistake')}")


class Damaged(GftError):
    """Files that gft wrote are not as it wrote them."""


class NoSpace(GftError):
    """A disk is full."""


class EquationError(UserError):
    """A mistake in an equation, with a caret under the position.

    `position` counts characters of `text` from 0.
    """

    def __init__(self, problem: str, text: str, position: int) -> None:
        first, last, at = max(0, position - AROUND), position + AROUND, position
        if first or last < len(text):
            ellipses = ("... " if first else "", " ..." if last < len(text) else "")
            text, at = (
                f"{ellipses[0]}{text[first:last]}{ellipses[1]}",
                position - first + len(ellipses[0]),
            )
        shown = "".join(" " if character in "\t\r\n" else character for character in text)
        super().__init__(f"equation: {brief(problem)}\n    {shown}\n    {' ' * at}^")
        self.problem = problem
        self.position = position


class Interrupted(BaseException):
    """The command was stopped by a signal, or by a subscriber that raised `Stop`.

    Not an `Exception`, so that no handler of errors swallows it.
    """

    def __init__(self, signal_number: int, advice: str = "") -> None:
        super().__init__(signal_number)
        self.status = 128 + signal_number
        self.advice = advice

    def __str__(self) -> str:
        return f"stopped; {self.advice}" if self.advice else "stopped"


class Mistakes:
    """Collects mistakes that do not depend on each other, to raise them together."""

    def __init__(self) -> None:
        self._messages: list[str] = []

    def add(self, message: str) -> None:
        """Remember one mistake."""
        self._messages.append(message)

    @contextmanager
    def collect(self) -> Iterator[None]:
        """Take a `UserError` of the block as mistakes and go on after the block."""
        try:
            yield
        except UserError as error:
            self._messages.extend(map(str, error.args))

    def attempt(self, step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Return what a step does, None if it raises a `UserError`, which is one mistake."""
        with self.collect():
            return step(*args, **kwargs)
        return None

    def raise_any(self) -> None:
        """Raise all of them as one `UserError`, if there are any."""
        if self._messages:
            raise UserError(*self._messages)

    def __bool__(self) -> bool:
        return bool(self._messages)


def brief(text: str) -> str:
    """Return what an error says without the middle of a word or a line that nobody reads."""
    if len(text) < LONGEST_WORD:
        return text
    text = _LONG_WORD.sub(lambda found: _middle_out(found[0], LONGEST_WORD), text)
    return "\n".join(_middle_out(line, LONGEST_LINE) for line in text.split("\n"))


def _middle_out(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    return f"{text[: longest // 4]} ... ({len(text):,} characters) ... {text[-longest // 4 :]}"


def nearest(name: str, names: Iterable[str]) -> str | None:
    """Return the one of `names` that `name` was probably meant to be, or None."""
    if len(name) > LONGEST_WORD:
        return None
    by_folded = {known.lower(): known for known in names}
    found = difflib.get_close_matches(name.lower(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def listed(names: Iterable[str], limit: int = 12) -> str:
    """Return names for a sentence: `a, b and c`; a long list is truncated and says so."""
    every = list(names)
    if not every:
        return "none"
    if len(every) > limit:
        return f"{', '.join(every[:limit])} and {len(every) - limit} more"
    if len(every) == 1:
        return every[0]
    return f"{', '.join(every[:-1])} and {every[-1]}"


def counted(count: float, what: str) -> str:
    """Return a number of things for a sentence: `1 row`, `1,234 rows`, `0.5 epochs`."""
    number = f"{count:,}" if isinstance(count, int) else f"{count:g}"
    return f"{number} {what}{'' if count == 1 else 's'}"


def no_such(
    what: str, name: str, names: Iterable[str], where: str = "", spellings: Iterable[str] = ()
) -> str:
    """Return the message for a name that does not exist: what there is, and the nearest.

    `spellings` are other names of the same things, which may be the nearest too.
    """
    known = list(names)
    near = nearest(name, [*known, *spellings])
    hint = f" (did you mean {near!r}?)" if near else ""
    scope = f" in {where}" if where else ""
    return f"no {what} {name!r}{scope}{hint}; available: {listed(known)}"


def first_line(problem: BaseException) -> str:
    """Return the first line of an error that says something."""
    lines = [line.strip() for line in str(problem).splitlines() if line.strip()]
    return lines[0][:200] if lines else type(problem).__name__
