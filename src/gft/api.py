"""The functions of the language for Python: the arguments are those of the commands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.language.command_line import normalize
from gft.language.program import Program, build_program
from gft.model import Fit
from gft.registry import predict_only_names, supplier_names, task_names

if TYPE_CHECKING:
    from gft.data.table import DataSet
    from gft.functions.evaluate import Evaluation
    from gft.functions.evaluate_several import Failed
    from gft.functions.suggest import Suggestion
    from gft.report.plan import Plan


def fit(**arguments: Any) -> Fit:
    """Fine-tune a model and return it.

    `model`, `data`, `eqn`, `output_dir` and every other argument of `gft_fit`. `data` is a
    specification (`H:glue,qqp`), a data frame, a `datasets.Dataset(Dict)`, a dict of lists, or a
    dict of any of these by split. Raises `gft.UserError` with every mistake found.
    """
    from gft.functions.fit import fit as run

    program, data = _program("fit", arguments)
    return run(program, data)


def plan(**arguments: Any) -> Plan:
    """Check the arguments of `fit` and return what it would do; `print` it. Nothing is written."""
    from gft.functions.plan import plan as run

    program, data = _program("fit", arguments)
    return run(program, data)


def load(spec: str, **arguments: Any) -> Fit:
    """Open any model: a fitted folder (`C:FOLDER`) or a ready-made one (`H:NAME`)."""
    program, _ = _program("predict", {"model": spec, **arguments})
    return Fit(program)


def predict(**arguments: Any) -> list[Any]:
    """Return the predictions of `model` for `data`: texts, tuples, columns or a split."""
    data = arguments.pop("data", None)
    program, _ = _program("predict", arguments)
    if isinstance(data, str):
        from gft.data.table import DataSet

        split = program.options.split
        loaded = load_data(data, splits=arguments.get("splits"))
        chosen = loaded.splits[split or next(iter(loaded.splits))]
        data = DataSet(loaded.name, {"train": chosen}, folder=loaded.folder)
    return Fit(program).predict(data)


def evaluate(**arguments: Any) -> Evaluation | list[Evaluation | Failed]:
    """Score a model on a split: `evaluate(model=..., data=..., split=...)`.

    Returns an `Evaluation`; `.results` are figures with their 95 % intervals. For a list of
    models, or of data sets, it is a list, for each data set the best model first, the others with
    a `.comparison` to it; one that could not be scored is a `Failed` with a `.reason`.
    """
    from gft.functions.evaluate import evaluate as run
    from gft.functions.evaluate_several import evaluate_each, is_several

    program, data = _program("eval", arguments)
    if is_several(program):
        return evaluate_each(program, data)
    return run(program, data)


def load_data(data: Any, **arguments: Any) -> DataSet:
    """Return a data set: `.splits` by name, each with `.columns` and `.column(name)`."""
    from gft.registry import suppliers

    program, found = _program("cat_data", {"data": data, **arguments})
    if found is not None:
        return found
    assert program.data is not None
    return suppliers()[program.data.supplier].data(program.data, program.options)


def suggest(file: str, **arguments: Any) -> Suggestion:
    """Look at a file of your own and return the `gft_fit` that it suggests.

    `.text()` is what `gft_init` prints, `.command()` the line alone; `.words`, `.reasons` and
    `.problems` are its parts. Raises `gft.UserError` if nothing can be suggested.
    """
    from gft.functions.suggest import suggest as run

    program, _ = _program("init", arguments)
    return run(program, (file,))


def summary(thing: Any = None, **arguments: Any) -> str:
    """Return what `gft_summary` prints: of a folder or name, of `data=`, of `model=`."""
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


def _program(function: str, arguments: Mapping[str, Any]) -> tuple[Program, DataSet | None]:
    """Return the program that keyword arguments make, and data that came as an object."""
    notes.speak_as(f"gft.{function}")
    given = {name: value for name, value in arguments.items() if value is not None}
    data = None
    if "data" in given and not _is_named(given["data"]):
        from gft.data.memory import from_memory

        data = from_memory(given["data"])
        # The content is the name: the same rows are the same program.
        given["data"] = str(given["data"]) if data is None else f"C:memory/{data.fingerprint()}"
    parsed = normalize(function, given)
    program = build_program(
        function, parsed.given, supplier_names(), task_names(), predict_only_names()
    )
    for text in parsed.notes:
        notes.note(text)
    return program, data
