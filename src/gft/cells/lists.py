"""Lists and objects that are written into a cell of text, as csv files have them.

They are read by hand: nothing in a cell is ever run. Known are the spellings of JSON, Python, numpy
(`['O' 'B-PER']`, `array([4], dtype=int32)`, `np.str_('O')`) and R (`c("O", "B-PER")`).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

DEEPEST = 50
"""Brackets within brackets beyond this are no list of anybody's."""
NAMED = {
    "None": None, "null": None, "NaN": None, "nan": None, "NA": None, "NA_character_": None,
    "True": True, "true": True, "TRUE": True, "False": False, "false": False, "FALSE": False,
}  # fmt: skip
"""What stands in a list without quotation marks and is no number."""
OF_SEVERAL = ("array", "np.array", "list", "tuple", "set", "frozenset", "c", "character")
"""Functions whose call is a list: of their arguments (R's `c`), or of the list they are given."""

_BEGINS = re.compile(r"\s*(?:[\[({]|(?:np\.)?[a-z]+\()")
_QUOTED = re.compile(r"'([^'\\\n]*)'")
_OF_TEXTS = re.compile(r"\s*\['[^'\\\n]*'(?:(?:,\s*'[^'\\\n]*')*|(?:\s+'[^'\\\n]*')*)\s*\]\s*")
"""What most lists of tags are like, as Python and numpy write them: read at once, for speed."""
_TOKEN = re.compile(
    r"""(?P<blank>\s+)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')
    |(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?L?(?![\w.]))
    |(?P<call>[A-Za-z_][\w.]*\()
    |(?P<keyword>[A-Za-z_]\w*=)
    |(?P<name>[A-Za-z_<][\w.>]*)
    |(?P<mark>[\[\](){},:])""",
    re.VERBOSE | re.DOTALL,
)


class _Other(Exception):
    """The text is no list."""


def list_in(text: str) -> list[Any] | None:
    """Return the list that a text spells out, None where it is something else.

    Tuples and sets are lists; members are texts, numbers, true or false, lists, objects, or None
    where one is missing.
    """
    found = written_in(text)
    return found if isinstance(found, list) else None


def object_in(text: str) -> dict[str, Any] | None:
    """Return the object (Python's dict) that a text spells out, None where it is something else."""
    found = written_in(text)
    return found if isinstance(found, dict) else None


def written_in(text: str) -> list[Any] | dict[str, Any] | None:
    """Return the list or object that a text spells out, None where it is something else."""
    if not _BEGINS.match(text):
        return None
    if _OF_TEXTS.fullmatch(text):
        return _QUOTED.findall(text)
    try:
        found = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        try:
            found = _Reader(text).whole()
        except _Other:
            return None
    return found if isinstance(found, list | dict) else None


class _Reader:
    """Reads one value from the tokens of a text, in one pass."""

    def __init__(self, text: str) -> None:
        self.tokens = _tokens(text)
        self.kind, self.token = next(self.tokens)
        self.depth = 0

    def whole(self) -> Any:
        """Return the value that is all of the text. Raises `_Other`."""
        value = self.value()
        if self.kind != "end":
            raise _Other
        return value

    def next(self) -> str:
        """Return the token and go on to the next."""
        token = self.token
        self.kind, self.token = next(self.tokens)
        return token

    def value(self) -> Any:
        kind, token = self.kind, self.next()
        if kind == "text":
            return _unquoted(token)
        if kind == "number":
            number = token.removesuffix("L")
            return float(number) if re.search(r"[.eE]", number) else int(number)
        if kind == "name" and token in NAMED:
            return NAMED[token]
        if kind not in ("mark", "call") or token in "]),:}":
            raise _Other
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Other
        found = self._called(token[:-1]) if kind == "call" else self._within(token)
        self.depth -= 1
        return found

    def _within(self, bracket: str) -> Any:
        """Return what is between brackets."""
        if bracket == "{":
            return self._object()
        found, commas = self._members("]" if bracket == "[" else ")")
        if bracket == "(" and not commas and found:
            raise _Other  # `(1)` is no tuple
        return found

    def _members(self, end: str) -> tuple[list[Any], int]:
        """Return the values up to a bracket, separated by commas or whitespace, and the commas."""
        found, commas = [], 0
        while self.token != end or self.kind != "mark":
            if self.kind == "keyword":  # such as `dtype=object`, which says nothing of the members
                self.next()
                if self.kind == "call":
                    self.value()
                elif self.kind in ("name", "text"):
                    self.next()
                else:
                    raise _Other
            else:
                found.append(self.value())
            if self.kind == "mark" and self.token == ",":
                self.next()
                commas += 1
        self.next()
        if commas and commas < len(found) - 1:
            raise _Other  # `['a', 'b' 'c']`: Python joins the last two
        return found, commas

    def _called(self, function: str) -> Any:
        """Return what a call makes of its arguments, such as `array(['a'], dtype=object)`."""
        found, _ = self._members(")")
        if function in OF_SEVERAL:
            of_list = function != "c" and len(found) == 1 and isinstance(found[0], list)
            return found[0] if of_list else found
        if function.startswith("np.") and len(found) == 1:
            return found[0]
        raise _Other

    def _object(self) -> Any:
        """Return the dict or the set that began."""
        keys: list[str] = []
        values: list[Any] = []
        while self.token != "}" or self.kind != "mark":
            values.append(self.value())
            if self.kind == "mark" and self.token == ":":
                self.next()
                keys.append(str(values.pop()))
                values.append(self.value())
            if self.kind == "mark" and self.token == ",":
                self.next()
            elif self.token != "}":
                raise _Other
        self.next()
        if keys and len(keys) < len(values):
            raise _Other
        return values if values and not keys else dict(zip(keys, values, strict=True))


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Yield the tokens of a text with their kinds, then ends without end. Raises `_Other`."""
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _Other
        position = found.end()
        if found.lastgroup != "blank":
            yield str(found.lastgroup), found[0]
    while True:
        yield "end", ""


def _unquoted(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(ast.literal_eval(token))  # One string literal: its escapes, and nothing else.
    except (ValueError, SyntaxError):
        raise _Other from None
