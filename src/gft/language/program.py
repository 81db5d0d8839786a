"""`Program`: everything one command was asked to do, parsed once and frozen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

from gft.errors import Mistakes, UserError, listed, no_such
from gft.language.argument import Arguments, Table, rows
from gft.language.equation import Equation, parse_equation
from gft.language.spec import CONTAINS, INFER, Letters, Spec, parse_spec

SELECT_FROM_TRAIN = "__select_from_train__"
"""The name, in `--splits`, of rows that gft takes out of train."""
TEST_FROM_TRAIN = "__select_test_from_train__"
"""What the test split is called that `--test_size` takes out of train."""
DEFAULT_HOME = "gft-runs"
"""The folder for fitted models where `--output_dir` is not given."""
TAKES_SEVERAL = frozenset({"eval", "serve"})
"""The commands that take several models, or several data sets."""
SEVERAL_SPECS = ("model", "data")
"""What they take several of."""

T = TypeVar("T", bound=Arguments)
NAMED_APART = frozenset({"model", "data", "metric", "task", "eqn", "splits"})
"""What a program holds by itself, beside its options."""
SECRET = frozenset({"hub_token"})
"""What no record holds."""
TRANSLATES = re.compile(r"translation_\w+_to_\w+")
"""A translation whose languages are named, as in `translation_en_to_fr`."""
APPLIES = frozenset({"predict", "summary", "export"})
"""The commands that know the tasks which only predict."""


class Options:
    """What was given, by the arguments' names; `options.of(TABLE)` has the values of a table."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self.given: Mapping[str, Any] = MappingProxyType(dict(given))
        self._made: dict[type[Arguments], Any] = {}

    def of(self, table: type[T]) -> T:
        """Return the values of a table of arguments, the defaults where nothing was given."""
        if table not in self._made:
            names = {row.name: row.kind for row in rows(table)}
            given = {name: self.given[name] for name in names.keys() & self.given.keys()}
            for name, value in given.items():
                if names[name] == "texts" and isinstance(value, list):
                    given[name] = tuple(value)
            self._made[table] = table(**given)
        made: T = self._made[table]
        return made

    def but(self, **given: Any) -> Options:
        """Return options with these values too, or instead."""
        return Options({**self.given, **given})


@dataclass(frozen=True)
class Program:
    """One program of the gft language.

    `function` is `fit`, `predict`, ...; `models` all that were given, of which `model` is the
    first, and `datas` the data sets likewise; `task` the canonical name of the task, from the
    equation or from `--task`; `splits` the names that the data uses for train, val and test.
    """

    function: str
    models: tuple[Spec, ...]
    datas: tuple[Spec, ...]
    metrics: tuple[Spec, ...]
    task: str | None
    equation: Equation | None
    splits: tuple[str, ...] | None
    options: Options

    @property
    def model(self) -> Spec | None:
        """The model, None if there is none."""
        return self.models[0] if self.models else None

    @property
    def data(self) -> Spec | None:
        """The data set, None if there is none."""
        return self.datas[0] if self.datas else None

    def saved(self, table: Table) -> dict[str, Any]:
        """Return the program as JSON: specifications as text, and every argument but secrets."""
        return {
            "function": self.function,
            "model": _text(self.model),
            "data": _text(self.data),
            "metric": [str(metric) for metric in self.metrics],
            "task": self.task,
            "eqn": _text(self.equation),
            "splits": list(self.splits) if self.splits else None,
            "arguments": {
                name: self.options.given.get(name, argument.default)
                for name, argument in table.items()
                if name not in NAMED_APART | SECRET
            },
        }

    def identity(self, table: Table) -> dict[str, Any]:
        """Return what makes this program this one: not where it writes, nor how it reports."""
        saved = self.saved(table)
        saved["arguments"] = {
            name: value for name, value in saved["arguments"].items() if table[name].identity
        }
        return saved


