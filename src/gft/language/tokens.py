"""The words of an equation: names, operators and parentheses, each with its position."""

from __future__ import annotations

import re
from typing import NamedTuple

from gft.errors import EquationError

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<quoted>`(?:[^`\\]|\\.)*`)
      | (?P<name>[^\W\d][\w.\u0300-\u036f]*|\d[\w.]*)
      | (?P<dot>\.)
      | (?P<sign>[:~+\-()])""",
    re.VERBOSE,
)  # Accents may stand by themselves, after their letter.

LISTED = "columns are only listed, joined by '+'"
COMPUTED = "compute a new column in the data first"
_WHY = {
    **dict.fromkeys("^/%<>!|", f": {LISTED}; {COMPUTED}"),
    ",": f": a function takes one column; {COMPUTED}",
    "=": ": an equation is 'task: y ~ x'",
    "$": ": a column is named alone, as in num(age)",
    **dict.fromkeys("\"'", ": a name is written as it is, or in back-quotes"),
}
_CROSSED = re.compile(r"(\w+\([^()]*\))\s*\*\s*(\w+\([^()]*\))")
_BASE = re.compile(r"\b\w+\(\s*(\w+)\s*\)\s*$|\b(\w+)\s*$")
_GROUPS = re.compile(r"\|+\s*(\w+)")
_OF_LEVELS = ("cat", "factor", "relevel", "C")
"""Functions in which formulas choose the level that others are compared with."""


class Token(NamedTuple):
    """One word of an equation: its kind, its text (without quotes), and where it begins.

    Kinds are `name`, `quoted` (a name in back-quotes, which is never an operator), `dot`, `sign`.
    """

    kind: str
    text: str
    position: int

    def is_sign(self, signs: str) -> bool:
        """Say whether this is one of some operators."""
        return self.kind == "sign" and self.text in signs


def tokenize(text: str) -> list[Token]:
    """Return the tokens of an equation, whitespace left out. Raises `EquationError`."""
    tokens: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            if text[position] == "`":
                raise EquationError("this back-quote is never closed", text, position)
            why = _why(text, position, tokens)
            raise EquationError(f"{text[position]!r} has no meaning here{why}", text, position)
        kind = str(found.lastgroup)
        if kind == "quoted":
            tokens.append(Token(kind, re.sub(r"\\(.)", r"\1", found[0][1:-1]), position))
        elif kind != "space":
            tokens.append(Token(kind, found[0], position))
        position = found.end()
    return tokens


def _why(text: str, position: int, before: list[Token]) -> str:
    """Return why a sign means nothing there, and what to write, as the end of a sentence."""
    names = [token.text for token in before if token.kind == "name"]
    if text[position] == "*":
        crossed = next(
            (one for one in _CROSSED.finditer(text) if position in range(*one.span())), None
        )
        a, b = crossed.groups() if crossed else ("num(a)", "cat(b)")
        return f": {LISTED}; covariates interact in {a}:{b}, beside {a} + {b}"
    if text[position] == "," and names[-2:-1] and names[-2] in _OF_LEVELS:
        return (
            ": a function takes one column; the first level is the reference: name it so in the "
            "data that it comes first"
        )
    if text[position] == "," and names[-2:-1] == ["cbind"]:
        return ": outputs are joined by '+', as in 'regress: a + b ~ x'"
    if text[position] == "," and names[-2:-1] == ["poly"]:
        return _power("a function takes one column", names[-1])
    if text[position] == "^" and (found := _BASE.search(text[:position])):
        return _power(LISTED, found[1] or found[2])
    if text[position] == "^":
        return f": {LISTED}; interactions are written out: num(a):cat(b)"
    if found := _GROUPS.match(text, position):
        return (
            f": there are no random effects; leave it out, and --group {found[1]} keeps the rows "
            f"of each {found[1]} in one split and computes intervals over them"
        )
    return _WHY.get(text[position], "")


def _power(why: str, column: str) -> str:
    """Return why, and what to write for a power of a column, as the end of a sentence."""
    return f": {why}; compute the power in the data first, and write num({column}2) for it"
