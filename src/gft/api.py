"""The functions of the language for Python: the arguments are those of the commands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import events, notes
from gft.calling import spoken
from gft.errors import UserError
from gft.language.command_line import normalize
from gft.language.program import Program, build_program
from gft.model.fit import Fit
from gft.opening import located
from gft.registry import arguments, predict_only, predict_only_names, task_names
from gft.suppliers.installed import letters

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from gft.data.table import DataSet
    from gft.functions.evaluate import Evaluation
    from gft.functions.evaluate_several import Failed
    from gft.functions.suggest import Suggestion
    from gft.report.plan import Plan, PlanWithoutNet


@spoken
def fit(*, watch: events.Subscriber | None = None, **arguments: Any) -> Fit:
    """Fine-tune a model and return it.

    `model`, `data`, `eqn`, `output_dir` and every other argument of `gft_fit`. `data` is a
    specification (`H:glue,qqp`), a data frame, a `datasets.Dataset(Dict)`, a dict of lists, or a
    dict of any of these by split. Raises `gft.UserError` with every mistake found.

    `watch` is called with each event (`gft.events`): a `Step`, an `Evaluated` of val, a `Note`. It
    may raise `gft.Stop`: then the training is saved, `gft.Interrupted` is raised as after Ctrl-C,
    and the same call resumes from there.
    """
    from gft.functions.fit import fit as run

    with events.also_to(*([watch] if watch else [])):
        program, data = _program("fit", arguments)
        return run(program, data)


@spoken
def plan(**arguments: Any) -> Plan | PlanWithoutNet:
    """Check the arguments of `fit` and return what it would do; `print` it. Nothing is written."""
    from gft.functions.fit import plan as run

    program, data = _program("fit", arguments)
    return run(program, data)


@spoken
def load(spec: str, **arguments: Any) -> Fit:
    """Open any model: a fitted folder (`C:FOLDER`) or a ready-made one (`H:NAME`)."""
    program, _ = _program("predict", {"model": spec, **arguments})
    return Fit(program)


@spoken
def predict(**arguments: Any) -> list[Any]:
    """Return the predictions of `model` for `data`: texts, tuples, columns or a specification.

    Of a specification it is the `split` that `gft_predict` reads; of a `task` without `model`, its
    default model. Raises `gft.UserError`.
    """
    from gft.data.table import DataSet
    from gft.functions.inputs import chosen_split, with_model

    data = arguments.pop("data", None)
    if isinstance(data, str):
        arguments["data"] = data
    program, _ = _program("predict", arguments)
    if program.task in predict_only():
        raise UserError(
            f"{program.task} reads lines, in a shell: `gft_predict --task {program.task}`; "
            "gft.predict takes the tasks that are fitted"
        )
    for name in ("keep", "format"):
        if name in program.options.given:
            notes.note(f"--{name} has no effect: predictions are a list in the order of the rows")
    fit = Fit(with_model(program))
    if isinstance(data, str):
        opened = fit.opened
        chosen = chosen_split(fit.program, opened.record, opened.source.folder, opened.task)
        assert chosen is not None
        data = DataSet(chosen.data.name, {"train": chosen.rows}, folder=chosen.data.folder)
    return fit.predict(data)


@spoken
def evaluate(**arguments: Any) -> Evaluation | list[Evaluation | Failed]:
    """Score a model on a split: `evaluate(model=..., data=..., split=...)`.

    Returns an `Evaluation`; `.results` are metrics with their 95 % intervals. For a list of
    models, or of data sets, it is a list, for each data set the best model first, the others with
    a `.comparison` to it; one that could not be scored is a `Failed` with a `.reason`.
    """
    from gft.functions.evaluate import evaluate as run
    from gft.functions.evaluate_several import evaluate_each, is_several

    program, data = _program("eval", arguments)
    if is_several(program):
        return evaluate_each(program, data)
    return run(program, data)


@spoken
def serve(*models: str, **arguments: Any) -> None:
    """Answer requests over HTTP until Ctrl-C or SIGTERM: `serve("C:FOLDER", port=9000)`.

    Each of `models` is a specification, or `NAME=C:FOLDER`; the arguments are those of
    `gft_serve`. Raises `gft.UserError`.
    """
    from gft.serving.serve import serve as run

    run(_program("serve", arguments)[0], models)


@spoken
def serve_app(*models: str, **arguments: Any) -> Starlette:
    """Return what `serve` serves: an application of Starlette's, to be mounted in another one.

    The models are loaded; `app.state.service.close()` ends its threads. Raises `gft.UserError`.
    """
    from gft.serving.serve import app

    return app(_program("serve", arguments)[0], models)


@spoken
def load_data(data: Any, **arguments: Any) -> DataSet:
    """Return a data set: `.splits` by name, each with `.columns` and `.column(name)`."""
    from gft.opening import open_data

    return open_data(*_program("cat_data", {"data": data, **arguments}))


@spoken
def suggest(file: str | os.PathLike[str], **arguments: Any) -> Suggestion:
    """Look at a file of your own and return the `gft_fit` that it suggests.

    `.text()` is what `gft_init` prints, `.command()` the line alone; `.words`, `.reasons` and
    `.problems` are its parts. Raises `gft.UserError` if nothing can be suggested.
    """
    from gft.errors import UserError
    from gft.functions.suggest import suggest as run

    if not isinstance(file, str | os.PathLike):
        raise UserError(
            "suggest: expected the path of a file; write the table to one first, such as with "
            "table.to_csv('data.csv', index=False)"
        )
    program, _ = _program("init", arguments)
    return run(program, (os.fspath(file),))


@spoken
def summary(thing: Any = None, **arguments: Any) -> str:
    """Return what `gft_summary` prints: of a folder or name, of `data=`, of `model=`.

    It is a text, of which a notebook shows the tables as such.
    """
    from gft.functions.summarize import summarize

    words: tuple[str, ...] = ()
    if isinstance(thing, str):
        words = (thing,)
    elif thing is not None:
        arguments["data"] = thing
    program, data = _program("summary", arguments)
    return summarize(program, words, data)


def _is_named(data: Any) -> bool:
    """Say whether data is given by its name, or several by theirs."""
    several = isinstance(data, list | tuple) and data
    return all(isinstance(one, str) for one in data) if several else isinstance(data, str)


def _program(function: str, written: Mapping[str, Any]) -> tuple[Program, DataSet | None]:
    """Return the program that keyword arguments make, and data that came as an object."""
    given = {name: value for name, value in written.items() if value is not None}
    data = None
    if "data" in given and not _is_named(given["data"]):
        from gft.data.memory import from_memory

        data = from_memory(given["data"])
        if data is None and not isinstance(given["data"], Path):
            raise UserError(
                f"data is of the type {type(given['data']).__name__}; expected a name such as "
                "H:glue,qqp or C:reviews.csv, a data frame, a datasets.Dataset, a dict of lists, "
                "or a dict of these by split"
            )
        # The content is the name: the same rows are the same program.
        path = given["data"] if data is None else f"memory/{data.fingerprint()}"
        given["data"] = f"{letters().of_paths}:{path}"
    parsed = normalize(function, given, arguments())
    program = build_program(function, parsed.given, letters(), task_names(), predict_only_names())
    notes.note(*parsed.notes)
    return located(program), data
