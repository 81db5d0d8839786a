"""Equations: `classify: label ~ question1 + question2`, from text to tree.

    equation := task ":" columns "~" columns
    columns  := column (("+" | "-") column)*
    column   := name | `any name` | "."

`-` only leaves a column out of what `.` stands for, and `.` stands only on the right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gft.errors import EquationError

EVERYTHING = "."

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<quoted>`(?:[^`\\]|\\.)*`)
      | (?P<name>[^\W\d][\w.]*|\d[\w.]*)
      | (?P<dot>\.)
      | (?P<sign>[:~+\-])""",
    re.VERBOSE,
)


_LISTED = "columns are only listed, with '+'"
_WHY = {
    **dict.fromkeys("*^/%", f": {_LISTED}, and a net finds interactions by itself"),
    **dict.fromkeys("()", f": {_LISTED}; what is computed is made a column of the data first"),
    "|": f": {_LISTED}; there are no random effects",
    "=": ": an equation is 'task: y ~ x'",
}


class Token(NamedTuple):
    """One word of an equation: its kind, its text (without quotes), and where it begins."""

    kind: str
    text: str
    place: int


@dataclass(frozen=True)
class Equation:
    """What an equation says, before any data is seen.

    `task` is spelt as the user spelt it; `right` may hold `.`; `left_out` are the columns that
    were subtracted from it.
    """

    task: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    left_out: tuple[str, ...] = ()

    def __str__(self) -> str:
        right = " + ".join(_spell(name) for name in self.right)
        minus = "".join(f" - {_spell(name)}" for name in self.left_out)
        return f"{self.task}: {' + '.join(_spell(name) for name in self.left)} ~ {right}{minus}"

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, left to right, each once."""
        named = (*self.left, *self.right, *self.left_out)
        return tuple(dict.fromkeys(name for name in named if name != EVERYTHING))

    def expanded(self, text_columns: Iterable[str]) -> Equation:
        """Return the equation with `.` replaced by the text columns it stands for."""
        if EVERYTHING not in self.right:
            return self
        named = {*self.left, *self.left_out, *self.right}
        stands_for = [name for name in text_columns if name not in named]
        place = self.right.index(EVERYTHING)
        right = (*self.right[:place], *stands_for, *self.right[place + 1 :])
        return Equation(self.task, self.left, right)


def parse_equation(text: str) -> Equation:
    """Return the equation that `text` spells. Raises `EquationError` with the place."""
    return _Parser(text).equation()


def tokenize(text: str) -> list[Token]:
    """Return the tokens of an equation, blanks left out. Raises `EquationError`."""
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            if text[place] == "`":
                raise EquationError("this back-quote is never closed", text, place)
            why = _WHY.get(text[place], "")
            raise EquationError(f"{text[place]!r} has no meaning here{why}", text, place)
        kind = str(found.lastgroup)
        if kind == "quoted":
            tokens.append(Token("name", re.sub(r"\\(.)", r"\1", found[0][1:-1]), place))
        elif kind != "space":
            tokens.append(Token(kind, found[0], place))
        place = found.end()
    return tokens


def _spell(name: str) -> str:
    if name == EVERYTHING or re.fullmatch(r"[^\W\d][\w.]*", name):
        return name
    return "`" + re.sub(r"([`\\])", r"\\\1", name) + "`"


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.next = 0

    def equation(self) -> Equation:
        task = self._task()
        left = self._columns("left", ends="~")
        self._sign("~", "between the outputs and the inputs")
        right = self._columns("right", ends="")
        kept, dropped = self._signs(left, right)
        return Equation(task, tuple(token.text for _, token in left), kept, dropped)

    def _task(self) -> str:
        colon = next((token.place for token in self.tokens if token.text == ":"), None)
        if colon is None:
            raise self._error("expected TASK: before the columns, as in 'classify: y ~ x'", 0)
        task = self.text[:colon].strip()
        if not task:
            raise self._error("expected the name of a task before ':'", colon)
        odd = re.search(r"[^\w\s\-]", task)
        if odd:
            place = self.text.index(task) + odd.start()
            raise self._error(f"{self.text[place]!r} cannot be in the name of a task", place)
        while self.tokens[self.next].place < colon:
            self.next += 1
        self.next += 1
        return task

    def _columns(self, side: str, ends: str) -> list[tuple[str, Token]]:
        columns = [("+", self._column(side, "~" if side == "right" else ":"))]
        while (token := self._peek()) is not None and token.text != ends:
            if token.kind != "sign" or token.text not in "+-":
                raise self._error(self._unexpected(token, columns[-1][1]), token.place)
            self.next += 1
            columns.append((token.text, self._column(side, token.text)))
        return columns

    def _column(self, side: str, after: str) -> Token:
        token = self._peek()
        if token is None:
            shell = ""
            if after in ("~", "+"):
                shell = "; back-quotes need single quotes around the equation"
            raise self._error(f"expected a column after {after!r}{shell}", len(self.text.rstrip()))
        if token.kind == "sign":
            raise self._error(
                f"expected a column after {after!r}, found {token.text!r}", token.place
            )
        if token.kind == "dot" and side == "left":
            raise self._error("'.' can only stand on the right of '~'", token.place)
        if token.kind == "name" and token.text[:1].isdigit() and self.text[token.place] != "`":
            raise self._error(
                f"a name cannot begin with a digit: write `{token.text}` in back-quotes",
                token.place,
            )
        if not token.text:
            raise self._error("an empty name", token.place)
        self.next += 1
        return token

    def _signs(
        self, left: Sequence[tuple[str, Token]], right: Sequence[tuple[str, Token]]
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        minus = next((token for sign, token in left if sign == "-"), None)
        if minus is not None:
            raise self._error("'-' can only leave a column out of '.' on the right", minus.place)
        kept = [token for sign, token in right if sign == "+"]
        dropped = [token for sign, token in right if sign == "-"]
        if dropped and not any(token.kind == "dot" for token in kept):
            raise self._error(
                "'-' leaves a column out of '.', and there is no '.'", dropped[0].place
            )
        if any(token.kind == "dot" for token in dropped):
            raise self._error("'.' cannot be left out", dropped[0].place)
        names = [token.text for token in kept]
        for position, token in enumerate(kept):
            if token.text in names[:position]:
                raise self._error(f"{token.text!r} stands twice on the right", token.place)
        lefts = [token.text for _, token in left]
        for position, (_, token) in enumerate(left):
            if token.text in lefts[:position]:
                raise self._error(f"{token.text!r} stands twice on the left", token.place)
        return tuple(names), tuple(token.text for token in dropped)

    def _sign(self, sign: str, where: str) -> None:
        token = self._peek()
        if token is None or token.text != sign:
            place = len(self.text.rstrip()) if token is None else token.place
            raise self._error(f"expected {sign!r} {where}", place)
        self.next += 1

    def _unexpected(self, token: Token, before: Token) -> str:
        if token.text in ":~":
            return f"a second {token.text!r}"
        told = f"expected '+' between {before.text!r} and {token.text!r}"
        last = token
        for following in self.tokens[self.next :]:
            if following.kind != "name":
                break
            last = following
        whole = self.text[before.place : last.place + len(last.text)]
        if "`" in whole or token.kind != "name":
            return told
        return f"{told}, or one name in back-quotes: `{whole}`"

    def _peek(self) -> Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def _error(self, problem: str, place: int) -> EquationError:
        return EquationError(problem, self.text, place)
