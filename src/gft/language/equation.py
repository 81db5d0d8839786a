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

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<quoted>`(?:[^`\\]|\\.)*`)
      | (?P<name>[^\W\d][\w.\u0300-\u036f]*|\d[\w.]*)
      | (?P<dot>\.)
      | (?P<sign>[:~+\-])""",
    re.VERBOSE,
)  # Accents may stand by themselves, after their letter.


_BETWEEN = "between the outputs and the inputs"
_LISTED = "columns are only listed, with '+'"
_WHY = {
    **dict.fromkeys("*^/%", f": {_LISTED}, and a net finds interactions by itself"),
    **dict.fromkeys("()", f": {_LISTED}; what is computed is made a column of the data first"),
    "|": f": {_LISTED}; there are no random effects",
    "=": ": an equation is 'task: y ~ x'",
}


class Token(NamedTuple):
    """One word of an equation: its kind, its text (without quotes), and where it begins.

    Kinds are `name`, `quoted` (a name in back-quotes, which is never an operator), `dot`, `sign`.
    """

    kind: str
    text: str
    place: int

    def is_sign(self, signs: str) -> bool:
        """Say whether this is one of some operators."""
        return self.kind == "sign" and self.text in signs


@dataclass(frozen=True)
class Term:
    """One term on the right of `~`: a column, and the function around it if there is one.

    `everything` is what `.` spells: every column of text that is not named; it has no column.
    """

    column: str
    function: str | None = None
    everything: bool = False

    def __str__(self) -> str:
        if self.everything:
            return "."
        return f"{self.function}({_spell(self.column)})" if self.function else _spell(self.column)


EVERYTHING = Term("", everything=True)


@dataclass(frozen=True)
class Equation:
    """What an equation says, before any data is seen.

    `task` is spelt as the user spelt it; `right` may hold `EVERYTHING`; `left_out` are the columns
    that were subtracted from it.
    """

    task: str
    left: tuple[str, ...]
    right: tuple[Term, ...]
    left_out: tuple[str, ...] = ()

    @classmethod
    def of_columns(cls, task: str, left: Iterable[str], right: Iterable[str]) -> Equation:
        """Return the equation that says `left` from the bare columns `right`."""
        return cls(task, tuple(left), tuple(map(Term, right)))

    def __str__(self) -> str:
        minus = "".join(f" - {_spell(name)}" for name in self.left_out)
        left = " + ".join(map(_spell, self.left))
        return f"{self.task}: {left} ~ {' + '.join(map(str, self.right))}{minus}"

    @property
    def inputs(self) -> tuple[str, ...]:
        """The columns that are named on the right."""
        return tuple(term.column for term in self.right if not term.everything)

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is named, left to right, each once."""
        return tuple(dict.fromkeys((*self.left, *self.inputs, *self.left_out)))

    def expanded(self, text_columns: Iterable[str]) -> Equation:
        """Return the equation with `.` replaced by the text columns it stands for."""
        if EVERYTHING not in self.right:
            return self
        place = self.right.index(EVERYTHING)
        stands_for = (Term(name) for name in text_columns if name not in self.columns)
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
            tokens.append(Token(kind, re.sub(r"\\(.)", r"\1", found[0][1:-1]), place))
        elif kind != "space":
            tokens.append(Token(kind, found[0], place))
        place = found.end()
    return tokens


def _spell(name: str) -> str:
    if re.fullmatch(r"[^\W\d][\w.\u0300-\u036f]*", name):
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
        self._sign("~", _BETWEEN)
        right = self._columns("right", ends="")
        kept, dropped = self._signs(left, right)
        return Equation(task, tuple(token.text for _, token in left), kept, dropped)

    def _task(self) -> str:
        colon = next((token.place for token in self.tokens if token.is_sign(":")), None)
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
        while (token := self._peek()) is not None and not (ends and token.is_sign(ends)):
            if not token.is_sign("+-"):
                raise self._error(self._unexpected(token, columns[-1][1], side), token.place)
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
        if token.kind == "name" and token.text[0].isdecimal():
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
    ) -> tuple[tuple[Term, ...], tuple[str, ...]]:
        minus = next((token for sign, token in left if sign == "-"), None)
        if minus is not None:
            raise self._error("'-' can only leave a column out of '.' on the right", minus.place)
        kept = [token for sign, token in right if sign == "+"]
        dropped = [token for sign, token in right if sign == "-"]
        if dropped and not any(token.kind == "dot" for token in kept):
            raise self._error(
                "'-' leaves a column out of '.', and there is no '.'", dropped[0].place
            )
        dot = next((token for token in dropped if token.kind == "dot"), None)
        if dot is not None:
            raise self._error("'.' cannot be left out", dot.place)
        terms = [EVERYTHING if token.kind == "dot" else Term(token.text) for token in kept]
        self._check_once(kept, terms, "right")
        lefts = [token for _, token in left]
        self._check_once(lefts, [token.text for token in lefts], "left")
        return tuple(terms), tuple(token.text for token in dropped)

    def _check_once(self, tokens: Sequence[Token], found: Sequence[object], side: str) -> None:
        """Raise `EquationError` for what stands twice on a side."""
        for position, (token, one) in enumerate(zip(tokens, found, strict=True)):
            if one in found[:position]:
                raise self._error(f"{token.text!r} stands twice on the {side}", token.place)

    def _sign(self, sign: str, where: str) -> None:
        token = self._peek()
        if token is None or not token.is_sign(sign):
            place = len(self.text.rstrip()) if token is None else token.place
            raise self._error(f"expected {sign!r} {where}", place)
        self.next += 1

    def _unexpected(self, token: Token, before: Token, side: str) -> str:
        if token.is_sign(":~"):
            return f"a second {token.text!r}"
        if side == "left" and not any(one.is_sign("~") for one in self.tokens):
            return f"expected '~' {_BETWEEN}, as in 'classify: y ~ x'"
        told = f"expected '+' between {before.text!r} and {token.text!r}"
        last = token
        for following in self.tokens[self.next :]:
            if following.kind not in ("name", "quoted"):
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
