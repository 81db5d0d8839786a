"""`Fit`: a model ready to be applied, whoever fitted it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from importlib import import_module
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.calling import spoken
from gft.cells.covariates import DECIMAL
from gft.cells.options import CellForms
from gft.cells.reading import read_inputs
from gft.covariates.covariates import SETTINGS, Covariates
from gft.covariates.unknown import UnknownCells
from gft.data.numbers import POINT
from gft.data.table import DataSet
from gft.engine.options import Computing
from gft.errors import GftError, UserError, counted, listed
from gft.folder import METRICS, read_record
from gft.graphs.choice import FEW
from gft.graphs.files import FOLDER, TOKENIZER, Guide, read_guide
from gft.graphs.kept import LISTED, kept_guide
from gft.graphs.options import Running
from gft.graphs.pick import chosen, chosen_alone
from gft.graphs.runtimes import TORCH, installed
from gft.inputs.vocabulary import tokens_beyond
from gft.language.equation import Equation, Interaction, parse_equation
from gft.language.options import Shared
from gft.language.program import Options, Program
from gft.markup import Printable, html_facts, printable
from gft.opening import open_source
from gft.registry import configured, tasks
from gft.request import ModelRequest
from gft.suppliers.graph_model import GraphSource
from gft.suppliers.options import Tokenizing
from gft.suppliers.padding import counts_from_padding
from gft.tasks.options import Batches, TextLength

if TYPE_CHECKING:
    import torch

    from gft.covariates.effects import Effects
    from gft.engine.inference import Predicting, Predictor
    from gft.engine.placed_model import PlacedModel
    from gft.suppliers.protocol import ModelSource
    from gft.tasks.protocol import Task

LONGEST = 512


@dataclass(frozen=True)
class Opened:
    """A model that was found, with what is known of its task; no weight was asked for.

    `record` is the `gft.json` of a fitted folder, None for any other model; `guide` what is known
    of a graph that came without its model.
    """

    source: ModelSource
    task: Task
    record: Mapping[str, Any] | None
    equation: Equation | None
    guide: Guide | None = None

    def processor(self) -> Any:
        """Return the model's tokenizer, or processor; that of a graph without its model."""
        if self.guide is None or self.source.folder is None:
            return self.source.processor()
        from gft.graphs.tokenizing import GraphTokenizer

        return GraphTokenizer(self.source.folder / TOKENIZER, self.guide.tokenizer)


def open_model(program: Program) -> Opened:
    """Return the model of a program with its task: the one it was fitted for, or the one asked for.

    Raises `UserError` if there is no such model or no task.
    """
    source = open_source(program)
    if isinstance(source, GraphSource):
        return _opened_graph(program, source)
    record = read_record(source.folder) if source.folder else None
    if record is not None:
        task_type = tasks()[record["task"]["name"]]
        if program.task and program.task != task_type.name:
            raise UserError(
                f"{program.model} was fitted to {task_type.name}, not to {program.task}"
            )
        task, fitted = fitted_task(record, source)
        equation = program.equation or fitted
        task = configured(task.with_columns(equation), program)
        given = program.options.of(CellForms).decimal
        task = task.written(given or _decimal_of(record), certain=given is not None)
        return Opened(source, task, record, equation)
    _refuse_unknown_covariates(program, source)
    found = [
        task_type.of_model(source.config, program.equation)
        for name, task_type in tasks().items()
        if program.task in (None, name)
    ]
    fitting = [task for task in found if task is not None]
    if not fitting:
        heads = listed(source.config.get("architectures") or ["no head at all"])
        raise UserError(
            f"{program.model} ({heads}) has no head for {program.task or 'any task gft has'}; "
            "fit it first: gft_fit --model ..."
        )
    return Opened(source, configured(fitting[0], program), None, program.equation)


def _opened_graph(program: Program, source: GraphSource) -> Opened:
    """Return a graph that came without its model, with the task that its folder names."""
    assert source.folder is not None
    guide = read_guide(source.folder)
    kind = tasks().get(str(guide.task["name"]))
    if kind is None or (program.task and program.task != kind.name):
        asked = program.task or "any task gft has"
        name = guide.task["name"]
        raise UserError(f"{program.model} is a graph for {name}, not for {asked}: --task {name}")
    fitted = parse_equation(guide.equation) if guide.equation else None
    equation = program.equation or fitted
    task = kind.restore(guide.task)
    if fitted is not None:
        task = _with_covariates(task, fitted, source.folder)
    if equation is not None:
        task = task.with_columns(equation)
    task = configured(task, program)
    decimal = program.options.of(CellForms).decimal
    task = task.written(decimal or POINT, certain=decimal is not None)
    return Opened(source, task, None, equation, guide)


