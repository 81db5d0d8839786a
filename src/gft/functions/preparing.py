"""Everything that is checked before a weight is asked for: data, columns, labels, model, disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gft import notes
from gft.adapters.layers import lora_targets, trained_whole
from gft.adapters.lora import LORA, adapted, add_lora, check_lora, merge
from gft.adapters.options import LoraOptions
from gft.cells.columns import Columns
from gft.cells.missing import check_labels, wanted
from gft.cells.names import read as read_names
from gft.cells.reading import read_columns
from gft.cells.suspects import suspects_on_left, warning_of
from gft.data.compact import Cells
from gft.data.groups import groups_of
from gft.data.labels import Golds
from gft.data.overlap import Overlap
from gft.data.partition import Partition, draw
from gft.data.roles import Roles, assign_roles
from gft.data.table import DataSet, Rows
from gft.engine import checkpoints
from gft.engine.options import HandedOn
from gft.engine.trackers import check_trackers
from gft.errors import Mistakes, UserError, counted, listed
from gft.folder import OutputFolder
from gft.functions.checking import giveaways_of
from gft.functions.correcting import Corrected, corrected_by
from gft.functions.keeping import check_keepable
from gft.functions.missing_classes import missing_classes
from gft.functions.model_fields import freeze, with_settings
from gft.functions.options import Fitting, Scoring
from gft.functions.overlaps import overlaps_with_train
from gft.functions.splits import about_drawing, drawn_sizes
from gft.functions.subgroups import subgroups
from gft.functions.truncation import truncated
from gft.inputs.features import Unread
from gft.inputs.vocabulary import check_known, tokens_beyond
from gft.language.equation import Equation
from gft.language.options import Shared
from gft.language.program import Options, Program
from gft.metrics.positive import about
from gft.metrics.protocol import Array, Figure, Metric
from gft.metrics.subgroups import ByColumn
from gft.metrics.table import choose_merit, choose_metrics
from gft.model import longest
from gft.opening import open_data, open_source
from gft.registry import arguments, configured, tasks
from gft.request import ModelRequest
from gft.storage.space import existing, free_bytes, in_words
from gft.tasks.options import LabelMap, TextLength
from gft.tasks.together import together

if TYPE_CHECKING:
    from gft.engine.features import FeatureStore
    from gft.engine.in_place import InPlace
    from gft.suppliers.protocol import Loaded, ModelSource
    from gft.tasks.protocol import Readied, Task


@dataclass(frozen=True)
class Prepared:
    """Everything that is checked before a weight is asked for."""

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
    merit: Figure
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

    def program_record(self, placed: InPlace) -> dict[str, Any]:
        """Return what a checkpoint says of the program it belongs to."""
        return {
            "identity": self.program.identity(arguments()),
            "fingerprint": self.fingerprint,
            "precision": placed.precision.name,
            "fast_path": placed.verdict,
        }


@dataclass(frozen=True)
class EncodedSplits:
    """The splits as the model reads them, and what it does not read of each."""

    stores: dict[str, FeatureStore]
    unread: dict[str, Unread]
    max_length: int


def prepare(
    program: Program, folder: OutputFolder, mistakes: Mistakes, in_memory: DataSet | None = None
) -> Prepared:
    """Check what can be checked without weights. Raises `UserError` with all `mistakes`."""
    needed = {"model": program.model, "data": program.data or in_memory, "eqn": program.equation}
    for name in [name for name, value in needed.items() if value is None]:
        mistakes.add(f"gft_fit needs --{name}")
    mistakes.attempt(check_trackers, program.options.of(HandedOn).report_to)
    mistakes.attempt(_check_writable, folder.path)
    mistakes.raise_any()
    assert program.equation is not None
    scoring, kind = program.options.of(Scoring), tasks()[str(program.task)]
    data = mistakes.attempt(open_data, program, in_memory)
    source = mistakes.attempt(open_source, program)
    if source is not None:
        mistakes.attempt(_check_trainable, source, program.options)
    if data is None:
        mistakes.raise_any()
    assert data is not None
    roles = mistakes.attempt(assign_roles, data, program.splits, drawn_sizes(program.options))
    columns = mistakes.attempt(
        read_columns, program.equation, data, kind, program.options, scoring.group
    )
    mistakes.raise_any()
    assert source is not None and roles is not None and columns is not None
    equation, data = columns.equation, columns.data
    notes.note(*roles.notes)
    columns.tell()
    mistakes.attempt(_check_left, columns, roles.train, scoring.group)
    mistakes.raise_any()
    task = None
    with mistakes.collect():
        bound = kind.bind(equation, data, roles.rows(data, equation.left))
        task = configured(bound, program)
        check_keepable(program.options, task, folder)
    own, target = (task or kind).metrics, (task or kind).target
    trusted = program.options.of(Shared).trust_remote_code
    metrics = mistakes.attempt(choose_metrics, program.metrics, own, target, trusted)
    mistakes.raise_any()
    assert task is not None and metrics is not None
    notes.warn(*_about_labels(data, equation, task, roles, program.options))
    met = task.adapt(source.config)
    request = with_settings(met.request, program.options, source.config)
    labels = golds_of_splits(met.task, data, roles.names().values())
    partition = _drawn(data, roles, labels, met.task, scoring.group)
    data, labels, corrected = _as_corrected(columns, met.task, labels, partition, program.options)
    used = _limited(data, partition, met.task, program.options)
    task = met.task.seen(labels[partition.parts["train"].split].values)
    task = task.learned(used["train"], _golds(labels, partition, used)["train"])
    metrics, merit = _judged(metrics, task, program)
    _check_disk(folder, source, program.options)
    notes.note(*met.notes)
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
        _golds(labels, partition, made.rows),
        source,
        made.task,
        made.processor,
        _trainable(program.options, made, made.request or request, merit, source),
        metrics,
        merit,
        folder,
        _groups(made.rows, scoring.group),
        overlaps_with_train(made.task, partition, made.rows, scoring.group),
        _by(made.rows, data, partition, program.options),
        columns.found,
        corrected,
    )


def _as_corrected(
    columns: Columns,
    task: Task,
    labels: dict[str, Golds],
    partition: Partition,
    options: Options,
) -> tuple[DataSet, dict[str, Golds], Corrected | None]:
    """Return data and its gold values as `--corrections` has them, and what that changed.

    What is drawn is drawn by then, from the labels as they were: figures before and after a
    correction are of the same rows.
    """
    made = corrected_by(columns, options, partition)
    if made is None:
        return columns.data, labels, None
    labels = golds_of_splits(task, made.columns.data, labels)
    made.check_known(labels, partition)
    return made.columns.data, labels, made


def _trainable(
    options: Options, made: Readied, asked: ModelRequest, merit: Figure, source: ModelSource
) -> ModelRequest:
    """Return what is asked of the model. Raises `UserError` where it cannot be trained so."""
    from gft.engine.refused import check_training

    rows = made.rows
    check_training(
        options,
        len(rows["train"]),
        "val" in rows,
        merit,
        str(source.spec),
        lambda: _skeleton(source, asked),
    )
    return asked


def _skeleton(source: ModelSource, request: ModelRequest) -> Any:
    """Return the layers of a model, without weights."""
    import torch

    with torch.device("meta"):
        return source.untrained(request).model


def _ready(
    task: Task, source: ModelSource, used: Mapping[str, Rows], request: ModelRequest, lora: bool
) -> tuple[Task, Readied]:
    """Return the task as it works with the model's processor, and what it makes of the rows.

    With `lora` a model's embeddings stay as they are.
    """
    processor = source.processor()
    task = task.meeting(processor, source.generation)
    made = task.ready(processor, request.config(source.config), used, request)
    notes.note(*made.notes)
    more = 0 if lora else tokens_beyond(made.processor, request.config(source.config))
    if more and made.request is not None:
        known = source.config["vocab_size"]
        notes.note(
            f"the tokenizer has {more:,} tokens and the model {known:,}: the embeddings of the "
            "others are made afresh"
        )
        made = replace(made, request=replace(made.request, tokens=more))
    return task, made


def _judged(metrics: Sequence[Metric], task: Task, program: Program) -> tuple[list[Metric], Figure]:
    """Return the metrics, about the class that the task says, and the figure of merit."""
    found = about(metrics, task.about)
    better = program.options.of(Fitting).better_figure_of_merit
    asked = program.options.of(Scoring).figure_of_merit
    return found, choose_merit(found, task.labels, program.metrics, asked, better)


def _drawn(
    data: DataSet, roles: Roles, labels: Mapping[str, Golds], task: Task, group: str | None
) -> Partition:
    """Return which rows play which role, and note what belongs together."""
    partition = draw(data, roles, labels, together(task, group), task.target.stratified)
    notes.note(*about_drawing(partition, group))
    if group is not None:
        notes.warn(*missing_classes(data, partition, labels, task, group))
    return partition


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
        one for one in suspects_on_left(data, equation, task.target) if one.value not in mapped
    ]
    return warning_of(found, task.target.numeric, wanted(options))


def _golds(
    labels: Mapping[str, Golds], partition: Partition, used: Mapping[str, Rows]
) -> dict[str, Cells]:
    """Return the gold values of the rows of each role."""
    return {
        role: labels[partition.parts[role].split].of(rows.numbers()) for role, rows in used.items()
    }


def _groups(used: Mapping[str, Rows], name: str | None) -> dict[str, Array]:
    """Return the groups of the rows of val and test, empty without `--group`."""
    found = {role: groups_of(rows, name, role) for role, rows in used.items() if role != "train"}
    return {role: groups for role, groups in found.items() if groups is not None}


def _by(
    used: Mapping[str, Rows], data: DataSet, partition: Partition, options: Options
) -> dict[str, list[ByColumn]]:
    """Return the values of `--by` in the rows of val and test."""
    found = {
        role: subgroups(options, rows, data, partition.parts[role].split, role)
        for role, rows in used.items()
        if role != "train"
    }
    if options.of(Scoring).by is not None and not found:
        notes.note("--by has no effect: neither val nor test is scored")
    return found


def golds_of_splits(task: Task, data: DataSet, names: Iterable[str]) -> dict[str, Golds]:
    """Return the gold values of the splits that have columns for them, by name."""
    rows = {name: data.splits[name] for name in dict.fromkeys(names) if name in data.splits}
    return {
        name: task.golds_of(some)
        for name, some in rows.items()
        if set(task.outputs) <= some.columns.keys()
    }


def _limited(data: DataSet, partition: Partition, task: Task, options: Options) -> dict[str, Rows]:
    """Return the rows to train on and to score by role, no more than are asked for."""
    found = {role: partition.rows(data, role) for role in partition.parts}
    for role, count in partition.without_label().items():
        if count and len(found[role]):
            notes.note(f"left out of {role}: {counted(count, 'row')} without a label")
    rows, limits = {}, {"train": options.of(Fitting).max_train_samples}
    for role, every in found.items():
        limit = limits.get(role, options.of(Scoring).max_eval_samples)
        if not len(every):
            if role == "train":
                raise UserError(f"no row of train has a label in {listed(task.outputs)}")
            notes.note(f"no row of {role} has a label: it is not scored")
            continue
        rows[role] = every.select(range(limit)) if limit and limit < len(every) else every
    _check_patience(options, rows)
    return rows


def _check_patience(options: Options, used: Mapping[str, Rows]) -> None:
    if options.of(Fitting).early_stopping_patience is None:
        return
    if options.of(HandedOn).eval_strategy == "no" or "val" not in used:
        why = "there is no val split" if "val" not in used else "--eval_strategy is no"
        raise UserError(f"--early_stopping_patience needs scorings of val, and {why}")


def _check_trainable(source: ModelSource, options: Options) -> None:
    check_lora(options, source.origin)
    model = source.without_net()
    if model is not None:
        raise UserError(
            f"{source.spec} is no net but a {model.what}, which every gft_fit fits anew as a "
            "baseline; --model takes a net"
        )


def _check_writable(path: Path) -> None:
    parent = existing(path)
    if not parent.is_dir():
        raise UserError(f"--output_dir {path}: {parent} is a file")
    if not os.access(parent, os.W_OK):
        raise UserError(f"--output_dir {path}: {parent} cannot be written to")


def _check_disk(folder: OutputFolder, source: ModelSource, options: Options) -> None:
    """Raise `UserError` if three checkpoints and the model of each fit do not fit on the disk.

    What gft wrote into the folder before makes room for them.
    """
    weights = source.weight_bytes()
    if not weights:
        return
    fitting = options.of(Fitting)
    beside = (fitting.seeds or 0) + (3 if fitting.learning_curve else 0)
    needed = checkpoints.bytes_needed(weights, options) + beside * weights
    free = free_bytes(folder.path) + folder.replaced_bytes()
    if free < needed:
        raise UserError(
            f"--output_dir {folder.path}: {in_words(free)} are free there and "
            f"{in_words(needed)} are needed (three checkpoints and the model)"
        )


def encode(prepared: Prepared) -> EncodedSplits:
    """Return every split in tokens; a note tells of rows that are truncated."""
    from gft.engine.features import encode_split

    processor, asked = prepared.processor, prepared.program.options.of(TextLength).max_length
    limit = longest(asked, processor, prepared.source.config, prepared.task.longest)
    stores, unread = {}, {}
    beyond = not prepared.request.tokens and tokens_beyond(processor, prepared.source.config)
    for role, rows in prepared.rows.items():
        stores[role], unread[role], empty = encode_split(
            prepared.task, processor, rows, prepared.golds[role], limit
        )
        if beyond:
            every = (stores[role][n] for n in range(len(stores[role])))
            check_known(every, prepared.source.config["vocab_size"], processor)
        if empty:
            notes.note(f"{empty} of {len(rows)} rows of {role} have no text at all; they are kept")
        if unread[role].rows:
            notes.note(truncated(unread[role], prepared.task.too_long(limit), role, len(rows)))
    return EncodedSplits(stores, unread, limit)


def load_to_train(prepared: Prepared, untrained: bool = False) -> Loaded:
    """Return the model to train, with random weights if `untrained`; with LoRA if it is wanted.

    A model that is an adapter is merged with the one it is for. Raises `UserError`, before a
    weight is asked for, when there are no such layers to adapt.
    """
    source, request, options = prepared.source, prepared.request, prepared.program.options
    if options.of(LoraOptions).lora_target_modules:
        skeleton = _skeleton(source, request)
        whole = trained_whole(skeleton, request.head, ())
        lora_targets(skeleton, options.of(LoraOptions).lora_target_modules, str(source.spec), whole)
    loaded = (source.untrained if untrained else source.load)(request)
    if adapted(loaded.model):
        merge(loaded.model)
    loaded.processor = prepared.processor
    freeze(loaded.model, options)
    if options.of(LoraOptions).peft == LORA:
        add_lora(
            loaded.model, request.head, loaded.new_weights, options, source.origin, str(source.spec)
        )
    return loaded
