"""`Fit`: a model ready to be applied, whoever fitted it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.calling import spoken
from gft.cells.reading import read_inputs
from gft.covariates.unknown import UnknownCells
from gft.data.table import DataSet
from gft.errors import UserError, counted, listed
from gft.folder import METRICS
from gft.language.equation import Equation
from gft.language.program import Options, Program
from gft.markup import Printable, html_facts, printable
from gft.model.opened import open_model
from gft.model.predictors import load_weights, make_predictor

if TYPE_CHECKING:
    import torch

    from gft.engine.inference import Predicting
    from gft.engine.placed_model import PlacedModel
    from gft.tasks.protocol import Task


class Fit:
    """A model with its task: `fit.predict(rows)`, `fit.summary()`, `fit.model`."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.opened = open_model(program)

    @property
    def folder(self) -> Path | None:
        """The folder the model is in, None for a model of a hub."""
        return self.opened.source.folder

    @property
    def task(self) -> Task:
        """The task, with its columns and labels."""
        return self.opened.task

    @property
    def metrics(self) -> Mapping[str, Any]:
        """The metrics of the fit, as `metrics.json` has them; empty for other models."""
        from gft.results.fitted import read_metrics

        folder = self.folder
        if folder is None or not self.opened.record or not (folder / METRICS).is_file():
            return {}  # A model of a hub has its record alone.
        return read_metrics(folder)

    @property
    def model(self) -> torch.nn.Module:
        """The torch module, loaded at the first use; it may lack a tokenizer."""
        return self._placed.loaded.model

    @cached_property
    def predictor(self) -> Predicting:
        """What predicts, loaded at the first use."""
        return make_predictor(self.opened, self.program.options, lambda: self._placed)

    @cached_property
    def _placed(self) -> PlacedModel:
        return load_weights(self.opened, self.program.options)

    @spoken
    def predict(self, data: Any) -> list[Any]:
        """Return one prediction per row: a label for classify, a list of numbers for regress.

        `data` is a list of texts (one input column), of tuples (several) or of lists of words; a
        Series of pandas or polars or a numpy array of texts is the same as a list; several columns
        are a dict of lists, a data frame or a `DataSet` with the input columns. Images and sounds
        may be names of files, or Pillow's images, arrays, and sounds as
        `{"array": ..., "sampling_rate": ...}`.

        The predictions are a list in the order of the rows, whatever index a frame has:
        `frame["prediction"] = fit.predict(frame)`.
        """
        predictor = self.predictor
        if isinstance(data, DataSet):
            predictor = predictor.with_task(predictor.task.located(data.folder))
        found: list[Any] = []
        unknown = UnknownCells()
        for rows in _windows(data, self.task):
            predictor.task.check_rows(predictor.processor, rows, len(found) + 1, "row")
            unknown.add(predictor.task.unknown_cells(rows))
            predicted = predictor.rows(rows)
            scores = repeat(None) if predicted.scores is None else predicted.scores
            found += map(self.task.value, predicted.values, scores)
        notes.note(*unknown.messages())
        return found

    @spoken
    def push(self, name: str, **arguments: Any) -> str:
        """Push the fit to a hub, `push("NAME/MODEL", yes=True)`; return its address.

        It is private without `public=True`. What leaves is shown first and asked for on a terminal;
        elsewhere `yes=True` has to say it. Other arguments are those of `gft_push`. Raises
        `gft.UserError`.
        """
        from gft.language.command_line import normalize
        from gft.registry import arguments as table

        given = normalize("push", arguments, table()).given
        return push_fit(self, name, self.program.options.but(**given))

    @spoken
    def export(self, **arguments: Any) -> Any:
        """Write the model as an ONNX graph, compare it with the model, and keep it in the folder.

        `arguments` are those of `gft_export`: `precision` (`fp32`, `int8`), `output_dir`, `accept`,
        `data`, `split`. Returns what was found, whose `.text()` is what the command prints. Raises
        `gft.UserError` for a graph that answers otherwise than the model.
        """
        # The functions of the language stand above a model; this one is only handed to one.
        return import_module("gft.functions.export").export_fit(self, arguments)

    def __repr__(self) -> str:
        return f"<Fit of {self.program.model}: {'; '.join(self._facts().values())}>"

    def _repr_html_(self) -> str:
        return html_facts({"Model": str(self.program.model), **self._facts()})

    def _facts(self) -> dict[str, str]:
        """Return what is known of the model without loading it, by what it is about."""
        from gft.report.tables import number
        from gft.results.scored import called, split_that_counts

        task, metrics = self.task, self.metrics
        equation = self.opened.equation or Equation.of_columns(task.name, task.outputs, task.inputs)
        found = {"Task": str(equation)}
        if task.labels:
            found["Labels"] = listed(task.labels, 8)
        splits = metrics.get("splits") or {}
        if splits:
            role, merit = split_that_counts(metrics), metrics["figure_of_merit"]
            score = splits[role]["metrics"][merit]
            found["Metric"] = f"{called(merit, score)} {number(score['value'])} on {role}"
        return found

    def summary(self) -> Printable:
        """Return what `gft_summary` prints of this model."""
        from gft.report.of_model import model_text
        from gft.report.summary import fit_text
        from gft.results.fitted import read_fit
        from gft.results.model_facts import describe_model

        source, record = self.opened.source, self.opened.record
        if record is not None and source.folder is not None and self.metrics:
            fit = read_fit(source.folder, record)
            return printable(lambda: fit_text(fit))
        model = describe_model(source)
        return printable(lambda: model_text(model))


def push_fit(fit: Fit, name: str, options: Options) -> str:
    """Push a fit to the repository of a hub; return its address. Raises `UserError`."""
    from gft.publishing.push import push

    folder, record = fit.folder, fit.opened.record
    if folder is None or record is None or not (folder / METRICS).is_file():
        raise UserError(
            f"{fit.program.model} is not a fitted folder: gft_push takes the output folder of "
            "gft_fit"
        )
    return push(folder, record, fit.task, name, options)


def _windows(data: Any, task: Task) -> Iterator[dict[str, list[Any]]]:
    from gft.data.memory import from_memory, values_of
    from gft.engine.features import WINDOW

    inputs, data = task.inputs, values_of(data)
    if isinstance(data, str):
        data = [data]
    if isinstance(data, list | tuple):
        one = len(inputs) == 1 and task.input_kinds[0].of_lists
        rows = [(row,) if one or not isinstance(row, list | tuple) else row for row in data]
        wrong = next((row for row in rows if len(row) != len(inputs)), None)
        if wrong is not None:
            raise UserError(
                f"a row has {counted(len(wrong), 'input')}, expected "
                f"{len(inputs)}: {listed(inputs)}; a ready-made model takes as many as an equation "
                "names: gft.load(NAME, eqn='classify: label ~ a + b')"
            )
        columns = {name: [row[n] for row in rows] for n, name in enumerate(inputs)}
        for start in range(0, len(rows), WINDOW):
            yield {name: column[start : start + WINDOW] for name, column in columns.items()}
        return
    found = data if isinstance(data, DataSet) else from_memory(data)
    if found is None:
        raise UserError(f"predict takes texts, tuples or columns, not {type(data).__name__}")
    found = read_inputs(found, task)
    task.check_columns(found, found.splits)
    for split in found.splits.values():
        yield from split.batches(inputs, WINDOW)
