"""From what was written for an argument to a value of the argument's kind."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from gft.errors import UserError, listed, nearest
from gft.language.argument import Argument
from gft.language.json_text import parsed_json

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})
LARGEST = 10**18 - 1
"""Whole numbers up to here are the same in every library."""
EXPECTED = {
    "text": "a value",
    "whole": "a whole number",
    "number": "a number",
    "flag": "true or false",
    "flag or text": "true, false or a value",
    "texts": "one value or more",
    "json": "a JSON object or the name of a file",
}
"""What a value of each kind is, in words."""


def is_true_or_false(text: str) -> bool:
    """Whether a word is a flag's value."""
    return text.lower() in TRUE | FALSE


def value_of(argument: Argument, option: str, written: Any) -> Any:
    """Return the value of an argument, which the user called `option`. Raises `UserError`."""
    if isinstance(written, Enum):
        written = written.value
    if written is False and "no" in argument.choices:
        written = "no"  # YAML reads the word no as false
    if argument.name == "splits" and isinstance(written, list | tuple):
        written = ",".join(str(name) for name in written)
    value = of_kind(argument.kind, option, written)
    chosen = isinstance(value, bool) or str(value) in argument.choices
    if argument.choices and not chosen:
        near = nearest(str(value), argument.choices)
        hint = f"; did you mean {near}?" if near else ""
        few = len(argument.choices) <= 6
        every = " or ".join(argument.choices) if few else f"one of {listed(argument.choices)}"
        raise UserError(f"{option}: expected {every}, found {written!r}{hint}")
    if isinstance(value, int | float) and not isinstance(value, bool):
        _check_range(argument, option, value)
    return value


def of_kind(kind: str, option: str, written: Any) -> Any:
    """Return what was written as a value of a kind of the table. Raises `UserError`."""
    try:
        match kind:
            case "flag":
                return _flag(written)
            case "flag or text":
                text = str(written)
                return _flag(written) if is_true_or_false(text) else _text(written)
            case "whole":
                return _whole(written)
            case "number":
                return _number(written)
            case "texts":
                several = written if isinstance(written, list | tuple) else [written]
                return [_text(one) for one in several]
            case "json":
                return _json(written)
            case _:
                if written == "":
                    raise ValueError(written)
                return _text(written)
    except (TypeError, ValueError, OverflowError):
        raise UserError(f"{option}: expected {EXPECTED[kind]}, found {written!r}") from None


def _check_range(argument: Argument, option: str, value: float) -> None:
    if isinstance(value, int) and abs(value) > LARGEST:
        digits = len(str(abs(value)))
        raise UserError(f"{option}: expected a number below 1e18, found one of {digits} digits")
    if argument.above is not None and value <= argument.above:
        raise UserError(f"{option}: expected more than {argument.above:.10g}, found {value}")
    if argument.least is not None and value < argument.least:
        raise UserError(f"{option}: expected {argument.least:.10g} or more, found {value}")
    if argument.most is not None and value > argument.most:
        raise UserError(f"{option}: expected {argument.most:.10g} or less, found {value}")


def _flag(written: Any) -> bool:
    text = str(written).lower()
    if text not in TRUE | FALSE:
        raise ValueError(written)
    return text in TRUE


def _whole(written: Any) -> int:
    if isinstance(written, bool):
        raise TypeError(written)
    try:
        return int(str(written))
    except ValueError:
        number = _number(written)
        if not number.is_integer():
            raise
        return int(number)


def _number(written: Any) -> float:
    if isinstance(written, bool):
        raise TypeError(written)
    number = float(written)
    if not math.isfinite(number):
        raise ValueError(written)
    return number


def _text(written: Any) -> str:
    if isinstance(written, bool) or not isinstance(written, str | Path | int | float):
        raise TypeError(written)
    return str(written)


def _json(written: Any) -> Any:
    if isinstance(written, str):
        return parsed_json(written) if written.lstrip()[:1] in ("{", "[") else written
    if isinstance(written, Mapping):
        return dict(written)
    raise TypeError(written)
