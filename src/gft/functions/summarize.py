"""`summary`: what is in a data set, a model, a task or a fitted folder; what a hub has."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from gft import notes
from gft.cells.missing import wanted
from gft.cells.reading import read_columns
from gft.data.checks import check_named_columns
from gft.data.folders import path_of
from gft.data.roles import assign_roles
from gft.data.table import DataSet
from gft.errors import Mistakes, UserError, no_such
from gft.functions.options import Scoring, Summarizing, Writing
from gft.functions.search import search
from gft.language.options import Written
from gft.language.program import Program
from gft.language.spec import Spec
from gft.markup import printable
from gft.opening import on_disk, open_data, open_source
from gft.record_file import read_record
from gft.registry import tasks
from gft.report.of_compatibility import compatibility_text
from gft.report.of_data import data_text
from gft.report.of_model import model_text
from gft.report.of_problems import problems_text
from gft.report.of_search import FoundRows, FoundTasks
from gft.report.summary import fit_text
from gft.results.data_facts import DataFacts, describe_data
from gft.results.fitted import read_fit
from gft.results.model_facts import describe_model
from gft.suppliers.installed import parse, supplier_of
from gft.suppliers.local import MODEL_FILES
from gft.suppliers.protocol import ModelSource

if TYPE_CHECKING:
    from gft.results.compatibility import Compatibility

FORMATS = ("table", "tsv", "json")


class Part(NamedTuple):
    """One thing that there is something to say of: what returns it as JSON, and for people."""

    saved: Callable[[], Any]
    text: Callable[[], str]


Parts = dict[str, Part]


def summarize(
    program: Program, words: tuple[str, ...] = (), in_memory: DataSet | None = None
) -> str:
    """Return what there is to say of what a program and `words` name.

    A table or lines of facts; `--format json` an object with each part by name (for
    several words a list of them); for a search whose output is no terminal, rows with tabs.
    """
    form = program.options.of(Writing).format
    if form not in (None, *FORMATS):
        raise UserError(f"--format {form}: gft_summary writes table, tsv (of searches) or json")
    searched = search(program, alone=not words and in_memory is None)
    if searched:
        return _of_search(searched, form)
    if form == "tsv":
        raise UserError("--format tsv is for searches; a summary is written as table or json")
    _note_idle(program)
    mistakes = Mistakes()
    several = [mistakes.attempt(_of_word, word, program) for word in words]
    several.append(mistakes.attempt(_of_program, program, in_memory))
    mistakes.raise_any()
    found = [parts for parts in several if parts]
    if not found:
        raise UserError(
            "gft_summary needs a folder, --data, --model or --task; "
            "--model H:__contains__WORD searches"
        )
    if form == "json":
        saved = [{name: part.saved() for name, part in parts.items()} for parts in found]
        return _json(saved if len(saved) > 1 else saved[0])
    return printable(lambda: "\n".join(part.text() for parts in found for part in parts.values()))


def _of_search(found: dict[str, FoundRows | FoundTasks], form: str | None) -> str:
    if form == "json":
        return _json({name: rows.saved() for name, rows in found.items()})
    plain = form == "tsv" or (form is None and not sys.stdout.isatty())
    if plain:
        return "".join(rows.lines() for rows in found.values())
    return printable(lambda: "".join(rows.text() for rows in found.values()))


def _json(thing: Any) -> str:
    return json.dumps(thing, indent=1, ensure_ascii=False) + "\n"


def _of_program(program: Program, in_memory: DataSet | None) -> Parts:
    """Return what there is to say of `--data`, `--model`, both together, and `--task`."""
    parts: Parts = {}
    mistakes = Mistakes()
    source, data = None, in_memory
    if program.model is not None:
        source = mistakes.attempt(open_source, program)
    if program.data is not None and data is None:
        data = mistakes.attempt(open_data, program)
    if data is not None and program.equation is not None:
        with mistakes.collect():
            program, data = _with_columns_read(program, data)
    if data is not None and program.splits is not None:
        mistakes.attempt(assign_roles, data, program.splits)
    mistakes.raise_any()
    if data is not None:
        tokenizer = _tokenizer(source) if source is not None else None
        about = _describe(data, source, tokenizer)
        parts["data"] = _of_data(about)
    if source is not None:
        parts.update(_of_model(source, program.options.of(Writing).plot))
    together = None
    if source is not None and data is not None:
        from gft.functions.compatibility import compatibility

        together = compatibility(program, source, tokenizer, data, about)
        parts["together"] = Part(partial(asdict, together), partial(compatibility_text, together))
    if data is not None and program.equation is not None and program.task in tasks():
        if program.equation.covariates:
            parts["covariates"] = _covariates(program, data, about.split)
        parts["warnings"] = _warnings(program, data, together, about.split)
    if program.options.of(Written).task and program.task is not None:
        from gft.report.of_task import task_text
        from gft.results.task_facts import describe_task

        task = describe_task(program.task, _model_of_task(program))
        parts["task"] = Part(lambda: task, partial(task_text, task))
    return parts


def _with_columns_read(program: Program, data: DataSet) -> tuple[Program, DataSet]:
    """Return a program whose equation names every column, and its data as the task reads it."""
    assert program.equation is not None
    if program.task not in tasks():  # One that only predicts takes columns as they are.
        check_named_columns(program.equation, data)
        return program, data
    task_type = tasks()[str(program.task)]
    columns = read_columns(program.equation, data, task_type, program.options)
    from gft.functions.checking import bare_columns_of

    columns.noting(*bare_columns_of(task_type, columns)).tell()
    return replace(program, equation=columns.equation), columns.data


def _model_of_task(program: Program) -> Spec | None:
    """Return the model that gft_predict takes for the task, None if it has none."""
    with suppress(UserError):  # the message comes where a model is needed
        from gft.functions.inputs import default_model

        return default_model(program)
    return None


def _covariates(program: Program, data: DataSet, split: str) -> Part:
    """Return what there is to say of the numbers and categories of an equation, in a split."""
    from gft.report.of_covariates import covariates_text
    from gft.results.covariate_facts import describe_covariate

    equation = program.equation
    assert equation is not None
    kinds = dict(zip(equation.inputs, tasks()[str(program.task)].kinds_of(equation), strict=True))
    terms = {
        name: tuple(dict.fromkeys(str(one) for one in equation.factors if one.column == name))
        for name, task_type in kinds.items()
        if task_type.is_covariate
    }
    found = [
        describe_covariate(data.splits[split], name, kinds[name], term_names)
        for name, term_names in terms.items()
        if name in data.splits[split].columns
    ]
    return Part(lambda: [one.saved() for one in found], partial(covariates_text, found, split))


def _warnings(program: Program, data: DataSet, together: Compatibility | None, split: str) -> Part:
    """Return what is wrong with data for the equation. Raises `UserError` of it if `--strict`."""
    from gft.functions.checking import problems_of, refused, with_truncated_rows

    assert program.equation is not None
    equation, roles = program.equation, assign_roles(data, program.splits)
    task_type, group = tasks()[str(program.task)], program.options.of(Scoring).group
    if group is not None and not any(group in rows.columns for rows in data.splits.values()):
        name, rows = next(iter(data.splits.items()))
        raise UserError(f"--group: {no_such('column', group, rows.columns, name)}")
    problems = with_truncated_rows(
        problems_of(data, equation, task_type, roles.names(), wanted(program.options), group),
        together,
        split,
    )
    problems = [*refused(data, equation, task_type, roles), *problems]
    if problems and program.options.of(Summarizing).strict:
        raise UserError(*(problem.message for problem in problems))
    return Part(
        lambda: [asdict(problem) for problem in problems],
        partial(problems_text, equation, problems),
    )


def _note_idle(program: Program) -> None:
    """Say which arguments have no effect in this summary."""
    for name in ("topn", "fast_mode"):
        if name in program.options.given:
            notes.note(f"--{name} has no effect without a search (--model H:__contains__WORD)")
    if program.equation is not None and program.data is None:
        notes.note("--eqn has no effect without --data")
    if program.options.of(Summarizing).strict and (
        program.equation is None or program.data is None
    ):
        notes.note("--strict has no effect without --data and --eqn: nothing is checked")
    if program.options.of(Scoring).group and (program.equation is None or program.data is None):
        notes.note("--group has no effect without --data and --eqn: nothing is checked")


def _of_word(word: str, program: Program) -> Parts:
    """Return what a word names: a fitted folder, a file of data, or a model."""
    spec = parse(word)
    if spec.is_search:
        raise UserError(f"{word} is a search: --model {word}, --data {word} or --task {word}")
    spec = on_disk(spec, program.options)
    if supplier_of(spec).is_of_paths:
        folder = path_of(spec)
        unfinished = folder.is_dir() and any(folder.glob("checkpoint-*"))
        if not unfinished and not any((folder / name).is_file() for name in MODEL_FILES):
            data = open_data(replace(program, datas=(spec,)))
            return {"data": _of_data(describe_data(data))}
    try:
        source = open_source(replace(program, models=(spec,)))
        return _of_model(source, program.options.of(Writing).plot)
    except UserError as problem:
        raise UserError(f"{problem}; of a data set: gft_summary --data {word}") from problem


def _of_model(source: ModelSource, plot: bool) -> Parts:
    record = read_record(source.folder) if source.folder else None
    if record is not None and source.folder is not None:
        fit = read_fit(source.folder, record)
        return {"fit": Part(fit.saved, partial(fit_text, fit, plot))}
    model = describe_model(source)
    return {"model": Part(partial(asdict, model), partial(model_text, model))}


def _of_data(about: DataFacts) -> Part:
    return Part(partial(asdict, about), partial(data_text, about))


def _describe(data: DataSet, source: ModelSource | None, tokenizer: Any) -> DataFacts:
    """Return what is in a data set; its texts are measured in the tokens of a model, if named."""
    if source is None or tokenizer is None:
        return describe_data(data)
    from gft.inputs.beginnings import all_tokens
    from gft.model.predictors import longest

    def tokenized(texts: Sequence[str]) -> list[int]:
        around = tokenizer.num_special_tokens_to_add()
        return [len(ids) + around for ids in all_tokens(tokenizer, texts)]

    return describe_data(data, tokenized, longest(None, tokenizer, source.config))


def _tokenizer(source: ModelSource) -> Any:
    """Return the tokenizer of a model, None if it has none: it reads sound or images."""
    try:
        processor = source.processor()
    except UserError as problem:
        notes.note(f"texts are not measured in tokens: {problem}")
        return None
    return processor if hasattr(processor, "num_special_tokens_to_add") else None