def _with_covariates(task: Task, equation: Equation, folder: Path) -> Task:
    """Return a task with what train taught about the covariates of an equation, if it has any."""
    if not equation.covariates:
        return task
    from gft.covariates.files import read_design

    design = read_design(folder / SETTINGS)
    return replace(task, covariates=Covariates(design.terms, design))


def _refuse_unknown_covariates(program: Program, source: ModelSource) -> None:
    """Raise `UserError` for a model without a record where it has covariates, or is to have some.

    Without them it would answer all the same, for other rows than these.
    """
    if source.has_file("covariates.json"):
        raise UserError(
            f"{program.model} has covariates, which only its fitted folder can read: copy the "
            "whole folder here, with its gft.json, and give C:FOLDER"
        )
    covariates = program.equation.covariates if program.equation else ()
    if covariates:
        named = listed([str(Interaction(term)) for term in covariates], 4)
        raise UserError(
            f"{program.model} has not learned {named}; leave it out of the equation, or fit the "
            "model with gft_fit first"
        )


def _decimal_of(record: Mapping[str, Any]) -> str:
    """Return the decimal mark of the data that a model was fitted to.

    It is that of lines and of cells of text: those of files are read by what stands in them.
    """
    fitted = record["data"].get("cells", {}).get(DECIMAL)
    asked = record["program"].get("arguments", {}).get("decimal")
    return fitted or asked or POINT


def fitted_task(record: Mapping[str, Any], source: ModelSource) -> tuple[Task, Equation]:
    """Return the task of a fitted folder, and the equation that it was fitted to.

    It has what train taught about covariates, if it has any. Raises `UserError`.
    """
    task = tasks()[record["task"]["name"]].restore(record["task"])
    equation = parse_equation(record["program"]["eqn"])
    if source.folder is not None:
        task = _with_covariates(task, equation, source.folder)
    return task.with_columns(equation), equation


def load_weights(opened: Opened, options: Options) -> PlacedModel:
    """Load a model, ready to compute; a tokenizer is not needed for that.

    Raises `UserError` if the head would be newly made: such a model knows nothing.
    """
    from gft.engine.effects import attach
    from gft.engine.placed_model import place_model
    from gft.engine.trial import recall

    effects = effects_of(opened)
    loaded = opened.source.load(ModelRequest(opened.task.head))
    if loaded.new_weights:
        raise UserError(
            f"{opened.source.spec} has no trained head ({listed(loaded.new_weights, 4)} would be "
            "made at random), so its predictions would mean nothing; fit it first with gft_fit"
        )
    if effects is not None:
        attach(loaded.model, effects)
    placed = place_model(loaded, options, trained=False)
    placed.model.eval()
    recall(placed, (opened.record or {}).get("fast_path"))
    return placed


def effects_of(opened: Opened) -> Effects | None:
    """Return the effects that a fitted folder has for its covariates. Raises `UserError`."""
    from gft.covariates.files import read_effects

    folder, covariates = opened.source.folder, opened.task.covariates
    saved = opened.guide.task if opened.guide else (opened.record or {}).get("task")
    if folder is None or covariates is None or saved is None:
        return None
    return read_effects(folder, covariates.fitted_design, saved["labels"])


def make_predictor(
    opened: Opened,
    options: Options,
    weights: Callable[[], PlacedModel] | None = None,
    rows: int = FEW,
) -> Predicting:
    """Return what predicts as fit did: a graph that stands for the model, or the model.

    A graph is taken where it has answered so many `rows` first, or is asked for. The weights of a
    net are loaded by `weights` if given. Raises `UserError` if the model came without a
    tokenizer, or without a trained head, or has no graph where one is asked for.
    """
    from gft.engine.without_net import netless

    model = opened.source.without_net()
    if model is not None:
        if options.of(TextLength).max_length is not None:
            notes.note("--max_length has no effect on a linear model, which counts no tokens")
        labels = (opened.record or {"task": {}})["task"].get("labels", ())
        return netless(opened.task, model, str(opened.source.spec), labels)
    return graph_predictor(opened, options, rows) or net_predictor(opened, options, weights)


