"""From the words of a command line to options with their values, still as text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gft.errors import Mistakes, nearest
from gft.language.argument import Table
from gft.language.older_names import OLDER
from gft.language.values import EXPECTED, is_true_or_false

_LONG = re.compile(r"--(?=[A-Za-z_])")
_SHORT = re.compile(r"-[A-Za-z]")


@dataclass
class Read:
    """Options under the names they were given, words without an option, and what was noticed.

    Values are text, or a list of texts where several make sense; a bare flag is `true`.
    """

    options: dict[str, Any] = field(default_factory=dict)
    plain: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mistakes: Mistakes = field(default_factory=Mistakes)


def read_words(
    words: Sequence[str], table: Table, takes_plain: bool = False, single: Collection[str] = ()
) -> Read:
    """Return what stands on a command line; mistakes are collected, not raised.

    A word after an option is its value unless it looks like an option; `takes_plain` says that
    words may stand alone, so that a flag takes only `true` or `false` (or the like) for its own.
    Of an option given more than once the last one counts, unless it takes several values and is not
    among the `single` ones: then all do.
    """
    read = Read()
    kinds, shorts = _kinds(table), _shorts(table)
    times: dict[str, int] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "--":
            read.plain += rest
            break
        if not _is_option(word):
            read.plain.append(word)
            continue
        name, value = _split(word, shorts)
        kind = kinds.get(name)
        if kind is None:
            read.mistakes.add(unknown(word.partition("=")[0], table))
            _take(rest, shorts, several=True)
            continue
        found = [value] if value is not None else _values(kind, rest, shorts, takes_plain)
        if not found:
            read.mistakes.add(f"--{name}: expected {EXPECTED[kind]}, found nothing")
            continue
        times[name] = times.get(name, 0) + 1
        before = read.options.pop(name, [])
        if kind == "texts":
            read.options[name] = found if name in single else [*before, *found]
        else:
            read.options[name] = found[0]
    for name, count in times.items():
        if count > 1 and (name in single or kinds[name] != "texts"):
            read.notes.append(f"--{name} is given {count} times; the last one is used")
    return read


def unknown(option: str, table: Table) -> str:
    """Return the message for an option that does not exist."""
    near = nearest(option.lstrip("-").replace("-", "_"), [*table, *OLDER])
    return f"unknown argument {option}" + (f"; did you mean --{near}?" if near else "; see --help")


def _kinds(table: Table) -> Mapping[str, str]:
    kinds = {name: argument.kind for name, argument in table.items()}
    for name, older in OLDER.items():
        kinds[name] = older.kind or (table[older.now].kind if older.now else "text")
    return kinds


def _shorts(table: Table) -> dict[str, str]:
    return {f"-{argument.short}": name for name, argument in table.items() if argument.short}


def _is_option(word: str) -> bool:
    return bool(_LONG.match(word) or _SHORT.match(word))


def _is_value(word: str, shorts: Mapping[str, str]) -> bool:
    """Whether a word that follows an option can be its value: `-1e-5`, `-`, `--`, but no option."""
    return not _LONG.match(word) and word.partition("=")[0] not in shorts


def _split(word: str, shorts: Mapping[str, str]) -> tuple[str, str | None]:
    """Return the name of an option, and its value when it is written in the same word."""
    if _LONG.match(word):
        name, equals, value = word[2:].partition("=")
        return name.replace("-", "_"), value if equals else None
    name = shorts.get(word[:2], word)
    return name, word[2:].removeprefix("=") if word[2:] else None


def _values(kind: str, rest: list[str], shorts: Mapping[str, str], takes_plain: bool) -> list[str]:
    """Take the values of an option off the words that follow it."""
    if kind == "texts":
        return _take(rest, shorts, several=True)
    if kind not in ("flag", "flag or text"):
        return _take(rest, shorts)
    if takes_plain and rest and not is_true_or_false(rest[0]):
        return ["true"]
    return _take(rest, shorts) or ["true"]


def _take(rest: list[str], shorts: Mapping[str, str], several: bool = False) -> list[str]:
    taken: list[str] = []
    while rest and _is_value(rest[0], shorts) and not (several and _SHORT.match(rest[0])):
        taken.append(rest.pop(0))
        if not several:
            break
    return taken
