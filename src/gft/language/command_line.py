"""From the words of a command line, or Python's keyword arguments, to named values."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from gft.errors import Mistakes, UserError, listed, nearest
from gft.language.arguments import ARGUMENTS, Argument
from gft.language.older_names import OLDER

TRUE = frozenset({"true", "yes", "on", "1"})
FALSE = frozenset({"false", "no", "off", "0"})
_ARGUMENT_FILE = re.compile(r".+\.(json|ya?ml)$", re.IGNORECASE)


@dataclass(frozen=True)
class Parsed:
    """What the user gave: values under the arguments' present names, words without an option,
    and notes on what was taken otherwise than written."""

    given: dict[str, Any]
    words: tuple[str, ...]
    notes: tuple[str, ...]


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UserError(message)


def parse_command_line(function: str, words: Sequence[str]) -> Parsed:
    """Return what `words` say. Raises `UserError` with every mistake found.

    The first word may be a JSON or YAML file of arguments; what follows wins over it.
    """
    from_file: dict[str, Any] = {}
    rest = list(words)
    if rest and function != "summary" and _ARGUMENT_FILE.fullmatch(rest[0]):
        from_file = _read_arguments(Path(rest.pop(0)))
    namespace, left_over = _parser().parse_known_args([_with_underscores(word) for word in rest])
    raw: dict[str, Any] = dict(from_file)
    notes = []
    for name, occurrences in vars(namespace).items():
        if len(occurrences) > 1 and not _several(name):
            notes.append(f"--{name} is given {len(occurrences)} times; the last one counts")
        values = occurrences[-1] if not _several(name) else [v for one in occurrences for v in one]
        raw[name] = values
    unknown = [word for word in left_over if word.startswith("--") or re.match(r"-[A-Za-z]", word)]
    plain = tuple(word for word in left_over if word not in unknown)
    mistakes = Mistakes()
    for word in unknown:
        mistakes.add(_unknown(word.partition("=")[0]))
    if plain and function != "summary" and not unknown:
        mistakes.add(f"expected an argument such as --data, found {plain[0]!r}")
    parsed = None
    with mistakes.collect():
        parsed = normalize(function, raw)
    mistakes.raise_any()
    assert parsed is not None
    return Parsed(parsed.given, plain, (*notes, *parsed.notes))


def normalize(function: str, given: Mapping[str, Any]) -> Parsed:
    """Return keyword arguments under their present names, with values of their kinds.

    Raises `UserError` with every unknown name and every value that is none of its kind.
    """
    mistakes = Mistakes()
    notes: list[str] = []
    result: dict[str, Any] = {}
    for name, value in given.items():
        with mistakes.collect():
            argument, written = _resolve(name, value, notes)
            if argument is None or written is None:
                continue
            converted = _convert(argument, written)
            if function not in argument.functions:
                homes = [f"gft_{home}" for home in sorted(argument.functions)]
                notes.append(
                    f"--{name} belongs to {listed(homes)}; it has no effect in gft_{function}"
                )
                continue
            if argument.no_effect:
                notes.append(f"--{name} has no effect: {argument.no_effect}")
                continue
            result[argument.name] = converted
    mistakes.raise_any()
    return Parsed(_settle(result, notes), (), tuple(notes))


def _settle(given: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Replace the library's ways of saying something by gft's own way."""
    for flag in ("bf16", "fp16"):
        if given.pop(flag, False):
            given.setdefault("precision", flag)
    merit = given.pop("metric_for_best_model", None)
    if merit:
        given.setdefault("figure_of_merit", merit.removeprefix("eval_"))
    greater = given.pop("greater_is_better", None)
    if greater is not None:
        given.setdefault("better_figure_of_merit", 1 if greater else -1)
    if given.get("eval_steps") and "eval_strategy" not in given:
        given["eval_strategy"] = "steps"
        notes.append("--eval_steps is given, so --eval_strategy is steps")
    return given