def graph_predictor(opened: Opened, options: Options, rows: int) -> Predicting | None:
    """Return what predicts with a graph of the model, None where the model itself is to.

    Raises `UserError` where a graph is asked for that there is none of.
    """
    asked, precision = options.of(Running).runtime, options.of(Computing).precision
    guide, folder, name = opened.guide, opened.source.folder, str(opened.source.spec)
    if guide is not None and folder is not None:
        use: tuple[str, str] | None = chosen_alone(guide, asked, precision, rows, name)
    else:
        if asked == TORCH:
            return None
        shared, tokenizing = options.of(Shared), options.of(Tokenizing)
        if not (shared.tokenizer_name_or_path or tokenizing.base_model):
            folder, guide = _kept_graph(opened)
        use = chosen(guide, asked, precision, rows, name)
    if use is None or guide is None or folder is None:
        return None
    from gft.graphs.opening import open_graph

    length, size = options.of(TextLength).max_length, options.of(Batches)
    try:
        return open_graph(
            folder,
            guide,
            opened.task,
            use,
            effects_of(opened),
            length,
            size.per_device_eval_batch_size,
            options.of(Computing).cores,
        )
    except UserError:
        raise
    except GftError as problem:
        if asked is not None or precision == "int8" or opened.guide is not None:
            raise
        notes.warn(f"the model itself is used, not its graph: {problem}")
        return None


def _kept_graph(opened: Opened) -> tuple[Path | None, Guide | None]:
    """Return the folder of a fit's graphs and what is known of them, None where it has none.

    Those of a fit on a hub are downloaded, where something here can run them; that they are of its
    weights is certain, as both are of one commit.
    """
    record, source = opened.record, opened.source
    if source.folder is None or not record or not record.get(LISTED):
        return None, None
    elsewhere = "repository" in source.origin
    if elsewhere and not installed():
        return None, None
    folder = source.with_files(record[LISTED]["files"]) if elsewhere else source.folder
    if folder is None:
        return None, None
    return folder / FOLDER, kept_guide(folder, record, with_model=not elsewhere)


def net_predictor(
    opened: Opened, options: Options, weights: Callable[[], PlacedModel] | None = None
) -> Predictor:
    """Return what predicts with a net. Raises what `make_predictor` does."""
    from gft.engine.inference import Predictor

    processor = opened.source.processor()  # Before a weight is asked for.
    task = opened.task.with_processor(processor, opened.source.generation)
    ready = weights() if weights else load_weights(opened, options)
    ready.loaded.processor = processor
    fitted = (opened.record or {}).get("max_length")
    asked = options.of(TextLength).max_length or fitted
    limit = longest(asked, processor, opened.source.config, opened.task.longest)
    config = opened.source.config
    known = config["vocab_size"] if tokens_beyond(processor, config) else None
    size = options.of(Batches).per_device_eval_batch_size
    return Predictor(task, ready, limit, size, known)


def longest(
    asked: int | None, processor: Any, config: Mapping[str, Any], of_task: int = LONGEST
) -> int:
    """Return the longest text in tokens: as asked, else the model's limit, at most the task's.

    0 for a task that counts no tokens, whatever is asked.
    Raises `UserError` if more is asked for than the model has positions.
    """
    if not of_task:
        return 0
    limits = [getattr(processor, "model_max_length", of_task)]
    positions = config.get("max_position_embeddings")
    if positions is None and config.get("model_type") != "t5":
        positions = config.get("n_positions")  # as GPT-2 and its kin call it; T5 has no limit
    if positions:
        # RoBERTa and its kin begin to count positions after the padding token's number.
        counted = counts_from_padding(config.get("model_type"))
        offset = (config.get("pad_token_id", 1) or 0) + 1 if counted else 0
        limits.append(positions - offset)
    limit = int(min(limits))
    if asked is not None and asked > limit:
        raise UserError(f"--max_length {asked}: the model takes at most {limit} tokens")
    return asked or min(limit, of_task)


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
