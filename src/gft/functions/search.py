"""Searches: `L:__contains__bert`, and models that fit a data set or a task: `L:__infer__`."""

from __future__ import annotations

from gft import notes
from gft.errors import UserError, listed
from gft.language.options import Written
from gft.language.program import Program
from gft.language.spec import CONTAINS, INFER, Spec
from gft.registry import predict_only, tasks
from gft.report.of_search import FoundRows, FoundTasks
from gft.suppliers.installed import letters, parse, supplier_of, suppliers
from gft.suppliers.options import Searching
from gft.suppliers.protocol import Search, Supplier

REPOSITORY_TYPES = {"model": "model", "data": "dataset"}
CALLED = {"model": "models", "data": "data sets"}


def task_searched(program: Program) -> Spec | None:
    """Return the search that `--task` is, None if it is none."""
    text = program.options.of(Written).task
    if not text or not text.partition(":")[2].startswith((CONTAINS, INFER)):
        return None
    return parse(text)


def search(program: Program, alone: bool = True) -> dict[str, FoundRows | FoundTasks]:
    """Return what the search of a program finds, by what it looked for; empty if it has none.

    `alone` says that there is nothing beside the program. Raises `UserError` for a search
    that nobody can answer.
    """
    requested = {
        name: spec
        for name, spec in (("model", program.model), ("data", program.data))
        if spec is not None and spec.is_search
    }
    of_tasks = task_searched(program)
    if len(requested) + (of_tasks is not None) > 1:
        raise UserError("one search at a time: --model, --data or --task")
    if (requested or of_tasks) and not alone:
        raise UserError("a search takes no other arguments: leave out the rest")
    if of_tasks is not None:
        if program.model is not None or program.data is not None:
            raise UserError(
                f"--task {of_tasks} cannot be combined with --model or --data: leave them out"
            )
        return {"tasks": _tasks(of_tasks)}
    return {
        f"{REPOSITORY_TYPES[name]}s": _listed(program, name, spec)
        for name, spec in requested.items()
    }


def _listed(program: Program, name: str, spec: Spec) -> FoundRows:
    supplier = supplier_of(spec)
    if not supplier.searched:
        others = [
            f"{one.letter}:{spec.key} searches {one.searched}"
            for one in suppliers().values()
            if one.searched
        ]
        raise UserError(
            f"--{name} {spec}: {spec.supplier} has no list to search; {', '.join(others)}, and ls "
            "shows files of your own"
        )
    # Some names have a comma in them, which stands before configurations elsewhere.
    part = str(spec).partition(":")[2].removeprefix(CONTAINS).strip()
    inferred = spec.key.startswith(INFER)
    tags = _tags(program, spec, supplier) if name == "model" else ()
    if inferred and not tags:
        raise UserError(_needs(name, spec))
    if name == "data" and (program.model is not None or program.task is not None):
        raise UserError(f"--data {spec} cannot be combined with --model or --task: leave them out")
    options = program.options
    requested = options.of(Searching)
    wanted = Search(
        REPOSITORY_TYPES[name], "" if inferred else part, tags, requested.topn, requested.fast_mode
    )
    rows, more = supplier.search(wanted, options)
    about = f" with {part!r} in the name" if part and not inferred else ""
    about = f" with a tag {' or '.join(tags)}" if tags and not about else about
    if not rows:
        notes.note(f"{supplier.names[0]} has no {CALLED[name].removesuffix('s')}{about}")
    elif more:
        notes.note(f"there are more than {len(rows):,} {CALLED[name]}; --topn N lists more")
    return FoundRows(REPOSITORY_TYPES[name], rows, requested.fast_mode)


def _tags(program: Program, spec: Spec, supplier: Supplier) -> tuple[str, ...]:
    """Return the tags of models that were trained on the program's data, or for its task."""
    data = program.data
    if not supplier.has_tags:
        if spec.key.startswith(INFER) or data is not None or program.task is not None:
            raise UserError(
                f"--model {spec}: {supplier.names[0]} does not say what its models were trained "
                f"on or for; --model {spec.supplier}:{CONTAINS}WORD alone searches by name, and "
                f"--model {letters().usual}:{INFER} asks the hub"
            )
        return ()
    if data is not None and program.task is not None:
        raise UserError("a search of models takes --data or --task, not both")
    if data is not None:
        return supplier.tags_of_data(data, program.options)
    if program.task is not None:
        typed = str(program.options.of(Written).task or program.task)
        task_type = tasks().get(program.task) or predict_only().get(program.task)
        others = (task_type.name, *task_type.aliases) if task_type else ()
        return supplier.tags_of_task((typed.rpartition(":")[2], *others))
    return ()


def _needs(name: str, spec: Spec) -> str:
    usual = letters().usual
    if name == "data":
        return (
            f"--data {spec}: data sets cannot be inferred; gft_summary --model {usual}:NAME names "
            f"those that a model was trained on, and --data {usual}:{CONTAINS}WORD searches by name"
        )
    return (
        f"--model {spec} needs --data {usual}:NAME (models trained on it) or --task NAME "
        "(models for it)"
    )


def _tasks(spec: Spec) -> FoundTasks:
    usual = letters().usual
    if spec.supplier != usual or not spec.key.startswith(CONTAINS):
        raise UserError(
            f"--task {spec} cannot be searched; --task {usual}:{CONTAINS}WORD finds tasks by name, "
            "and gft_summary --model NAME says what a model can do"
        )
    part = spec.key.removeprefix(CONTAINS).lower().replace("-", "_")
    names = [
        name
        for name, task_type in tasks().items()
        if any(part in one.lower().replace("-", "_") for one in (name, *task_type.aliases))
    ]
    if not names:
        notes.note(f"no task has {part!r} in any of its names; available: {listed(tasks())}")
    return FoundTasks(names)
