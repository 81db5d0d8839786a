"""Rows as lines of text: fields joined and escaped, lines split again."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gft.errors import UserError, listed

SHOWN = 8
_ESCAPES = (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r"))
"""In this order: the first one doubles what the others write."""
_UNESCAPES = {"\\": "\\", "|": "|", "t": "\t", "n": "\n", "r": "\r"}
_UNESCAPED_BAR = re.compile(r"(?<!\\)((?:\\\\)*)\|")


def escape(text: str, bars: bool = False) -> str:
    r"""Return a field without tabs and newlines: `\\`, `\t`, `\n`, `\r`, and `\|` with `bars`."""
    for character, escaped in _ESCAPES:
        text = text.replace(character, escaped)
    return text.replace("|", "\\|") if bars else text


def unescape(text: str) -> str:
    """Return what `escape` was given; an unknown escape stays as it is."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda found: _UNESCAPES.get(found[1], found[0]), text)


def join_inputs(values: Sequence[str]) -> str:
    """Return the inputs of a row as one field: several are joined by bars."""
    if len(values) == 1:
        return escape(values[0])
    return "|".join(escape(value, bars=True) for value in values)


def split_line(
    line: str, inputs: int, delimiter: str | None, number: int, names: Sequence[str] = ()
) -> tuple[list[str], str | None]:
    """Return the inputs of a line of standard input, and its gold field if it has one.

    With one input the first tab-separated field is the input, a second one is gold, and bars are
    text. With n inputs the first field is split at unescaped bars into n, or the line has n
    tab-separated fields. Raises `UserError` naming the line, and what the inputs are called.
    """
    if delimiter is not None:
        fields = line.split(delimiter)
        if len(fields) not in (inputs, inputs + 1):
            raise UserError(_wrong(number, inputs, len(fields), repr(delimiter), names))
        return fields[:inputs], next(iter(fields[inputs:]), None)
    fields = line.split("\t")
    parts = fields[:1] if inputs == 1 else _UNESCAPED_BAR.sub("\\1\0", fields[0]).split("\0")
    if len(parts) == inputs:
        fields = parts + fields[1:]
    elif len(fields) not in (inputs, inputs + 1):
        found = max(len(parts), len(fields))
        raise UserError(_wrong(number, inputs, found, "| or a tab", names))
    texts = [unescape(field) for field in fields[: inputs + 1]]
    return texts[:inputs], next(iter(texts[inputs:]), None)


def inputs_in(line: str, delimiter: str | None) -> int:
    """Return how many inputs a line has: between delimiters, or unescaped bars."""
    if delimiter is not None:
        return line.count(delimiter) + 1
    return len(_UNESCAPED_BAR.findall(line.partition("\t")[0])) + 1


def _wrong(number: int, inputs: int, found: int, between: str, names: Sequence[str]) -> str:
    message = f"line {number}: expected {inputs} inputs with {between} between them, found {found}"
    return f"{message} ({listed(names, SHOWN)})" if names else message