def _resolve(name: str, value: Any, notes: list[str]) -> tuple[Argument | None, Any]:
    """Return the argument of a present or older name, and its value as it is written now."""
    spelt = name.replace("-", "_")
    if spelt in ARGUMENTS:
        return ARGUMENTS[spelt], value
    older = OLDER.get(spelt)
    if older is None:
        raise UserError(_unknown(f"--{name}"))
    if older.now is None:
        notes.append(f"--{name} has no effect: {older.reason}")
        return None, None
    if older.value is not None:
        value = older.value(_of_kind(f"--{name}", older.kind, value))
    if value is not None and spelt not in ("max_seq_length",):
        notes.append(f"--{name} is called --{older.now} today")
    return ARGUMENTS[older.now], value


def _unknown(option: str) -> str:
    bare = option.lstrip("-").replace("-", "_")
    near = nearest(bare, [*ARGUMENTS, *OLDER])
    return f"unknown argument {option}" + (f"; did you mean --{near}?" if near else "; see --help")


def _convert(argument: Argument, value: Any) -> Any:
    option = f"--{argument.name}"
    if argument.name == "data" and not isinstance(value, str | Path):
        return value
    converted = _of_kind(option, argument.kind, value)
    if argument.choices and str(converted) not in argument.choices:
        near = nearest(str(converted), argument.choices)
        hint = f"; did you mean {near}?" if near else ""
        raise UserError(
            f"{option}: expected {' or '.join(argument.choices)}, found {value!r}{hint}"
        )
    if argument.least is not None and converted < argument.least:
        raise UserError(f"{option}: expected {argument.least:g} or more, found {value}")
    return converted


def _of_kind(option: str, kind: str, value: Any) -> Any:
    """Return a value as one of `kind`. Raises `UserError`."""
    text = value[-1] if isinstance(value, list) and kind != "texts" and value else value
    try:
        match kind:
            case "flag":
                return _flag(text)
            case "whole":
                number = float(text)
                if not number.is_integer():
                    raise ValueError
                return int(number)
            case "number":
                return float(text)
            case "texts":
                several = value if isinstance(value, list | tuple) else [value]
                return [str(one) for one in several]
            case "json":
                return json.loads(text) if isinstance(text, str) and text[:1] in "{[" else text
            case _:
                return str(text)
    except (TypeError, ValueError):
        wanted = {"flag": "true or false", "whole": "a whole number", "number": "a number"}
        raise UserError(f"{option}: expected {wanted.get(kind, kind)}, found {text!r}") from None


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in TRUE:
        return True
    if str(value).lower() in FALSE:
        return False
    raise ValueError(value)


def _parser() -> _Parser:
    parser = _Parser(add_help=False, allow_abbrev=False, argument_default=argparse.SUPPRESS)
    for name, argument in ARGUMENTS.items():
        shorts = [f"-{argument.short}"] if argument.short else []
        _add(parser, name, argument.kind, shorts)
    for name, older in OLDER.items():
        kind = ARGUMENTS[older.now].kind if older.now and not older.kind else older.kind
        _add(parser, name, kind, [])
    return parser


def _add(parser: _Parser, name: str, kind: str, shorts: list[str]) -> None:
    options = [*shorts, f"--{name}"]
    if kind == "texts":
        parser.add_argument(*options, dest=name, action="append", nargs="+")
    elif kind == "flag":
        parser.add_argument(*options, dest=name, action="append", nargs="?", const="true")
    else:
        parser.add_argument(*options, dest=name, action="append")


def _several(name: str) -> bool:
    return name in ARGUMENTS and ARGUMENTS[name].kind == "texts"


def _with_underscores(word: str) -> str:
    """Return an option with `_` for `-`, and a negative value that argparse would misread."""
    if not word.startswith("--"):
        return word
    name, equals, value = word.partition("=")
    return "--" + name[2:].replace("-", "_") + equals + value


def _read_arguments(file: Path) -> dict[str, Any]:
    """Return the arguments that a JSON or YAML file holds. Raises `UserError`."""
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"no file {str(file)!r} of arguments") from None
    except (yaml.YAMLError, UnicodeDecodeError) as problem:
        raise UserError(f"{file}: {' '.join(str(problem).split())}") from None
    if not isinstance(content, dict) or not all(isinstance(name, str) for name in content):
        raise UserError(f"{file}: expected names of arguments with their values")
    return content
