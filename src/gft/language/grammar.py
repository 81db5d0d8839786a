"""What an equation may be, from its words to its terms.

    equation := task ":" left "~" right
    left     := scaled ("+" scaled)*
    scaled   := column | ("log" | "log1p") "(" column ")"
    right    := term (("+" | "-") term)*
    term     := "." | column | factor (":" factor)*
    factor   := function "(" column ")"
    column   := name | `any name`

`-` only leaves a column out of what `.` stands for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from gft.errors import EquationError
from gft.language.terms import (
    EVERYTHING,
    LOGS,
    SAME,
    Interaction,
    RightTerm,
    Term,
    quoted,
)
from gft.language.tokens import COMPUTED, LISTED, Token, tokenize

CONSTANTS = ("0", "1")
"""How formulas of R take the intercept out, or ask for it."""

_BETWEEN = "between the outputs and the inputs"


class Parts(NamedTuple):
    """The parts of an equation; a term on the left has the function around its column."""

    task: str
    left: tuple[Term, ...]
    right: tuple[RightTerm, ...]
    left_out: tuple[str, ...]


class _SignedTerm(NamedTuple):
    """A term, the sign before it, and its first and last tokens."""

    sign: str
    term: RightTerm
    first: Token
    last: Token


def parsed(text: str) -> Parts:
    """Return the parts of an equation. Raises `EquationError` with the position."""
    return _Parser(text).equation()


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.next = 0

    def equation(self) -> Parts:
        task = self._task()
        left = self._terms("left", ends="~")
        self._sign("~", _BETWEEN)
        right = self._terms("right", ends="")
        minus = next((one.first for one in left if one.sign == "-"), None)
        if minus is not None:
            raise self._error("'-' can only exclude a column from '.' on the right", minus.position)
        kept = [one for one in right if one.sign == "+"]
        dropped = self._dropped(right, kept)
        self._check_once(left, "left")
        self._check_once(kept, "right")
        self._check_kinds(kept)
        scaled = tuple(one.term.factors[0] for one in left)
        return Parts(task, scaled, tuple(one.term for one in kept), dropped)

    def _task(self) -> str:
        signs = (one for one in self.tokens if one.is_sign(":~"))
        colon = next(signs, None)
        if colon is None or colon.text == "~":
            raise self._error("expected TASK: before the columns, as in 'classify: y ~ x'", 0)
        task = self.text[: colon.position].strip()
        if not task:
            raise self._error("expected the name of a task before ':'", colon.position)
        odd = re.search(r"[^\w\s\-]", task)
        if odd:
            position = self.text.index(task) + odd.start()
            raise self._error(f"{self.text[position]!r} cannot be in the name of a task", position)
        while self.tokens[self.next].position < colon.position:
            self.next += 1
        self.next += 1
        return task

    def _terms(self, side: str, ends: str) -> list[_SignedTerm]:
        terms = [self._term(side, "+", "~" if side == "right" else ":")]
        while (token := self._peek()) is not None and not (ends and token.is_sign(ends)):
            if not token.is_sign("+-"):
                raise self._error(self._unexpected(token, terms[-1].last, side), token.position)
            self.next += 1
            terms.append(self._term(side, token.text, token.text))
        return terms

    def _term(self, side: str, sign: str, after: str) -> _SignedTerm:
        """Return a term; on the right an interaction where ':' follows."""
        first = self._peek()
        factors = [self._factor(side, after)]
        while side == "right" and (colon := self._peek()) is not None and colon.is_sign(":"):
            self.next += 1
            factors.append(self._factor(side, ":"))
            plain = next((one for one in factors if not one.is_covariate), None)
            if plain is not None:
                raise self._error(
                    f"{plain} is not a covariate; ':' joins covariates: num(a):cat(b)",
                    colon.position,
                )
        assert first is not None
        if len(set(factors)) < len(factors):
            raise self._error("a covariate appears twice in its interaction", first.position)
        term = factors[0] if len(factors) == 1 else Interaction(tuple(factors))
        return _SignedTerm(sign, term, first, self.tokens[self.next - 1])

    def _factor(self, side: str, after: str) -> Term:
        """Return a column, '.', or a column in a function."""
        token = self._column(side, after)
        opened = self._peek()
        if opened is None or not opened.is_sign("(") or token.kind != "name":
            return EVERYTHING if token.kind == "dot" else Term(token.text)
        if side == "left" and token.text not in LOGS:
            raise self._error(
                f"{token.text}() cannot be used on the left of '~', which takes only log() and "
                "log1p(): write the column by itself; the task says what it is",
                token.position,
            )
        self.next += 1
        inner = self._column(side, "(")
        if inner.kind == "dot":
            raise self._error("'.' cannot be used in a function", inner.position)
        self._closed(token.text, inner)
        return Term(inner.text, SAME.get(token.text, token.text))

    def _closed(self, function: str, inner: Token) -> None:
        """Take the parenthesis after the column of a function. Raises `EquationError`."""
        token = self._peek()
        if token is not None and token.is_sign(")"):
            self.next += 1
            return
        column = quoted(inner.text)
        message, position = f"expected ')' after {column!r}", len(self.text.rstrip())
        if token is not None:
            position = token.position
            message = f"a function takes one column: {COMPUTED}"
            if function == "log":
                message += f"; log(x + 1) is log1p({column})"
        raise self._error(message, position)

    def _column(self, side: str, after: str) -> Token:
        token = self._peek()
        if token is None:
            shell = ""
            if after in ("~", "+"):
                shell = "; back-quotes need single quotes around the equation"
            raise self._error(f"expected a column after {after!r}{shell}", len(self.text.rstrip()))
        if token.is_sign("-") and side == "right" and self._is_constant(self.next + 1):
            self.next += 1
            return self._column(side, "-")
        if token.kind == "sign":
            why = f": {LISTED}; {COMPUTED}" if token.is_sign("(") else ""
            raise self._error(
                f"expected a column after {after!r}, found {token.text!r}{why}", token.position
            )
        if token.kind == "dot" and side == "left":
            raise self._error("'.' can only be used on the right of '~'", token.position)
        if side == "right" and self._is_constant(self.next):
            raise self._error(
                f"the intercept is always included and not written; a column of this name is "
                f"`{token.text}`, in back-quotes",
                token.position,
            )
        if token.kind == "name" and token.text[0].isdecimal():
            raise self._error(
                f"a name cannot begin with a digit: write `{token.text}` in back-quotes",
                token.position,
            )
        if not token.text:
            raise self._error("an empty name", token.position)
        self.next += 1
        return token

    def _dropped(
        self, right: Sequence[_SignedTerm], kept: Sequence[_SignedTerm]
    ) -> tuple[str, ...]:
        """Return the columns that are left out of '.'. Raises `EquationError`."""
        dropped = [one for one in right if one.sign == "-"]
        if dropped and not any(one.term.everything for one in kept):
            raise self._error(
                "'-' excludes a column from '.', but there is no '.'", dropped[0].first.position
            )
        for one in dropped:
            if one.term.everything:
                raise self._error("'.' cannot be excluded", one.first.position)
            factor = one.term.factors[0]
            if factor.function or len(one.term.factors) > 1:
                raise self._error(
                    f"'-' takes the name alone: - {quoted(factor.column)}", one.first.position
                )
        return tuple(one.term.factors[0].column for one in dropped)

    def _check_once(self, terms: Sequence[_SignedTerm], side: str) -> None:
        """Raise `EquationError` for what stands twice on a side, in whatever order its factors."""
        seen = set()
        for one in terms:
            key: object = frozenset(one.term.factors) if side == "right" else one.term.factors[0]
            if isinstance(key, Term):
                key = key.column
            if key in seen:
                plain = isinstance(one.term, Term) and not one.term.function
                what = one.first.text if plain else str(one.term)
                raise self._error(f"{what!r} appears twice on the {side}", one.first.position)
            seen.add(key)

    def _check_kinds(self, terms: Sequence[_SignedTerm]) -> None:
        """Raise `EquationError` for a column that is two of: text, number, category."""
        known: dict[str, str] = {}
        for one in terms:
            for factor in one.term.factors:
                what = f"{factor.function}()" if factor.function else "text"
                if factor.is_covariate:
                    what = "a number" if factor.is_number else "a category"
                before = known.setdefault(factor.column, what)
                if before != what:
                    raise self._error(
                        f"{factor.column!r} appears on the right both as {before} and as {what}; "
                        "use it as one of them",
                        one.first.position,
                    )

    def _sign(self, sign: str, where: str) -> None:
        token = self._peek()
        if token is None or not token.is_sign(sign):
            position = len(self.text.rstrip()) if token is None else token.position
            raise self._error(f"expected {sign!r} {where}", position)
        self.next += 1

    def _unexpected(self, token: Token, before: Token, side: str) -> str:
        if token.is_sign(":~"):
            return f"a second {token.text!r}"
        if token.is_sign("()"):
            return f"{token.text!r} has no meaning here: {LISTED}; {COMPUTED}"
        if side == "left" and not any(one.is_sign("~") for one in self.tokens):
            return f"expected '~' {_BETWEEN}, as in 'classify: y ~ x'"
        message = f"expected '+' between {before.text!r} and {token.text!r}"
        last = token
        for following in self.tokens[self.next :]:
            if following.kind not in ("name", "quoted"):
                break
            last = following
        whole = self.text[before.position : last.position + len(last.text)]
        if "`" in whole or token.kind != "name" or before.kind == "sign":
            return message
        return f"{message}, or one name in back-quotes: `{whole}`"

    def _is_constant(self, index: int) -> bool:
        """Say whether a token is how formulas of R take the intercept out, or ask for it."""
        one = self.tokens[index] if index < len(self.tokens) else None
        return one is not None and one.kind == "name" and one.text in CONSTANTS

    def _peek(self) -> Token | None:
        return self.tokens[self.next] if self.next < len(self.tokens) else None

    def _error(self, problem: str, position: int) -> EquationError:
        return EquationError(problem, self.text, position)
