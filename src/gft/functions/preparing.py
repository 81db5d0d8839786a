"""Everything that is checked before a weight is loaded: data, columns, labels, model, disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.adapters.lora import LORA
from gft.adapters.options import LoraOptions
from gft.cells.columns import Columns
from gft.cells.missing import check_labels, wanted
from gft.cells.missing_codes import likely_missing_values, ordinary_in, warning_of
from gft.cells.names import read as read_names
from gft.cells.reading import read_columns
from gft.data.compact import Cells
from gft.data.labels import Golds
from gft.data.overlap import Overlap
from gft.data.partition import Partition
from gft.data.roles import Roles, assign_roles
from gft.data.table import DataSet, Rows
from gft.engine.options import HandedOn
from gft.engine.trackers import check_trackers
from gft.errors import Mistakes, UserError
from gft.folder import OutputFolder
from gft.functions.checking import bare_columns_of, giveaways_of
from gft.functions.correcting import Corrected, corrected_by
from gft.functions.keeping import check_keepable
from gft.functions.loading import about_effects, check_trainable, trainable
from gft.functions.model_fields import with_settings
from gft.functions.options import Fitting, Scoring
from gft.functions.output import check_disk, check_writable
from gft.functions.overlaps import overlaps_with_train
from gft.functions.rows_of_fit import (
    drawn,
    golds_of_roles,
    golds_of_splits,
    groups_of_roles,
    limited,
    subgroups_of_roles,
)
from gft.functions.scores import check_scores
from gft.functions.splits import drawn_sizes
from gft.functions.without_net import check_options, is_without_net, reads_texts, why_a_model
from gft.inputs.vocabulary import tokens_beyond
from gft.language.equation import Equation
from gft.language.options import Shared
from gft.language.program import Options, Program
from gft.metrics.positive import about
from gft.metrics.protocol import Array, Measure, Metric
from gft.metrics.subgroups import ByColumn
from gft.metrics.table import choose_merit, choose_metrics
from gft.opening import open_data, open_source
from gft.registry import arguments, configured, tasks
from gft.request import ModelRequest
from gft.suppliers.linear_model import NoModel
from gft.tasks.options import LabelMap

if TYPE_CHECKING:
    from gft.engine.placed_model import PlacedModel
    from gft.suppliers.protocol import ModelSource
    from gft.tasks.protocol import Readied, Task


@dataclass(frozen=True)
class Prepared:
    """Everything that is checked before a weight is loaded."""

    program: Program
    equation: Equation
    data: DataSet
    partition: Partition
    rows: dict[str, Rows]
    golds: dict[str, Cells]
    source: ModelSource
    task: Task
    processor: Any
    request: ModelRequest
    metrics: list[Metric]
    merit: Measure
    folder: OutputFolder
    groups: dict[str, Array]
    overlaps: dict[str, Overlap]
    by: dict[str, list[ByColumn]]
    cells: Mapping[str, Any]
    """Arguments that the cells of the data show, as if they had been given: `decimal`."""
    corrected: Corrected | None = None
    """What `--corrections` has changed."""
    of_part: bool = False
    """Whether only a part of train is fitted, for a learning curve."""

    @property
    def fingerprint(self) -> str:
        """What changes when the data does, or what corrections say of it."""
        found = self.data.fingerprint()
        return found if self.corrected is None else f"{found}+{self.corrected.digest}"

    def original_train(self) -> tuple[Rows, str]:
        """Return the rows of train with the data's own cells, and the split that they are in."""
        split = self.partition.parts["train"].split
        data = read_names(self.equation, self.data.original or self.data)
        return data.splits[split].select(self.rows["train"].numbers()), split

    def program_record(self, placed: PlacedModel) -> dict[str, Any]:
        """Return what a checkpoint says of the program it belongs to."""
        return {
            "identity": self.program.identity(arguments()),
            "fingerprint": self.fingerprint,
            "precision": placed.precision.name,
            "fast_path": placed.verdict,
        }


def prepare(
    program: Program, folder: OutputFolder, mistakes: Mistakes, in_memory: DataSet | None = None
) -> Prepared:
    """Check what can be checked without weights. Raises `UserError` with all `mistakes`."""
    netless = is_without_net(program)
    _check_needed(program, program.data or in_memory, mistakes)
    mistakes.attempt(check_trackers, program.options.of(HandedOn).report_to)
    mistakes.attempt(check_writable, folder.path)
    mistakes.raise_any()
    assert program.equation is not None
    scoring, task_type = program.options.of(Scoring), tasks()[str(program.task)]
    data = mistakes.attempt(open_data, program, in_memory)
    source = NoModel() if netless else mistakes.attempt(open_source, program)
    if source is not None and not netless:
        mistakes.attempt(check_trainable, source, program.options)
    if data is None:
        mistakes.raise_any()
    assert data is not None
    roles = mistakes.attempt(assign_roles, data, program.splits, drawn_sizes(program.options))
    columns = mistakes.attempt(
        read_columns, program.equation, data, task_type, program.options, scoring.group
    )
    mistakes.raise_any()
    assert source is not None and roles is not None and columns is not None
    equation, data = columns.equation, columns.data
    notes.note(*roles.notes)
    columns.noting(*bare_columns_of(task_type, columns)).tell()
    mistakes.attempt(_check_left, columns, roles.train, scoring.group)
    mistakes.raise_any()
    task = None
    with mistakes.collect():
        bound = task_type.bind(equation, data, roles.rows(data, equation.left))
        task = configured(bound, program)
        check_keepable(program.options, task, folder)
    own, target = (task or task_type).metrics, (task or task_type).target
    trusted = program.options.of(Shared).trust_remote_code
    metrics = mistakes.attempt(choose_metrics, program.metrics, own, target, trusted)
    mistakes.raise_any()
    assert task is not None and metrics is not None
    notes.warn(*_about_labels(data, equation, task, roles, program.options))
    met = task.adapt(source.config)
    request = with_settings(met.request, program.options, source.config)
    labels = golds_of_splits(met.task, data, roles.names().values())
    partition = drawn(data, roles, labels, met.task, scoring.group)
    data, labels, corrected = _as_corrected(columns, met.task, labels, partition, program.options)
    used = limited(data, partition, met.task, program.options)
    task = met.task.seen(labels[partition.parts["train"].split].values)
    task = task.learned(used["train"], golds_of_roles(labels, partition, used)["train"])
    metrics, merit = _judged(metrics, task, program)
    _check_room(folder, source, program.options, task, used)
    notes.note(*(() if netless else (*met.notes, about_effects(source, task))))
    lora = program.options.of(LoraOptions).peft == LORA
    task, made = _ready(task, source, used, request, lora)
    if made.task is not task:  # It may read labels in another way, such as in capitals alone.
        labels = golds_of_splits(made.task, data, labels)
    return Prepared(
        program,
        equation,
        data,
        partition,
        made.rows,
        golds_of_roles(labels, partition, made.rows),
        source,
        made.task,
        made.processor,
        made.request or request
        if netless
        else trainable(program.options, made, made.request or request, merit, source),
        metrics,
        merit,
        folder,
        groups_of_roles(made.rows, scoring.group),
        overlaps_with_train(made.task, partition, made.rows, scoring.group),
        subgroups_of_roles(made.rows, data, partition, program.options),
        columns.found,
        corrected,
    )


