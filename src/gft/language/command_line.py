"""From the words of a command line, or Python's keyword arguments, to named values."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from gft.errors import Mistakes, UserError, listed
from gft.language.argument import Argument, Table
from gft.language.older_names import OLDER, OLDER_VALUES
from gft.language.program import NAMED_APART, SEVERAL_SPECS, TAKES_SEVERAL
from gft.language.values import of_kind, value_of
from gft.language.words import read_words, unknown

TAKES_WORDS = frozenset({"summary", "init", "serve", "push"})
"""The commands in which a word may stand without an option."""

SYNONYMS = frozenset({"max_seq_length"})
"""Older names that language.md keeps as second names: no note says that they are old."""

ReadFile: TypeAlias = Callable[[str], Mapping[str, Any]]
"""Returns what a file of arguments holds, by name."""

_ARGUMENT_FILE = re.compile(r".+\.(json|ya?ml)$", re.IGNORECASE)


@dataclass(frozen=True)
class Parsed:
    """What the user gave: values under the arguments' present names, words without an option,
    and notes on what was taken otherwise than written. `of_file` names the arguments that a file
    of arguments says, and no word."""

    given: dict[str, Any]
    words: tuple[str, ...]
    notes: tuple[str, ...]
    of_file: frozenset[str] = frozenset()


def parse_command_line(
    function: str, words: Sequence[str], table: Table, read_file: ReadFile
) -> Parsed:
    """Return what `words` say of the arguments of `table`. Raises `UserError` with every mistake.

    The first word may be a JSON or YAML file of arguments, which `read_file` reads; what follows
    wins over it.
    """
    takes_words = function in TAKES_WORDS
    mistakes = Mistakes()
    raw: dict[str, Any] = {}
    rest = list(words)
    if rest and not takes_words and _ARGUMENT_FILE.fullmatch(rest[0]):
        with mistakes.collect():
            raw = _of_file(read_file(rest.pop(0)), table)
    single = () if function in TAKES_SEVERAL else SEVERAL_SPECS
    read = read_words(rest, table, takes_words, single)
    of_file = frozenset(map(_present_name, raw)) - frozenset(map(_present_name, read.options))
    for name, value in read.options.items():
        raw.pop(name, None)
        raw[name] = value
    with mistakes.collect():
        read.mistakes.raise_any()
    if read.plain and not takes_words:
        quotes = "; an equation stands in single quotes" if "eqn" in raw else ""
        mistakes.add(f"expected an argument such as --data, found {read.plain[0]!r}{quotes}")
    parsed = Parsed({}, (), ())
    with mistakes.collect():
        parsed = normalize(function, raw, table)
    mistakes.raise_any()
    return Parsed(parsed.given, tuple(read.plain), (*read.notes, *parsed.notes), of_file)


def normalize(function: str, given: Mapping[str, Any], table: Table) -> Parsed:
    """Return keyword arguments under their present names, with values of their kinds.

    Raises `UserError` with every unknown name and every value that is none of its kind.
    """
    mistakes = Mistakes()
    notes: list[str] = []
    result: dict[str, Any] = {}
    names_given: dict[str, str] = {}
    for name, value in given.items():
        with mistakes.collect():
            argument, written = _present(name, value, table)
            if argument is None:
                notes.append(f"--{name} has no effect: {OLDER[_folded(name)].reason}")
                continue
            if written is None:
                continue
            if not (argument.name == "data" and not isinstance(written, str | Path | list | tuple)):
                written = value_of(argument, f"--{name}", written)
            if not _acts(argument, name, function, notes):
                continue
            if argument.name in names_given:
                earlier = names_given[argument.name]
                notes.append(
                    f"--{earlier} and --{name} are the same argument; --{name} takes precedence"
                )
                if argument.name == "warmup_steps" and not written:
                    notes[-1] = f"--{name} 0 is ignored: --{earlier} takes precedence"
                    continue
            names_given[argument.name] = name
            result[argument.name] = written
            if _folded(name) not in table and _folded(name) not in SYNONYMS:
                notes.append(f"--{name} is now called --{argument.name}")
            if str(value) in OLDER_VALUES.get(argument.name, {}):
                notes.append(f"--{name} {value} is now written {written}")
    with mistakes.collect():
        _settle(result, notes)
    mistakes.raise_any()
    return Parsed(result, (), tuple(notes))


def _folded(name: str) -> str:
    return name.replace("-", "_")


def _present_name(name: str) -> str:
    """Return what an argument is called today."""
    older = OLDER.get(_folded(name))
    return (older and older.now) or _folded(name)


def _present(name: str, value: Any, table: Table) -> tuple[Argument | None, Any]:
    """Return the argument that a present or older name means, and its value as written today.

    No argument: the older name has no successor. No value: nothing is set.
    """
    present = _folded(name)
    older = OLDER.get(present)
    if present == "debug" and value in table["debug_trainer"].choices:
        return table["debug_trainer"], value
    if present not in table and older is None:
        raise UserError(unknown(f"--{name}", table))
    if older is not None:
        if older.now is None:
            return None, None
        if older.value is not None and value is not None:
            try:
                value = older.value(of_kind(older.kind, f"--{name}", value))
            except ValueError as expected:
                raise UserError(f"--{name}: expected {expected}, found {value!r}") from None
        present = older.now
    if isinstance(value, str):
        value = OLDER_VALUES.get(present, {}).get(value, value)
    return table[present], value


def _acts(argument: Argument, name: str, function: str, notes: list[str]) -> bool:
    """Whether an argument does anything in a command; if it does not, a note says so."""
    if function not in argument.functions:
        homes = [f"gft_{home}" for home in sorted(argument.functions)]
        notes.append(f"--{name} belongs to {listed(homes)}; it has no effect in gft_{function}")
        return False
    if argument.no_effect:
        notes.append(f"--{name} has no effect: {argument.no_effect}")
        return False
    return True


def _settle(given: dict[str, Any], notes: list[str]) -> None:
    """Replace transformers' arguments by gft's own."""
    flags = [flag for flag in ("bf16", "fp16") if given.pop(flag, False)]
    if len(flags) == 2:
        raise UserError(
            "--bf16 and --fp16 are mutually exclusive; give one of them with --precision"
        )
    for flag in flags:
        _say_as(given, notes, flag, "precision", flag)
    if given.pop("json", False):
        _say_as(given, notes, "json", "format", "json")
    merit = given.pop("metric_for_best_model", None)
    if merit:
        _say_as(given, notes, "metric_for_best_model", "figure_of_merit",
                merit.removeprefix("eval_"))  # fmt: skip
    greater = given.pop("greater_is_better", None)
    if greater is not None:
        _say_as(given, notes, "greater_is_better", "better_figure_of_merit", 1 if greater else -1)
    for what in ("eval", "save"):
        steps, strategy = f"{what}_steps", f"{what}_strategy"
        if steps not in given:
            continue
        if strategy not in given:
            given[strategy] = "steps"
            notes.append(f"--{steps} is given, so --{strategy} is steps")
        elif given[strategy] != "steps":
            notes.append(f"--{steps} has no effect with --{strategy} {given[strategy]}")


def _say_as(given: dict[str, Any], notes: list[str], theirs: str, ours: str, value: Any) -> None:
    """Set gft's argument as transformers' one says, unless it is given too and takes precedence."""
    if given.setdefault(ours, value) != value:
        notes.append(f"--{theirs} has no effect: --{ours} {given[ours]} takes precedence")


def _of_file(content: Mapping[str, Any], table: Table) -> dict[str, Any]:
    """Return the arguments of a file; of a `gft.json` those that are not at their defaults."""
    if "gft_format" not in content:
        return dict(content)
    program = content.get("program")
    arguments = program.get("arguments") if isinstance(program, dict) else None
    if not isinstance(program, dict) or not isinstance(arguments, dict):
        raise UserError(
            "the file of arguments is the record of a fit, but it is damaged: it lacks the "
            "program and its arguments"
        )
    given = {name: program.get(name) for name in NAMED_APART}
    for name, value in arguments.items():
        if name in table and value != table[name].default and table[name].identity:
            given[name] = value
    return {name: value for name, value in given.items() if value}
