"""The tasks and arguments that are installed, found through entry points.

Ours are registered as a stranger's would be: one line in a `pyproject.toml`. The modules they
name must be light at the top: a framework is imported where it is used, and modules of arguments
are read before `--help` answers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, TypeVar

from gft import notes
from gft.errors import GftError, listed
from gft.language.argument import Arguments, Reads, Table, TaskArguments, merged, rows
from gft.registered import Registered

if TYPE_CHECKING:
    from gft.language.program import Options, Program
    from gft.predict_only.protocol import PredictOnly
    from gft.tasks.protocol import Task


Made_co = TypeVar("Made_co", covariant=True)


class Reader(Protocol):
    """A task, or its class, as far as it reads arguments."""

    @property
    def name(self) -> str:
        """The task's canonical name."""
        ...

    @property
    def reads(self) -> Reads:
        """The tables of arguments that act in it."""
        ...


class Configurable(Reader, Protocol[Made_co]):
    """The same where it takes them."""

    def configured(self, options: Options, /) -> Made_co:
        """Return the task with the settings that were given."""
        ...


def configured(task: Configurable[Made_co], program: Program) -> Made_co:
    """Return a task with the settings that a program gives it; raises what the task raises.

    A note tells of each argument that was given and that nothing reads in this function and task.
    """
    for name in sorted(program.options.given):
        if not acts(name, program.function, task):
            notes.note(_without_effect(name, program.function, task))
    return task.configured(program.options)


def acts(name: str, function: str, task: Reader) -> bool:
    """Say whether an argument of a function is read there when it has this task."""
    owners = _owners(name, function)
    return not owners or bool(owners & set(reads(task)))


def reads(task: Reader) -> Reads:
    """Return the tables of arguments that act in a task."""
    from gft.tasks.options import Batches

    return task.reads if task.name in predict_only() else (*task.reads, Batches)


@cache
def _owners(name: str, function: str) -> frozenset[type[TaskArguments]]:
    """Return the tables through which an argument acts, none if that does not depend on a task."""
    owners = set()
    for table in tables():
        if any(row.name == name and function in row.functions for row in rows(table)):
            if not issubclass(table, TaskArguments):
                return frozenset()
            owners.add(table)
    return frozenset(owners)


def _without_effect(name: str, function: str, task: Reader) -> str:
    """Return the note that an argument does nothing in a task."""
    kinds: list[Reader] = [*tasks().values(), *predict_only().values()]
    homes = sorted(kind.name for kind in kinds if acts(name, function, kind))
    if task.name in homes:  # single-label, say, and this one is multi-label
        left = getattr(task, "left", "")
        return f"--{name} has no effect on {task.name} where the left of ~ is {left}"
    return f"--{name} belongs to {listed(homes, len(homes))}; it has no effect on {task.name}"


@cache
def tables() -> tuple[type[Arguments], ...]:
    """Return every table of arguments, in the order of the modules that declare them.

    Raises `GftError` where an installation has none.
    """
    modules: Registered[Any] = Registered("gft.options")
    found = tuple(
        one
        for module in modules.values()
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, Arguments)
        if one.__module__ == module.__name__
    )
    if not found:
        raise GftError("gft's entry points are missing or old: install it again (pip install -e .)")
    return found


@cache
def arguments() -> Table:
    """Return every argument by its name. Raises `GftError` where two packages disagree on one."""
    return merged(tables())


class Named(Protocol):
    """A class of tasks, as far as it says what they are called."""

    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]]


Kind_co = TypeVar("Kind_co", bound=Named, covariant=True)


class _ByName(Registered[Kind_co]):
    """Classes of tasks by their canonical names, those of their entry points."""

    def _checked(self, name: str, loaded: Any) -> Kind_co:
        found: Kind_co = loaded
        if found.name != name:
            raise GftError(f"an entry point named {name} is the task {found.name}: name both alike")
        return found


@cache
def tasks() -> Mapping[str, type[Task]]:
    """Return every task by its canonical name."""
    return _ByName("gft.tasks")


@cache
def predict_only() -> Mapping[str, type[PredictOnly]]:
    """Return every task that only predicts by its canonical name."""
    return _ByName("gft.predict_only")


@cache
def task_names() -> Mapping[str, str]:
    """Return the canonical name for each spelling of a task, lower-case with `_`."""
    return _Spellings(tasks())


@cache
def predict_only_names() -> Mapping[str, str]:
    """Return the same for tasks that only predict."""
    return _Spellings(predict_only())


class _Spellings(Mapping[str, str]):
    """Canonical names by their spellings; no task is imported to find a name written in full."""

    def __init__(self, kinds: Mapping[str, type[Task] | type[PredictOnly]]) -> None:
        self._kinds = kinds

    @cached_property
    def _every(self) -> dict[str, str]:
        return {
            spelling.lower().replace("-", "_"): name
            for name, kind in self._kinds.items()
            for spelling in (name, *kind.aliases)
        }

    def __getitem__(self, spelling: str) -> str:
        return spelling if spelling in self._kinds else self._every[spelling]

    def __iter__(self) -> Iterator[str]:
        return iter(self._every)

    def __len__(self) -> int:
        return len(self._every)