def build_program(
    function: str,
    given: Mapping[str, Any],
    suppliers: Letters,
    tasks: Mapping[str, str],
    predict_only: Mapping[str, str],
) -> Program:
    """Return the program that `given` arguments, under their present names, make.

    `tasks` and `predict_only` (tasks that only predict) map every spelling (lower-case, with `_`
    for `-`) to the canonical name. Raises `UserError` with every
    mistake found in specifications and equation.
    """
    mistakes = Mistakes()
    specs: dict[str, list[Spec]] = {"model": [], "data": [], "metric": []}
    for name, found in specs.items():
        written = given.get(name) or ()
        for text in [written] if isinstance(written, str) else written:
            with mistakes.collect():
                found.append(parse_spec(str(text), suppliers))
                if name != "metric":
                    _check_search(function, name, found[-1].is_search, found[-1])
    for name in SEVERAL_SPECS:
        if len(specs[name]) > 1 and function not in TAKES_SEVERAL:
            mistakes.add(
                f"gft_{function} takes one --{name}, found {len(specs[name])}: "
                f"{listed(map(str, specs[name]), 4)}"
            )
    equation = task = None
    with mistakes.collect():
        if given.get("eqn") is not None:
            equation = parse_equation(str(given["eqn"]))
            task = _canonical_task(function, equation.task, tasks, predict_only)
    with mistakes.collect():
        if given.get("task") is not None:
            named = str(given["task"]).partition(":")[2] or str(given["task"])
            search = named.startswith((CONTAINS, INFER))
            _check_search(function, "task", search, given["task"])
            # A search of models may be for a task that only the hub has.
            free = any(spec.is_search for spec in specs["model"])
            chosen = (
                None
                if named == "default" or search
                else _canonical_task(function, named, tasks, predict_only, free)
            )
            if chosen and task and chosen != task:
                raise UserError(
                    f"--task names {named}, but the equation names {equation.task}"
                    if equation
                    else ""
                )
            task = task or chosen
    splits = None
    with mistakes.collect():
        if given.get("splits") is not None:
            splits = _splits(given["splits"])
    mistakes.raise_any()
    config = given.get("dataset_config_name")
    return Program(
        function=function,
        models=tuple(specs["model"]),
        datas=tuple(replace(one, config=one.config or config) for one in specs["data"]),
        metrics=tuple(specs["metric"]),
        task=task,
        equation=equation,
        splits=splits,
        options=Options(given),
    )


def _check_search(function: str, name: str, is_search: bool, written: object) -> None:
    """Raise `UserError` where a search stands for a name."""
    if is_search and function != "summary":
        raise UserError(
            f"--{name} {written} is a search: gft_summary --{name} {written} lists its results; "
            f"name one of them in gft_{function}"
        )


def _canonical_task(
    function: str,
    name: str,
    tasks: Mapping[str, str],
    predict_only: Mapping[str, str],
    free: bool = False,
) -> str:
    """Return the task's name; one that is none as it is written where it is `free`."""
    folded = name.strip().lower().replace("-", "_").replace(" ", "_")
    folded = TRANSLATES.sub("translation", folded)
    if folded in tasks:
        return tasks[folded]
    if folded in predict_only and function in APPLIES:
        return predict_only[folded]
    if folded in predict_only:
        raise UserError(
            f"{predict_only[folded]} only predicts; use gft_predict --task {predict_only[folded]}"
        )
    if free:
        return name
    known = {**tasks, **predict_only} if function in APPLIES else tasks
    raise UserError(no_such("task", name, sorted(set(known.values())), spellings=known))


def _splits(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    if not all(names) or len(names) > 3:
        raise UserError(
            f"--splits {text}: expected up to three names, train,val,test, "
            f"such as train,validation,test or train,{SELECT_FROM_TRAIN},test"
        )
    return names


def _text(thing: object) -> str | None:
    return None if thing is None else str(thing)
