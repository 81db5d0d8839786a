"""What an argument is, how it is declared beside its reader, and how tables of them merge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType, NoneType, UnionType
from typing import (
    Any,
    TypeAlias,
    TypeVar,
    Union,
    cast,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from gft.errors import GftError

FUNCTIONS = ("init", "fit", "predict", "serve", "push", "eval", "summary", "cat_data", "export")
EVERY = frozenset(FUNCTIONS)
FIT = frozenset({"fit"})
EVAL = frozenset({"eval"})
PREDICT = frozenset({"predict"})
SERVE = frozenset({"serve"})
PUSH = frozenset({"push"})
SUMMARY = frozenset({"summary"})
CAT_DATA = frozenset({"cat_data"})
EXPORT = frozenset({"export"})
RUNS_MODEL = FIT | PREDICT | SERVE | EVAL | EXPORT
TAKES_DATA = EVERY - SERVE - PUSH
SCORES_MODEL = FIT | EVAL

MAIN = "what to do"
DATA = "data"
SCORES = "scores"
TRAINING = "training"
SPEECH = "the model's own, and sound"
SPEED = "speed and precision"
OUTPUT = "output"
SERVING = "the server"
SEARCH = "searches (H:__contains__WORD; --model H:__infer__ with --data or --task)"
SUPPLY = "where things come from"
GENERATION = "texts that are generated (generate)"
ANSWERS = "answers in texts (classify_spans)"
TRAINER = "the trainer's own"
WITHOUT_EFFECT = "accepted, without effect"
GROUPS = (MAIN, SERVING, SCORES, OUTPUT, DATA, SPEED, TRAINING, SUPPLY, SEARCH, SPEECH, ANSWERS,
          GENERATION, WITHOUT_EFFECT, TRAINER)  # fmt: skip
"""In the order of help pages; a group of a stranger's comes last."""

Json = dict[str, Any] | str
"""A JSON object, or the name of a file that holds one."""
KINDS: Mapping[frozenset[Any], str] = {
    frozenset({str}): "text",
    frozenset({int}): "whole",
    frozenset({float}): "number",
    frozenset({bool}): "flag",
    frozenset({bool, str}): "flag or text",
    frozenset({tuple[str, ...]}): "texts",
    frozenset(get_args(Json)): "json",
}
"""What is written for an argument, by the types of its attribute beside None."""
T = TypeVar("T")
Table: TypeAlias = "Mapping[str, Argument]"
"""Every argument by its name, as the registry merges them."""


@dataclass(frozen=True)
class Argument:
    """One argument: an attribute of the table that declares it.

    Values are `above` one limit, or between `least` and `most`. `functions` are the commands in
    which it acts. `identity` says whether another value makes another program. `common` arguments
    are in the short help. `no_effect` says why an accepted one does nothing. `name` and `kind`
    (text, whole, number, flag, flag or text, texts, json) are those of the attribute.
    """

    default: Any
    help: str
    group: str
    functions: frozenset[str] = EVERY
    common: bool = False
    choices: tuple[str, ...] = ()
    short: str | None = None
    identity: bool = True
    least: float | None = None
    most: float | None = None
    above: float | None = None
    no_effect: str | None = None
    name: str = ""
    kind: str = ""

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """Return the default where nothing was given, and of the table itself the argument."""
        return self if instance is None else self.default


def argument(
    default: T, help: str, group: str, functions: frozenset[str] = EVERY, **more: Any
) -> T:
    """Declare an argument of a table; `more` are the other fields of `Argument`.

    The attribute's annotation says what kind of value it takes.
    """
    return cast("T", Argument(default, help, group, functions, **more))


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(argument,))
class Arguments:
    """A table of arguments, a row a line, beside the code that reads them.

    An instance, from `options.of(TABLE)`, has their values. It is frozen like a dataclass and is
    none, because making thirty dataclasses takes half of the time in which `--help` answers.
    """

    def __init__(self, **given: Any) -> None:
        self.__dict__.update(given)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name} cannot be set: a program's options are what was given")


class TaskArguments(Arguments):
    """A table that acts only in the tasks whose `reads` names it."""


Reads: TypeAlias = tuple[type[TaskArguments], ...]


_rows: dict[type[Arguments], tuple[Argument, ...]] = {}


def rows(table: type[Arguments]) -> tuple[Argument, ...]:
    """Return the arguments of a table, those of the tables it extends first.

    Raises `TypeError` for an annotation that is none of `KINDS`.
    """
    if table in _rows:
        return _rows[table]
    found = []
    for name, hint in get_type_hints(table).items():
        one: Argument = getattr(table, name)
        if not one.kind:
            types = get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)
            kind = KINDS.get(frozenset(types) - {NoneType})
            if kind is None:
                raise TypeError(f"{table.__name__}.{name}: no argument is a {hint}")
            object.__setattr__(one, "kind", kind)
        found.append(one)
    _rows[table] = tuple(found)
    return _rows[table]


def merged(tables: Iterable[type[Arguments]]) -> Table:
    """Return every argument by its name, group by group.

    An argument that several tables declare acts wherever one of them says so, and is described as
    in the first. Raises `GftError` where they disagree on its kind or default.
    """
    found: dict[str, Argument] = {}
    homes: dict[str, type[Arguments]] = {}
    for table in tables:
        for one in rows(table):
            before = found.get(one.name)
            if before is None:
                found[one.name], homes[one.name] = one, table
            elif (before.kind, before.default) != (one.kind, one.default):
                both = [f"{home.__module__}.{home.__name__}" for home in (homes[one.name], table)]
                raise GftError(f"--{one.name} is one thing in {both[0]} and another in {both[1]}")
            elif not one.functions <= before.functions:
                found[one.name] = replace(before, functions=before.functions | one.functions)
    order = {group: n for n, group in enumerate(GROUPS)}
    ranked = sorted(found.values(), key=lambda one: order.get(one.group, len(order)))
    return MappingProxyType({one.name: one for one in ranked})