def _check_needed(program: Program, data: object, mistakes: Mistakes) -> None:
    """Add mistakes for what a fit lacks: a model only where there is something to read for it."""
    equation, netless = program.equation, is_without_net(program)
    needed = {"model": program.model or netless, "data": data, "eqn": equation}
    for name in [name for name, value in needed.items() if not value]:
        why = mistakes.attempt(why_a_model, equation) if name == "model" and equation else ""
        if why is not None:
            mistakes.add(f"gft_fit needs --{name}{why}")
    if netless:
        mistakes.attempt(check_options, program.options)
    elif equation is not None and not reads_texts(equation):
        mistakes.add(
            f"--model {program.model} has no text to read in '{equation}': numbers and "
            "categories alone are fitted without --model; or add a column of text"
        )


def _check_room(
    folder: OutputFolder,
    source: ModelSource,
    options: Options,
    task: Task,
    used: Mapping[str, Rows],
) -> None:
    check_disk(folder, source, options)
    check_scores(task, used)


def _as_corrected(
    columns: Columns,
    task: Task,
    labels: dict[str, Golds],
    partition: Partition,
    options: Options,
) -> tuple[DataSet, dict[str, Golds], Corrected | None]:
    """Return data and its gold values as `--corrections` has them, and what that changed.

    What is drawn is drawn by then, from the labels as they were: metrics before and after a
    correction are of the same rows.
    """
    made = corrected_by(columns, options, partition)
    if made is None:
        return columns.data, labels, None
    labels = golds_of_splits(task, made.columns.data, labels)
    made.check_known(labels, partition)
    return made.columns.data, labels, made


def _ready(
    task: Task, source: ModelSource, used: Mapping[str, Rows], request: ModelRequest, lora: bool
) -> tuple[Task, Readied]:
    """Return the task as it works with the model's processor, and what it makes of the rows.

    With `lora` a model's embeddings stay as they are.
    """
    processor = source.processor()
    task = task.with_processor(processor, source.generation)
    made = task.ready(processor, request.config(source.config), used, request)
    notes.note(*made.notes)
    more = 0 if lora else tokens_beyond(made.processor, request.config(source.config))
    if more and made.request is not None:
        known = source.config["vocab_size"]
        notes.note(
            f"the tokenizer has {more:,} tokens and the model {known:,}: the others get "
            "new embeddings"
        )
        made = replace(made, request=replace(made.request, tokens=more))
    return task, made


def _judged(
    metrics: Sequence[Metric], task: Task, program: Program
) -> tuple[list[Metric], Measure]:
    """Return the metrics, about the class that the task says, and the selection metric."""
    found = about(task.measuring(metrics), task.about)
    better = program.options.of(Fitting).better_figure_of_merit
    requested = program.options.of(Scoring).figure_of_merit
    return found, choose_merit(found, task.labels, program.metrics, requested, better)


def _check_left(columns: Columns, train: str | None, group: str | None) -> None:
    if group is not None and group in columns.equation.left:
        raise UserError(
            f"--group {group} is the label itself: train and val would have no class in common; "
            "name a column that says which rows belong together, such as their author"
        )
    check_labels(columns, train)


def _about_labels(
    data: DataSet, equation: Equation, task: Task, roles: Roles, options: Options
) -> list[str | None]:
    """Return warnings of labels that look like missing values, and of what gives labels away."""
    missing = _looks_missing(data, equation, task, options)
    train = None if roles.train is None else data.splits[roles.train]
    given = [] if train is None else giveaways_of(train, equation, type(task))
    return [missing, *(one.message for one in given)]


def _looks_missing(data: DataSet, equation: Equation, task: Task, options: Options) -> str | None:
    """Return a warning of labels that look like missing values, but those of `--label_map`."""
    mapped = {pair.rpartition("=")[0].strip() for pair in options.of(LabelMap).label_map or ()}
    found = [
        one for one in likely_missing_values(data, equation, task.target) if one.value not in mapped
    ]
    ordinary = ordinary_in(found, data, equation)
    return warning_of(found, task.target.numeric, wanted(options), ordinary)
